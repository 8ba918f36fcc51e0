"""How does waitress leave a shared address without losing a request, and answer each of them?

Two hosts listen on one socket during a switch. The one that leaves closes its own copy of it, so
that waiting connections fall to the other; answers what it has accepted, saying each time that it
closes the connection; and closes what stays quiet.
"""

import socket
import time
from collections.abc import Callable
from typing import Any

from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import WSGITask

# A connection that was active this recently may be about to bring a request.
IDLE_SECONDS = 1.0
# One in the middle of a request or a reply is given longer between two pieces of it.
STALLED_SECONDS = 10.0
# An upload holds two descriptors, and 1,024 are a usual limit; waitress's own 100 are few.
CONNECTION_LIMIT = 500
# A streamed reply waits in memory for a slow client: this much of it, not waitress's own 16 MiB.
BUFFER_BYTES = 1024 * 1024


class DrainingParser(HTTPRequestParser):  # type: ignore[misc]  # waitress carries no types
    """Reads one request from a connection."""

    def received(self, data: bytes) -> int:
        """Parse more bytes of the request; return how many of them belong to it."""
        consumed: int = super().received(data)
        if self.completed:
            # A request that has no body, or is refused by its head, gets no 100 (RFC 9110, 10.1.1).
            # HTTPChannel.send_continue() would wait for a body that never comes.
            self.expect_continue = False
        return consumed


class DrainingTask(WSGITask):  # type: ignore[misc]  # waitress carries no types
    """Answers one request; the last one of a connection that is to close says so."""

    def build_response_header(self) -> bytes:
        """Return the head of the reply."""
        if self.channel.server.leaving and len(self.channel.requests) == 1:
            # As if the client had asked for it: right under HTTP/1.0 and 1.1 alike.
            self.request.headers["CONNECTION"] = "close"
        head: bytes = super().build_response_header()
        return head


class DrainingChannel(HTTPChannel):  # type: ignore[misc]  # waitress carries no types
    """One connection."""

    task_class = DrainingTask
    parser_class = DrainingParser

    def close_if_idle(self) -> None:
        """Close the connection when nothing is being asked or answered on it."""
        begun = self.request is not None or self.total_outbufs_len
        patience = STALLED_SECONDS if begun else IDLE_SECONDS
        if not self.requests and time.time() - self.last_activity > patience:
            self.handle_close()


class DrainingServer:
    """Waitress on a listening socket that others may share, until it is told to leave."""

    def __init__(self, application: Callable[..., Any], listener: socket.socket, threads: int):
        self.connections: dict[int, Any] = {}
        self.waitress = create_server(
            application,
            map=self.connections,
            sockets=[listener],
            threads=threads,
            connection_limit=CONNECTION_LIMIT,
            outbuf_high_watermark=BUFFER_BYTES,
        )
        self.waitress.channel_class = DrainingChannel
        self.waitress.leaving = False

    def stop_accepting(self) -> None:
        """Begin to leave; a signal handler may call this."""
        self.waitress.leaving = True
        self.waitress.pull_trigger()

    def run(self, on_listener_closed: Callable[[], None]) -> None:
        """Answer requests until told to leave; call `told` once no new connection can come."""
        while not self.waitress.leaving:
            self.poll_once(timeout_seconds=1.0)
        # Not waitress.close(): its trigger is what wakes this loop when a reply is ready.
        self.waitress.accepting = False
        self.waitress.del_channel()
        self.waitress.socket.close()
        on_listener_closed()
        while self.waitress.active_channels:
            for channel in list(self.waitress.active_channels.values()):
                channel.close_if_quiet()
            self.poll_once(timeout_seconds=0.05)
        self.waitress.task_dispatcher.shutdown()

    def poll_once(self, timeout_seconds: float) -> None:
        """Read and write what can be read and written, or wait for something to come."""
        # poll, because select ends at descriptor 1,024.
        wasyncore.loop(timeout_seconds, use_poll=True, map=self.connections, count=1)
