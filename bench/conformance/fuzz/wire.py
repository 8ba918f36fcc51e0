"""Send raw bytes to a site and read the replies, whatever they are."""

import re
import socket
import time
from typing import NamedTuple

from bench.conformance.fuzz.server import ParsedRequests

TIMEOUT_SECONDS = 10.0
RECEIVE_BYTES = 65536
STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})[ \r]")


class RawReply(NamedTuple):
    """One reply; status 0 where none came, with the reason as the body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    head: bytes = b""

    def get_first(self, name: str) -> str:
        """Return the text of the first header of a name given in lower case, "" without one."""
        return next((text for known, text in self.headers if known == name), "")


class NoReplyError(Exception):
    """The site did not answer, or not as HTTP asks."""


class Connection:
    """One connection to a site."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, TIMEOUT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.deadline = 0.0
        self.buffer = b""
        self.is_open = True
        self.replies = 0  # read so far
        self.extra = False  # whether bytes came between two replies

    def exchange(
        self, raw: bytes, reading: ParsedRequests, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> list[RawReply]:
        """Send bytes; return a reply for each request in them, fewer where the site closes."""
        self.deadline = time.monotonic() + timeout_seconds
        self.socket.settimeout(timeout_seconds)
        self.send(raw)
        replies: list[RawReply] = []
        try:
            for method in reading.methods:
                if not self.is_open:
                    break
                replies.append(self.read_reply(method))
        except NoReplyError as error:
            self.is_open = False
            if not replies:
                replies.append(RawReply(0, (), str(error).encode()))
        if not reading.is_complete:
            self.is_open = False
        return replies

    def send(self, raw: bytes) -> None:
        """Send bytes; what the site does not take is not sent."""
        try:
            self.socket.sendall(raw)
        except TimeoutError:
            self.is_open = False
        except OSError:
            pass  # the site may have answered before it closed

    def receive_piece(self) -> bytes:
        """Return what comes next, b"" at the end; raise NoReplyError when nothing comes in time."""
        self.socket.settimeout(max(0.01, self.deadline - time.monotonic()))
        try:
            return self.socket.recv(RECEIVE_BYTES)
        except TimeoutError as error:
            raise NoReplyError("nothing came in time") from error
        except OSError:
            return b""

    def read_until(self, mark: bytes) -> bytes:
        """Return what comes up to and with a mark."""
        while mark not in self.buffer:
            piece = self.receive_piece()
            if not piece:
                raise NoReplyError("the connection was closed without a whole reply")
            self.buffer += piece
        text, _, self.buffer = self.buffer.partition(mark)
        return text + mark

    def read_exactly(self, size: int) -> bytes:
        """Return the next bytes."""
        pieces, missing = [self.buffer], size - len(self.buffer)
        while missing > 0:
            piece = self.receive_piece()
            if not piece:
                raise NoReplyError("the connection was closed without a whole reply")
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
        found = STATUS_LINE.match(head)
        if not found:
            self.extra = self.replies > 0
            raise NoReplyError("the reply does not begin with a status line of HTTP/1")
        lines = head.decode("latin-1").split("\r\n")[1:-2]
        pairs = (line.partition(":") for line in lines)
        headers = tuple((name.lower(), text.strip()) for name, _, text in pairs)
        reply = RawReply(int(found[1]), headers, b"", head)
        self.is_open = self.is_open and reply.get_first("connection").lower() != "close"
        reply = reply._replace(body=self.read_body(reply, method))
        self.replies += 1
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
        """Return a body that comes in chunks."""
        pieces = []
        while size := int(self.read_until(b"\r\n").partition(b";")[0], 16):
            pieces.append(self.read_exactly(size))
            self.read_until(b"\r\n")
        self.read_until(b"\r\n")
        return b"".join(pieces)

    def read_rest(self) -> bytes:
        """Return everything until the connection is closed."""
        pieces, self.is_open = [self.buffer], False
        while piece := self.receive_piece():
            pieces.append(piece)
        self.buffer = b""
        return b"".join(pieces)

    def read_leftover(self) -> bytes:
        """Return bytes that came after the reply and belong to none."""
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
