"""The connections of the contract, and the history of its requests."""

import itertools
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import NoReturn
from urllib.parse import urlsplit

from bench.runtime.http_connection import Connection, RawReply
from tests.contract.reply import Headers, Reply

TIMEOUT_SECONDS = 30.0  # without a byte of the reply
CPU_LIMIT_SECONDS = 6.0  # of the host, without a byte of the reply; a slow machine needed over 2
POLL_SECONDS = 0.5  # between two measurements of the host's processor time
# Method, target and reply of the last requests of the clause that runs.
history: deque[tuple[str, str, Reply]] = deque(maxlen=1000)


class Source:
    """The address that new connections come from; "" is the usual one."""

    def __init__(self) -> None:
        """Begin with the usual address."""
        self.address = ""
        self._numbers = itertools.count(1)

    def move(self) -> None:
        """Take an address that no earlier connection came from; Linux has all of 127.0.0.0/8."""
        high, low = divmod(next(self._numbers), 250)
        self.address = f"127.{1 + high // 250}.{high % 250}.{1 + low}"


source = Source()


def never_wait() -> bool:
    """Return False: a request without a reply in time fails."""
    return False


# Called after each TIMEOUT_SECONDS without a byte; True waits as long again: see warm.py.
wait_on: Callable[[], bool] = never_wait


def measure_nothing() -> float:
    """Return 0.0, the processor time of a host that runs elsewhere."""
    return 0.0


class PatientConnection(Connection):
    """A connection that waits for a reply until the time or the host's processor time is over."""

    def __init__(self, url: str, exchange: "Exchange | None" = None) -> None:
        """Connect to the host of a URL; raise OSError. A late reply is noted in the exchange."""
        address = urlsplit(url)
        self._poll_seconds = min(POLL_SECONDS, TIMEOUT_SECONDS)
        self._exchange = exchange
        host = (address.hostname or "", address.port or 80)
        super().__init__(host, TIMEOUT_SECONDS, source.address)

    def send(self, raw: bytes) -> None:
        """Send bytes, as many as the host receives; raise TimeoutError with the limit."""
        self.socket.settimeout(TIMEOUT_SECONDS)
        try:
            super().send(raw)
        except TimeoutError:
            self._give_up(f"{TIMEOUT_SECONDS:g} s")
        self.socket.settimeout(self._poll_seconds)

    def receive(self) -> bytes:
        """Return the next bytes; raise TimeoutError with the limit that was exceeded."""
        measure_cpu = self._exchange.measure_cpu if self._exchange else measure_nothing
        waited, cpu_before = 0.0, None
        while True:
            try:
                return super().receive()
            except TimeoutError:
                waited += self._poll_seconds
                cpu_before = measure_cpu() if cpu_before is None else cpu_before
                if measure_cpu() - cpu_before > CPU_LIMIT_SECONDS:
                    self._give_up(f"{CPU_LIMIT_SECONDS:g} s of processor time")
                if waited >= TIMEOUT_SECONDS:
                    waited = 0.0
                    if not wait_on():
                        self._give_up(f"{TIMEOUT_SECONDS:g} s")

    def _give_up(self, limit: str) -> NoReturn:
        if self._exchange:
            self._exchange.is_late = True
        self.close()
        raise TimeoutError(f"was not answered within {limit}")


class Exchange:
    """The persistent connections to one host, one for each request in progress."""

    def __init__(self, url: str, measure_cpu: Callable[[], float] = measure_nothing) -> None:
        """Store the address of the host and the function that measures its processor time."""
        self.url = url.rstrip("/")
        self.measure_cpu = measure_cpu
        self.is_late = False  # whether a reply did not arrive in time
        self._host = urlsplit(url).netloc
        self._idle: deque[Connection] = deque()
        self._source = source.address  # of the idle connections

    def ask(
        self, method: str, target: str | bytes, headers: Mapping[str, str | bytes], body: bytes
    ) -> Reply:
        """Send a request unchanged, and return the reply."""
        shown = _text(target)
        try:
            connection, head = self._answered(self.request(method, target, headers, body))
            content = b"".join(connection.iterate_body(head, method))
        except TimeoutError as error:
            reason = f"{method} {shown[:100]} {error}"
            raise AssertionError(reason) from error
        reply = Reply(self.url + shown, head.status, Headers(head.headers), content)
        if reply.headers.get("Connection").lower() == "close":
            connection.close()
        else:
            self._idle.append(connection)
        history.append((method, shown, reply))
        return reply

    def _answered(self, request: bytes) -> tuple[Connection, RawReply]:
        """Send on an open connection, or on a new connection if the host has closed it."""
        if self._source != source.address:
            self.close()
            self._source = source.address
        while self._idle:
            connection = self._idle.pop()
            try:
                connection.send(request)
                return connection, connection.read_head()
            except ConnectionError:
                connection.close()
        connection = PatientConnection(self.url, self)
        connection.send(request)
        return connection, connection.read_head()

    def request(
        self, method: str, target: str | bytes, headers: Mapping[str, str | bytes], body: bytes
    ) -> bytes:
        """Return the bytes of a request. A header with the value "" is omitted."""
        together: dict[str, str | bytes] = {"host": self._host}
        together |= {name.lower(): text for name, text in headers.items()}
        if body or method in ("POST", "PUT", "PATCH"):
            together.setdefault("content-length", str(len(body)))
        lines = [_bytes(method) + b" " + _bytes(target) + b" HTTP/1.1"]
        lines += [_bytes(name) + b": " + _bytes(text) for name, text in together.items() if text]
        return b"\r\n".join(lines) + b"\r\n\r\n" + body

    def ask_once(
        self, method: str, target: str | bytes, headers: Mapping[str, str | bytes]
    ) -> Reply:
        """Send a request on a new connection. The content is all bytes until the host closes it."""
        request = self.request(method, target, {**headers, "connection": "close"}, b"")
        reply = self.ask_raw(request)
        history.append((method, _text(target), reply))
        return reply

    def ask_raw(self, request: bytes) -> Reply:
        """Send bytes on a new connection. The content is all bytes until the host closes it."""
        with closing(PatientConnection(self.url, self)) as connection:
            connection.send(request)
            head = connection.read_head()
            return Reply(self.url, head.status, Headers(head.headers), connection.read_rest())

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().close()


def connect(url: str) -> Connection:
    """Return a new connection to the host of a URL."""
    return PatientConnection(url)


def answers(url: str) -> bool:
    """Return whether a server accepts connections at a URL."""
    try:
        connect(url).close()
    except OSError:
        return False
    return True


def _text(target: str | bytes) -> str:
    return target if isinstance(target, str) else target.decode("latin-1")


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8")
