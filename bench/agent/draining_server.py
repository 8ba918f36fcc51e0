"""Stop waitress on a shared listening socket without losing a request.

During a switch two hosts listen on one socket. The host that stops closes its own copy of the
socket, so that waiting connections go to the other host. It answers all accepted requests, each
with "Connection: close", and closes idle connections.
"""

import re
import socket
import time
from collections.abc import Callable
from typing import Any

from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import WSGITask

# A request may be about to arrive on a connection that was active this recently.
IDLE_SECONDS = 1.0
# The longest pause between two pieces of a request or a reply.
STALLED_SECONDS = 10.0
# An upload uses two descriptors, and 1,024 is a usual limit. Waitress's default is 100.
CONNECTION_LIMIT = 500
# At most this much of a streamed reply waits in memory for a slow client; waitress: 16 MiB.
BUFFER_BYTES = 1024 * 1024
# A field's name, and the blanks before its value, which may continue on the next lines.
FIELD_START = re.compile(rb"(\n[^:\r\n]*:)(?:(?:\r\n)?[ \t])+")


class DrainingParser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """Parses one request of a connection."""

    def received(self, data: bytes) -> int:
        """Parse more bytes; return how many of them belong to the request."""
        consumed: int = super().received(data)
        if self.completed:
            # A request without a body, or rejected by its head, gets no 100 (RFC 9110, 10.1.1).
            # HTTPChannel.send_continue() would wait for a body that never comes.
            self.expect_continue = False
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the head. Blanks before a field's value mean nothing (RFC 9110, 5.5)."""
        super().parse_header(FIELD_START.sub(rb"\1", header_plus))


class DrainingTask(WSGITask):  # type: ignore[misc]  # waitress has no types
    """Answers one request; the last reply of a connection announces its end."""

    def build_response_header(self) -> bytes:
        """Return the head of the reply."""
        if self.channel.server.is_draining and len(self.channel.requests) == 1:
            # As if the client had sent the field: correct for HTTP/1.0 and HTTP/1.1.
            self.request.headers["CONNECTION"] = "close"
        head: bytes = super().build_response_header()
        return head


class DrainingChannel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection that can be closed when idle."""

    task_class = DrainingTask
    parser_class = DrainingParser

    def close_if_idle(self) -> None:
        """Close the connection if no request or reply is in progress."""
        is_unfinished = self.request is not None or self.total_outbufs_len
        timeout_seconds = STALLED_SECONDS if is_unfinished else IDLE_SECONDS
        if not self.requests and time.time() - self.last_activity > timeout_seconds:
            self.handle_close()


class DrainingServer:
    """Waitress on a listening socket that other processes may share."""

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
        self.waitress.is_draining = False

    def stop_accepting(self) -> None:
        """Request the end of run(); a signal handler may call this."""
        self.waitress.is_draining = True
        self.waitress.pull_trigger()

    def run(self, on_listener_closed: Callable[[], None]) -> None:
        """Answer requests until stop_accepting(), then drain.

        Calls `on_listener_closed` when no new connection can arrive.
        """
        while not self.waitress.is_draining:
            self.poll_once(timeout_seconds=1.0)
        # Not waitress.close(): its trigger wakes this loop when a reply is ready.
        self.waitress.accepting = False
        self.waitress.del_channel()
        self.waitress.socket.close()
        on_listener_closed()
        while self.waitress.active_channels:
            for channel in list(self.waitress.active_channels.values()):
                channel.close_if_idle()
            self.poll_once(timeout_seconds=0.05)
        self.waitress.task_dispatcher.shutdown()

    def poll_once(self, timeout_seconds: float) -> None:
        """Handle what is ready to be read or written, or wait for it."""
        # poll, because select is limited to descriptors below 1,024.
        wasyncore.loop(timeout_seconds, use_poll=True, map=self.connections, count=1)
