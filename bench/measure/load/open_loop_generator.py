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
MAX_MICROSECONDS = 3600 * MICROSECONDS
MAX_CONNECTIONS = 400
SIGNIFICANT_DIGITS = 3
REPLY_TIMEOUT_SECONDS = 10.0  # after the last intended moment


def create_histogram() -> HdrHistogram:
    """Return an empty histogram of microseconds; two of them can be added."""
    return HdrHistogram(1, MAX_MICROSECONDS, SIGNIFICANT_DIGITS)


def schedule(rate: float, seconds: float, seed: int) -> list[float]:
    """Return the moments of a Poisson process, in seconds from its start."""
    draw, moments, moment = random.Random(seed), [], 0.0
    while (moment := moment + draw.expovariate(rate)) < seconds:
        moments.append(moment)
    return moments


@dataclass
class LoadResult:
    """What came of every request that was due."""

    due: int = 0
    answered: int = 0
    wrong: int = 0  # answered with another status
    failed: int = 0  # the connection broke, or no reply came
    seconds: float = 0.0
    connections: int = 0
    latency: HdrHistogram = field(default_factory=create_histogram)
    lateness: HdrHistogram = field(default_factory=create_histogram)  # of our own sending


class Connection:
    """One kept connection, and the request that is out on it."""

    def __init__(self, address: tuple[str, int]):
        self.socket = socket.create_connection(address, timeout=REPLY_TIMEOUT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.received, self.intended_seconds = b"", 0.0

    def send(self, request: bytes, intended: float) -> None:
        """Send a request; it is small, and the connection idle, so that it fits whole."""
        self.received, self.intended_seconds = b"", intended
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Take what came; return whether the reply is whole, raise OSError when it never will."""
        piece = self.socket.recv(262_144)
        if not piece:
            raise ConnectionError("closed before the reply was whole")
        self.received += piece
        head, end, body = self.received.partition(b"\r\n\r\n")
        return bool(end) and is_complete(head.lower(), body)

    @property
    def status(self) -> bytes:
        """Return the status of the reply."""
        return self.received[9:12]

    @property
    def is_reusable(self) -> bool:
        """Tell whether the server keeps the connection."""
        return b"\r\nconnection: close" not in self.received.partition(b"\r\n\r\n")[0].lower()


def is_complete(head: bytes, body: bytes) -> bool:
    """Tell whether a reply is complete, by its length or by its last chunk."""
    length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
    if length.strip():
        return len(body) >= int(length)
    return body.endswith(b"0\r\n\r\n")


class LoadGenerator:
    """Sends one request at each of the moments, and takes down what comes of it."""

    def __init__(self, address: tuple[str, int], request: bytes, due_times: Sequence[float]):
        self.address, self.request, self.due_times = address, request, deque(due_times)
        self.result = LoadResult(due=len(due_times))
        self.idle: list[Connection] = []
        self.in_use: dict[int, Connection] = {}
        # Not epoll, which counts its patience in whole milliseconds.
        self.selector = selectors.SelectSelector()

    def run(self) -> LoadResult:
        """Do it; return once every request has its reply, or has waited too long for it."""
        began = time.perf_counter()
        last = self.due_times[-1] if self.due_times else 0.0
        try:
            while self.due_times or self.in_use:
                now = time.perf_counter() - began
                if now > last + REPLY_TIMEOUT_SECONDS:
                    break
                self.send_due_requests(now, began)
                self.read_replies(self.compute_wait_seconds(time.perf_counter() - began), began)
        finally:
            self.result.seconds = time.perf_counter() - began
            self.result.failed += len(self.due_times) + len(self.in_use)
            for connection in [*self.idle, *self.in_use.values()]:
                connection.socket.close()
            self.selector.close()
        return self.result

    def compute_wait_seconds(self, now: float) -> float:
        """Return how long a reply may be waited for until the next request is due."""
        return max(0.0, self.due_times[0] - now) if self.due_times and self.can_send else 0.05

    @property
    def can_send(self) -> bool:
        """Tell whether there is a connection for one more request."""
        return bool(self.idle) or len(self.in_use) < MAX_CONNECTIONS

    def send_due_requests(self, now: float, began: float) -> None:
        """Send every request whose moment has come, as far as connections go."""
        while self.due_times and self.due_times[0] <= now and self.can_send:
            intended = self.due_times.popleft()
            connection = None
            try:
                connection = self.idle.pop() if self.idle else self.open_connection()
                connection.send(self.request, intended)
            except OSError:
                self.result.failed += 1
                if connection:
                    self.close_connection(connection)
                continue
            self.in_use[connection.socket.fileno()] = connection
            now = time.perf_counter() - began
            record_duration(self.result.lateness, now - intended)

    def open_connection(self) -> Connection:
        """Return a new connection."""
        connection = Connection(self.address)
        self.selector.register(connection.socket, selectors.EVENT_READ, connection)
        self.result.connections += 1
        return connection

    def read_replies(self, wait_seconds: float, began: float) -> None:
        """Take the replies that have come."""
        for key, _ in self.selector.select(wait_seconds):
            connection: Connection = key.data
            try:
                whole = connection.receive()
            except BlockingIOError:
                continue
            except (OSError, ValueError):  # an idle connection closed, or a length that is none
                self.result.failed += self.in_use.pop(key.fd, None) is not None
                self.close_connection(connection)
                continue
            if whole and key.fd in self.in_use:
                self.record_reply(connection, time.perf_counter() - began)

    def record_reply(self, connection: Connection, now: float) -> None:
        """Take down a whole reply."""
        del self.in_use[connection.socket.fileno()]
        self.result.answered += 1
        self.result.wrong += connection.status != b"200"
        record_duration(self.result.latency, now - connection.intended_seconds)
        if connection.is_reusable:
            self.idle.append(connection)
        else:
            self.close_connection(connection)

    def close_connection(self, connection: Connection) -> None:
        """Let go of a connection."""
        if connection in self.idle:
            self.idle.remove(connection)
        self.selector.unregister(connection.socket)
        connection.socket.close()


def record_duration(into: HdrHistogram, seconds: float) -> None:
    """Add a time to a histogram."""
    into.record_value(min(max(1, round(seconds * MICROSECONDS)), MAX_MICROSECONDS))
