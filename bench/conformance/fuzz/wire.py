"""Exchange raw bytes with a site: a reply for each request, within a time limit."""

import time

from bench.conformance.fuzz.server import ParsedRequests
from bench.runtime.http_connection import RECEIVE_BYTES, Connection, RawReply, ReplyError

TIMEOUT_SECONDS = 10.0


class SiteConnection(Connection):
    """One connection to a site."""

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, TIMEOUT_SECONDS)
        self.deadline = 0.0
        self.is_open = True
        self.reply_count = 0  # replies that were read
        self.has_extra_bytes = False  # whether bytes came between two replies

    def exchange(
        self, raw: bytes, requests: ParsedRequests, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> list[RawReply]:
        """Send bytes; return a reply for each request in them, fewer if the site closes."""
        self.deadline = time.monotonic() + timeout_seconds
        self.socket.settimeout(timeout_seconds)
        replies: list[RawReply] = []
        try:
            self.send(raw)
            for method in requests.methods:
                if not self.is_open:
                    break
                replies.append(self.read_reply(method))
        except (ReplyError, OSError) as error:
            late = isinstance(error, TimeoutError)
            reason = "no bytes within the time limit" if late else str(error)
            self.is_open = False
            if not replies:
                replies.append(RawReply(0, (), reason.encode()))
        if not requests.is_complete:
            self.is_open = False
        return replies

    def receive(self) -> bytes:
        """Return the next bytes, b"" at the end; raise TimeoutError after the time limit."""
        self.socket.settimeout(max(0.01, self.deadline - time.monotonic()))
        return super().receive()

    def read_reply(self, method: str) -> RawReply:
        """Return the next reply."""
        try:
            reply = self.read_head()
        except ReplyError:
            self.has_extra_bytes = self.reply_count > 0
            raise
        self.is_open = self.is_open and reply.get_first("connection").lower() != "close"
        if method == "HEAD" and not self.is_open:
            body = self.read_rest()
        else:
            body = b"".join(self.iterate_body(reply, method))
        self.reply_count += 1
        return reply._replace(body=body)

    def read_rest(self) -> bytes:
        """Return all bytes until the site closes the connection."""
        self.is_open = False
        return super().read_rest()

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
        super().close()
