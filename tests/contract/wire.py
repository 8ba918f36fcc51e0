"""An HTTP client that sends every byte of a request as given.

The tests have their own client for two reasons: it can send invalid requests, and it is fast
enough for the 3,000 requests or more that the contract sends to each framework.
"""

import socket
from collections import deque
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from tests.contract.reply import Headers, Reply

TIMEOUT_SECONDS = 30
# Method, target and reply of the last requests of the clause that runs.
history: deque[tuple[str, str, Reply]] = deque(maxlen=1000)


class Line:
    """One connection to a host."""

    def __init__(self, url: str) -> None:
        """Connect to the host."""
        address = urlsplit(url)
        where = (address.hostname or "", address.port or 80)
        self._socket = socket.create_connection(where, TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def send(self, request: bytes) -> None:
        """Send bytes. Ignore a closed connection: the host may have answered before it closed."""
        try:
            self._socket.sendall(request)
        except (BrokenPipeError, ConnectionResetError):
            return

    def head(self) -> tuple[int, Headers]:
        """Return the status and the headers of the next reply, or raise ConnectionError."""
        while b"\r\n\r\n" not in self._rest:
            self._more()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        version, status, *_ = first.split(b" ", 2)
        assert version.startswith(b"HTTP/1."), f"not HTTP: {first!r}"
        return int(status), Headers(lines)

    def pieces(self, status: int, headers: Headers, method: str = "GET") -> Iterator[bytes]:
        """Yield the content as it arrives."""
        if method == "HEAD" or status in (204, 304):
            return
        if headers.get("Transfer-Encoding").lower() == "chunked":
            yield from self._chunks()
        elif "Content-Length" in headers:
            yield from self._exactly(int(headers["Content-Length"]))
        else:
            yield self.until_closed()

    def all_of_it(self, url: str) -> Reply:
        """Return the next reply, with all bytes after its headers as the content."""
        status, headers = self.head()
        return Reply(url, status, headers, self.until_closed())

    def until_closed(self) -> bytes:
        """Return all bytes until the host closes the connection."""
        try:
            while True:
                self._more()
        except ConnectionError:
            return self._rest

    def _chunks(self) -> Iterator[bytes]:
        while True:
            while b"\r\n" not in self._rest:
                self._more()
            size, _, self._rest = self._rest.partition(b"\r\n")
            yield from self._exactly(int(size.partition(b";")[0], 16))
            assert b"".join(self._exactly(2)) == b"\r\n", "a chunk is longer than it said"
            if int(size.partition(b";")[0], 16) == 0:
                return

    def _exactly(self, size: int) -> Iterator[bytes]:
        while size > len(self._rest):
            size -= len(self._rest)
            piece, self._rest = self._rest, b""
            yield piece
            self._more()
        piece, self._rest = self._rest[:size], self._rest[size:]
        yield piece

    def _more(self) -> None:
        piece = self._socket.recv(65536)
        if not piece:
            raise ConnectionError("the host closed the connection")
        self._rest += piece

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


class Exchange:
    """The persistent connections to one host, one for each request in progress."""

    def __init__(self, url: str) -> None:
        """Store the address of the host."""
        self.url = url.rstrip("/")
        self._host = urlsplit(url).netloc
        self._idle: deque[Line] = deque()

    def ask(
        self, method: str, target: str | bytes, headers: Mapping[str, str | bytes], body: bytes
    ) -> Reply:
        """Send a request unchanged, and return the reply."""
        request = self.request(method, target, headers, body)
        line, (status, reply_headers) = self._answered(request)
        content = b"".join(line.pieces(status, reply_headers, method))
        if reply_headers.get("Connection").lower() == "close":
            line.close()
        else:
            self._idle.append(line)
        shown = _text(target)
        reply = Reply(self.url + shown, status, reply_headers, content)
        history.append((method, shown, reply))
        return reply

    def _answered(self, request: bytes) -> tuple[Line, tuple[int, Headers]]:
        """Send on an open connection, or on a new connection if the host has closed it."""
        while self._idle:
            line = self._idle.pop()
            try:
                line.send(request)
                return line, line.head()
            except ConnectionError:
                line.close()
        line = Line(self.url)
        line.send(request)
        return line, line.head()

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
        line = Line(self.url)
        try:
            line.send(self.request(method, target, {**headers, "connection": "close"}, b""))
            reply = line.all_of_it(self.url)
            history.append((method, _text(target), reply))
            return reply
        finally:
            line.close()

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().close()


def answers(url: str) -> bool:
    """Return whether a server accepts connections at a URL."""
    try:
        Line(url).close()
    except OSError:
        return False
    return True


def _text(target: str | bytes) -> str:
    return target if isinstance(target, str) else target.decode("latin-1")


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8")
