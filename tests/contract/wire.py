"""The connections of the contract, and the history of its requests."""

import itertools
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import closing
from urllib.parse import urlsplit

from bench.runtime.http_connection import Connection, RawReply
from tests.contract.reply import Headers, Reply

TIMEOUT_SECONDS = 30
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


class PatientConnection(Connection):
    """A connection that may wait longer than its timeout."""

    def receive(self) -> bytes:
        """Return the next bytes; raise TimeoutError."""
        while True:
            try:
                return super().receive()
            except TimeoutError:
                if not wait_on():
                    raise


class Exchange:
    """The persistent connections to one host, one for each request in progress."""

    def __init__(self, url: str) -> None:
        """Store the address of the host."""
        self.url = url.rstrip("/")
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
            reason = f"{method} {shown} was not answered within {TIMEOUT_SECONDS:g} s"
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
        connection = connect(self.url)
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
        with closing(connect(self.url)) as connection:
            connection.send(request)
            head = connection.read_head()
            return Reply(self.url, head.status, Headers(head.headers), connection.read_rest())

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().close()


def connect(url: str) -> Connection:
    """Return a new connection to the host of a URL."""
    address = urlsplit(url)
    host = (address.hostname or "", address.port or 80)
    return PatientConnection(host, TIMEOUT_SECONDS, source.address)


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
