"""What is the latency of requests that come at a fixed rate, whatever the server does?

An open loop: the moment of every request is drawn beforehand (a Poisson process), and a late reply
delays no request. Latency is counted from the intended moment to the last byte of the reply, so
that a server that stops for a second is seen by all who came in that second. Plain sockets and one
selector, one thread; connections are kept and, where all are busy, opened.

Kept generators were tried with a server that stops 1 s of 10 s at 500 requests a second, where p95
must come out as 0.5 s and p99 as 0.9 s: h2load --rps, ab, hey, autocannon and Locust wait for the
reply before they send again, and miss it; wrk corrects its figures afterwards; npm's loadtest
passes, at a resolution of 1 ms.
"""

import random
import selectors
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from hdrh.histogram import HdrHistogram

MICROSECONDS = 1_000_000
HIGHEST_MICROSECONDS = 3600 * MICROSECONDS
MOST_CONNECTIONS = 400
SIGNIFICANT_DIGITS = 3
PATIENCE_SECONDS = 10.0  # after the last intended moment


def histogram() -> HdrHistogram:
    """Return an empty histogram of microseconds; two of them can be added."""
    return HdrHistogram(1, HIGHEST_MICROSECONDS, SIGNIFICANT_DIGITS)


def schedule(rate: float, seconds: float, seed: int) -> list[float]:
    """Return the moments of a Poisson process, in seconds from its start."""
    draw, moments, moment = random.Random(seed), [], 0.0
    while (moment := moment + draw.expovariate(rate)) < seconds:
        moments.append(moment)
    return moments


@dataclass
class Outcome:
    """What came of every request that was due."""

    due: int = 0
    answered: int = 0
    wrong: int = 0  # answered with another status
    failed: int = 0  # the connection broke, or no reply came
    seconds: float = 0.0
    connections: int = 0
    latency: HdrHistogram = field(default_factory=histogram)
    lateness: HdrHistogram = field(default_factory=histogram)  # of our own sending


class Connection:
    """One kept connection, and the request that is out on it."""

    def __init__(self, address: tuple[str, int]):
        self.socket = socket.create_connection(address, timeout=PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.received, self.intended = b"", 0.0

    def send(self, request: bytes, intended: float) -> None:
        """Send a request; it is small, and the connection idle, so that it fits whole."""
        self.received, self.intended = b"", intended
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Take what came; return whether the reply is whole, raise OSError when it never will."""
        piece = self.socket.recv(262_144)
        if not piece:
            raise ConnectionError("closed before the reply was whole")
        self.received += piece
        head, end, body = self.received.partition(b"\r\n\r\n")
        return bool(end) and is_whole(head.lower(), body)

    @property
    def status(self) -> bytes:
        """Return the status of the reply."""
        return self.received[9:12]

    @property
    def stays(self) -> bool:
        """Tell whether the server keeps the connection."""
        return b"\r\nconnection: close" not in self.received.partition(b"\r\n\r\n")[0].lower()


def is_whole(head: bytes, body: bytes) -> bool:
    """Tell whether a reply is complete, by its length or by its last chunk."""
    length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
    if length.strip():
        return len(body) >= int(length)
    return body.endswith(b"0\r\n\r\n")


class Generator:
    """Sends one request at each of the moments, and takes down what comes of it."""

    def __init__(self, address: tuple[str, int], request: bytes, moments: Sequence[float]):
        self.address, self.request, self.moments = address, request, deque(moments)
        self.outcome = Outcome(due=len(moments))
        self.idle: list[Connection] = []
        self.busy: dict[int, Connection] = {}
        # Not epoll, which counts its patience in whole milliseconds.
        self.selector = selectors.SelectSelector()

    def run(self) -> Outcome:
        """Do it; return once every request has its reply, or has waited too long for it."""
        began = time.perf_counter()
        last = self.moments[-1] if self.moments else 0.0
        try:
            while self.moments or self.busy:
                now = time.perf_counter() - began
                if now > last + PATIENCE_SECONDS:
                    break
                self.send_due(now, began)
                self.take(self.wait_seconds(time.perf_counter() - began), began)
        finally:
            self.outcome.seconds = time.perf_counter() - began
            self.outcome.failed += len(self.moments) + len(self.busy)
            for connection in [*self.idle, *self.busy.values()]:
                connection.socket.close()
            self.selector.close()
        return self.outcome

    def wait_seconds(self, now: float) -> float:
        """Return how long a reply may be waited for until the next request is due."""
        return max(0.0, self.moments[0] - now) if self.moments and self.can_send else 0.05

    @property
    def can_send(self) -> bool:
        """Tell whether there is a connection for one more request."""
        return bool(self.idle) or len(self.busy) < MOST_CONNECTIONS

    def send_due(self, now: float, began: float) -> None:
        """Send every request whose moment has come, as far as connections go."""
        while self.moments and self.moments[0] <= now and self.can_send:
            intended = self.moments.popleft()
            connection = None
            try:
                connection = self.idle.pop() if self.idle else self.opened()
                connection.send(self.request, intended)
            except OSError:
                self.outcome.failed += 1
                if connection:
                    self.close(connection)
                continue
            self.busy[connection.socket.fileno()] = connection
            now = time.perf_counter() - began
            record(self.outcome.lateness, now - intended)

    def opened(self) -> Connection:
        """Return a new connection."""
        connection = Connection(self.address)
        self.selector.register(connection.socket, selectors.EVENT_READ, connection)
        self.outcome.connections += 1
        return connection

    def take(self, wait_seconds: float, began: float) -> None:
        """Take the replies that have come."""
        for key, _ in self.selector.select(wait_seconds):
            connection: Connection = key.data
            try:
                whole = connection.receive()
            except BlockingIOError:
                continue
            except (OSError, ValueError):  # an idle connection closed, or a length that is none
                self.outcome.failed += self.busy.pop(key.fd, None) is not None
                self.close(connection)
                continue
            if whole and key.fd in self.busy:
                self.answered(connection, time.perf_counter() - began)

    def answered(self, connection: Connection, now: float) -> None:
        """Take down a whole reply."""
        del self.busy[connection.socket.fileno()]
        self.outcome.answered += 1
        self.outcome.wrong += connection.status != b"200"
        record(self.outcome.latency, now - connection.intended)
        if connection.stays:
            self.idle.append(connection)
        else:
            self.close(connection)

    def close(self, connection: Connection) -> None:
        """Let go of a connection."""
        if connection in self.idle:
            self.idle.remove(connection)
        self.selector.unregister(connection.socket)
        connection.socket.close()


def record(into: HdrHistogram, seconds: float) -> None:
    """Add a time to a histogram."""
    into.record_value(min(max(1, round(seconds * MICROSECONDS)), HIGHEST_MICROSECONDS))
