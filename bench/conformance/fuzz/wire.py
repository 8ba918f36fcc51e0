"""Send raw bytes to a site over a socket, and read the replies."""

import re
import socket
import time
from typing import NamedTuple

from bench.conformance.fuzz.server import ParsedRequests

TIMEOUT_SECONDS = 10.0
RECEIVE_BYTES = 65536
STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})[ \r]")


class RawReply(NamedTuple):
    """One reply; without a reply, the status is 0 and the body is the reason."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    head: bytes = b""

    def get_first(self, name: str) -> str:
        """Return the value of the first header with a name in lower case, "" without one."""
        return next((text for known, text in self.headers if known == name), "")


class NoReplyError(Exception):
    """The site did not reply, or its reply is not HTTP."""


class Connection:
    """One connection to a site."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, TIMEOUT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.deadline = 0.0
        self.buffer = b""
        self.is_open = True
        self.reply_count = 0  # replies that were read
        self.has_extra_bytes = False  # whether bytes came between two replies

    def exchange(
        self, raw: bytes, requests: ParsedRequests, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> list[RawReply]:
        """Send bytes; return a reply for each request in them, fewer if the site closes."""
        self.deadline = time.monotonic() + timeout_seconds
        self.socket.settimeout(timeout_seconds)
        self.send(raw)
        replies: list[RawReply] = []
        try:
            for method in requests.methods:
                if not self.is_open:
                    break
                replies.append(self.read_reply(method))
        except NoReplyError as error:
            self.is_open = False
            if not replies:
                replies.append(RawReply(0, (), str(error).encode()))
        if not requests.is_complete:
            self.is_open = False
        return replies

    def send(self, raw: bytes) -> None:
        """Send bytes, as many as the site receives."""
        try:
            self.socket.sendall(raw)
        except TimeoutError:
            self.is_open = False
        except OSError:
            pass  # the site may have replied before it closed the connection

    def receive_piece(self) -> bytes:
        """Return the next bytes, b"" at the end; raise NoReplyError after the time limit."""
        self.socket.settimeout(max(0.01, self.deadline - time.monotonic()))
        try:
            return self.socket.recv(RECEIVE_BYTES)
        except TimeoutError as error:
            raise NoReplyError("no bytes within the time limit") from error
        except OSError:
            return b""

    def read_until(self, end: bytes) -> bytes:
        """Return the bytes up to and including the first occurrence of `end`."""
        while end not in self.buffer:
            piece = self.receive_piece()
            if not piece:
                raise NoReplyError("the connection was closed before the end of the reply")
            self.buffer += piece
        text, _, self.buffer = self.buffer.partition(end)
        return text + end

    def read_exactly(self, size: int) -> bytes:
        """Return the next `size` bytes."""
        pieces, missing = [self.buffer], size - len(self.buffer)
        while missing > 0:
            piece = self.receive_piece()
            if not piece:
                raise NoReplyError("the connection was closed before the end of the reply")
            pieces.append(piece)
            missing -= len(piece)
        text = b"".join(pieces)
        self.buffer = text[size:]
        return text[:size]

    def read_reply(self, method: str) -> RawReply:
        """Return the next reply."""
        head = self.read_until(b"\r\n\r\n")
        while head.startswith(b"HTTP/1.1 100 "):
            head = self.read_until(b"\r\n\r\n")
        match = STATUS_LINE.match(head)
        if not match:
            self.has_extra_bytes = self.reply_count > 0
            raise NoReplyError("the reply does not begin with a status line of HTTP/1")
        lines = head.decode("latin-1").split("\r\n")[1:-2]
        pairs = (line.partition(":") for line in lines)
        headers = tuple((name.lower(), text.strip()) for name, _, text in pairs)
        reply = RawReply(int(match[1]), headers, b"", head)
        self.is_open = self.is_open and reply.get_first("connection").lower() != "close"
        reply = reply._replace(body=self.read_body(reply, method))
        self.reply_count += 1
        return reply

    def read_body(self, reply: RawReply, method: str) -> bytes:
        """Return the body of a reply to a request of this method."""
        if reply.status in (204, 304) or (method == "HEAD" and self.is_open):
            return b""
        if method == "HEAD":
            return self.read_rest()
        if reply.get_first("transfer-encoding").lower() == "chunked":
            return self.read_chunks()
        size = reply.get_first("content-length")
        return self.read_exactly(int(size)) if size.isdecimal() else self.read_rest()

    def read_chunks(self) -> bytes:
        """Return a body in the chunked transfer coding."""
        pieces = []
        while size := int(self.read_until(b"\r\n").partition(b";")[0], 16):
            pieces.append(self.read_exactly(size))
            self.read_until(b"\r\n")
        self.read_until(b"\r\n")
        return b"".join(pieces)

    def read_rest(self) -> bytes:
        """Return all bytes until the connection is closed."""
        pieces, self.is_open = [self.buffer], False
        while piece := self.receive_piece():
            pieces.append(piece)
        self.buffer = b""
        return b"".join(pieces)

    def read_leftover(self) -> bytes:
        """Return bytes that came after the reply."""
        if self.is_open and not self.buffer:
            self.socket.setblocking(False)
            try:
                self.buffer = self.socket.recv(RECEIVE_BYTES)
                self.is_open = bool(self.buffer)
            except BlockingIOError:
                pass
            except OSError:
                self.is_open = False
        return self.buffer

    def close(self) -> None:
        """Close the connection."""
        self.is_open = False
        self.socket.close()
