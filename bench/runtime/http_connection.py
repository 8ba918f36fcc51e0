"""Send any bytes to a host over a socket, and read its HTTP/1 replies without corrections.

The contract and the fuzzer need this client for three reasons: client libraries refuse to send
invalid requests, they hide faults of a reply, and they are too slow for thousands of requests.
"""

import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from bench.agent.chunked import ChunkError, iterate_chunks

RECEIVE_BYTES = 65536
STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})[ \r]")
STATUSES_WITHOUT_CONTENT = (204, 304)


class ReplyError(Exception):
    """The received bytes are no HTTP/1 reply."""


class RawReply(NamedTuple):
    """One reply; header names are in lower case. Status 0 means no reply, with the reason as body.

    `head` holds the bytes before the body.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    head: bytes = b""

    def get_first(self, name: str) -> str:
        """Return the value of the first header with a name in lower case, "" without one."""
        return next((text for known, text in self.headers if known == name), "")


class Connection:
    """One connection to a host."""

    def __init__(self, address: tuple[str, int], timeout_seconds: float, source: str = "") -> None:
        """Connect to the host; raise OSError. The timeout is that of each later call, too.

        `source` is the address of this machine to connect from, "" for the usual one.
        """
        own = (source, 0) if source else None
        self.socket = socket.create_connection(address, timeout_seconds, own)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def send(self, raw: bytes) -> None:
        """Send bytes, as many as the host receives: it may reply and close before it reads all."""
        with suppress(ConnectionError):
            self.socket.sendall(raw)

    def receive(self) -> bytes:
        """Return the next bytes, b"" after the host closed; raise TimeoutError."""
        try:
            return self.socket.recv(RECEIVE_BYTES)
        except ConnectionError:
            return b""

    def receive_more(self) -> bytes:
        """Return the next bytes; raise ConnectionError if the host closed the connection."""
        piece = self.receive()
        if not piece:
            raise ConnectionError("the connection was closed before the end of the reply")
        return piece

    def read_until(self, end: bytes) -> bytes:
        """Return the bytes up to and including the first occurrence of `end`."""
        while end not in self.buffer:
            self.buffer += self.receive_more()
        text, _, self.buffer = self.buffer.partition(end)
        return text + end

    def read_head(self) -> RawReply:
        """Return the next reply without its body; raise ReplyError, ConnectionError."""
        raw = self.read_until(b"\r\n\r\n")
        while raw.startswith(b"HTTP/1.1 100 "):
            raw = self.read_until(b"\r\n\r\n")
        match = STATUS_LINE.match(raw)
        if not match:
            raise ReplyError("the reply does not begin with a status line of HTTP/1")
        lines = raw.decode("latin-1").split("\r\n")[1:-2]
        pairs = (line.partition(":") for line in lines)
        headers = tuple((name.lower(), text.strip()) for name, _, text in pairs)
        return RawReply(int(match[1]), headers, head=raw)

    def iterate_body(self, reply: RawReply, method: str) -> Iterator[bytes]:
        """Yield the body of a reply to a request of this method, in pieces as they arrive."""
        size = reply.get_first("content-length")
        if method == "HEAD" or reply.status in STATUSES_WITHOUT_CONTENT:
            return
        if reply.get_first("transfer-encoding").lower() == "chunked":
            yield from self._iterate_chunks()
        elif size.isdecimal():
            yield from self._iterate_bytes(int(size))
        else:
            yield self.read_rest()

    def _iterate_chunks(self) -> Iterator[bytes]:
        try:
            yield from iterate_chunks(lambda: self.read_until(b"\r\n"), self._iterate_bytes)
        except ChunkError as error:
            raise ReplyError(f"invalid chunked body: {error}") from error

    def _iterate_bytes(self, size: int) -> Iterator[bytes]:
        while size > len(self.buffer):
            piece, self.buffer = self.buffer, b""
            size -= len(piece)
            yield piece
            self.buffer = self.receive_more()
        piece, self.buffer = self.buffer[:size], self.buffer[size:]
        yield piece

    def read_rest(self) -> bytes:
        """Return all bytes until the host closes the connection."""
        pieces, self.buffer = [self.buffer], b""
        while piece := self.receive():
            pieces.append(piece)
        return b"".join(pieces)

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()
