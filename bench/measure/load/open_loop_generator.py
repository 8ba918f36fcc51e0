"""Send requests at a fixed rate and measure their latency, however the server behaves.

The generator is an open loop: the due time of every request is drawn beforehand (a Poisson
process), and a late reply delays no request. Latency counts from the due time to the last byte of
the reply, so that every request that is due while the server stops for a second shows the stop.
The generator uses plain sockets, one selector and one thread. It reuses connections, and opens a
new one when all are in use.

Other generators were tried with a server that stops for 1 s in 10 s at 500 requests a second, where
p95 must be 0.5 s and p99 0.9 s. h2load --rps, ab, hey, autocannon and Locust wait for the reply
before they send again, and miss the stop; wrk corrects its figures afterwards; npm's loadtest
passes, with a resolution of 1 ms.
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
REPLY_TIMEOUT_SECONDS = 10.0  # after the last due time


def create_histogram() -> HdrHistogram:
    """Return an empty histogram of microseconds; two such histograms can be added."""
    return HdrHistogram(1, MAX_MICROSECONDS, SIGNIFICANT_DIGITS)


def schedule(rate: float, seconds: float, seed: int) -> list[float]:
    """Return the due times of a Poisson process, in seconds from its start."""
    generator, due_times, due_time = random.Random(seed), [], 0.0
    while (due_time := due_time + generator.expovariate(rate)) < seconds:
        due_times.append(due_time)
    return due_times


@dataclass
class LoadResult:
    """Counts and histograms of all requests that were due."""

    due: int = 0
    answered: int = 0
    wrong: int = 0  # answered with a status other than 200
    failed: int = 0  # the connection broke, or no reply came
    seconds: float = 0.0
    connections: int = 0
    latency: HdrHistogram = field(default_factory=create_histogram)
    lateness: HdrHistogram = field(default_factory=create_histogram)  # of the generator itself


class Connection:
    """One open connection, and the request that is in flight on the connection."""

    def __init__(self, address: tuple[str, int]):
        self.socket = socket.create_connection(address, timeout=REPLY_TIMEOUT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.received, self.intended_seconds = b"", 0.0

    def send(self, request: bytes, intended: float) -> None:
        """Send a request in one call: the request is small and the connection is idle."""
        self.received, self.intended_seconds = b"", intended
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Read available bytes; return whether the reply is complete.

        Raise OSError when the connection closed before the reply was complete.
        """
        chunk = self.socket.recv(262_144)
        if not chunk:
            raise ConnectionError("closed before the reply was complete")
        self.received += chunk
        head, end, body = self.received.partition(b"\r\n\r\n")
        return bool(end) and is_complete(head.lower(), body)

    @property
    def status(self) -> bytes:
        """Return the status of the reply."""
        return self.received[9:12]

    @property
    def is_reusable(self) -> bool:
        """Return whether the server keeps the connection open."""
        return b"\r\nconnection: close" not in self.received.partition(b"\r\n\r\n")[0].lower()


def is_complete(head: bytes, body: bytes) -> bool:
    """Return whether a reply is complete, by its length or by its last chunk."""
    length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
    if length.strip():
        return len(body) >= int(length)
    return body.endswith(b"0\r\n\r\n")


class LoadGenerator:
    """A generator that sends one request at each due time, and records the replies."""

    def __init__(self, address: tuple[str, int], request: bytes, due_times: Sequence[float]):
        self.address, self.request, self.due_times = address, request, deque(due_times)
        self.result = LoadResult(due=len(due_times))
        self.idle: list[Connection] = []
        self.in_use: dict[int, Connection] = {}
        # Not epoll, which rounds its timeout to whole milliseconds.
        self.selector = selectors.SelectSelector()

    def run(self) -> LoadResult:
        """Send all requests; return when every request has a reply or has timed out."""
        start = time.perf_counter()
        last = self.due_times[-1] if self.due_times else 0.0
        try:
            while self.due_times or self.in_use:
                now = time.perf_counter() - start
                if now > last + REPLY_TIMEOUT_SECONDS:
                    break
                self.send_due_requests(now, start)
                self.read_replies(self.compute_wait_seconds(time.perf_counter() - start), start)
        finally:
            self.result.seconds = time.perf_counter() - start
            self.result.failed += len(self.due_times) + len(self.in_use)
            for connection in [*self.idle, *self.in_use.values()]:
                connection.socket.close()
            self.selector.close()
        return self.result

    def compute_wait_seconds(self, now: float) -> float:
        """Return how long the generator may wait for a reply until the next request is due."""
        return max(0.0, self.due_times[0] - now) if self.due_times and self.can_send else 0.05

    @property
    def can_send(self) -> bool:
        """Return whether a connection is available for another request."""
        return bool(self.idle) or len(self.in_use) < MAX_CONNECTIONS

    def send_due_requests(self, now: float, start: float) -> None:
        """Send every request that is due, as long as connections are available."""
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
            now = time.perf_counter() - start
            record_duration(self.result.lateness, now - intended)

    def open_connection(self) -> Connection:
        """Return a new connection."""
        connection = Connection(self.address)
        self.selector.register(connection.socket, selectors.EVENT_READ, connection)
        self.result.connections += 1
        return connection

    def read_replies(self, wait_seconds: float, start: float) -> None:
        """Read the replies that have arrived."""
        for key, _ in self.selector.select(wait_seconds):
            connection: Connection = key.data
            try:
                complete = connection.receive()
            except BlockingIOError:
                continue
            except (OSError, ValueError):  # an idle connection closed, or the length is no number
                self.result.failed += self.in_use.pop(key.fd, None) is not None
                self.close_connection(connection)
                continue
            if complete and key.fd in self.in_use:
                self.record_reply(connection, time.perf_counter() - start)

    def record_reply(self, connection: Connection, now: float) -> None:
        """Record a complete reply."""
        del self.in_use[connection.socket.fileno()]
        self.result.answered += 1
        self.result.wrong += connection.status != b"200"
        record_duration(self.result.latency, now - connection.intended_seconds)
        if connection.is_reusable:
            self.idle.append(connection)
        else:
            self.close_connection(connection)

    def close_connection(self, connection: Connection) -> None:
        """Close a connection and forget the connection."""
        if connection in self.idle:
            self.idle.remove(connection)
        self.selector.unregister(connection.socket)
        connection.socket.close()


def record_duration(histogram: HdrHistogram, seconds: float) -> None:
    """Add a duration to a histogram."""
    histogram.record_value(min(max(1, round(seconds * MICROSECONDS)), MAX_MICROSECONDS))
