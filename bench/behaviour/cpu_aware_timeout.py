"""Wait for a host until its timeout has passed and the host no longer uses CPU time.

On a busy machine an ordinary reply may come late. A host that hangs waits for something and uses
no CPU time; a host that is only slow does use CPU time.
"""

import socket
import time
from typing import Any

from bench.runtime.process import ManagedProcess

# A host without CPU time for this long hangs; any other host gets more time, up to the maximum.
IDLE_SECONDS = 1.0
MAX_WAIT_SECONDS = 30.0
MAX_REPLY_BYTES = 4 * 1024 * 1024


class AdaptiveTimeout:
    """The time left for one reply; it is extended while the host uses CPU time."""

    def __init__(self, child: ManagedProcess | None, timeout_seconds: float) -> None:
        """Start the timeout."""
        self._child = child
        self._used = -1.0
        self._end = time.monotonic() + max(timeout_seconds, MAX_WAIT_SECONDS)
        self.next_wait_seconds = max(0.0, timeout_seconds - IDLE_SECONDS)

    def should_wait(self) -> bool:
        """Return whether to wait again, for next_wait_seconds."""
        used = self._child.read_cpu_seconds() if self._child else 0.0
        idle, self._used, self.next_wait_seconds = used == self._used, used, IDLE_SECONDS
        return not idle and time.monotonic() < self._end


def wait_for_reply(child: ManagedProcess, number: int, timeout_seconds: float) -> dict[str, Any]:
    """Return a process's reply to a message, {} if the process has ended.

    Raises TimeoutError if the process hangs.
    """
    timeout = AdaptiveTimeout(child, timeout_seconds)
    while True:
        try:
            return child.receive_reply(number, timeout.next_wait_seconds)
        except TimeoutError:
            if not timeout.should_wait():
                raise


def receive_adaptively(
    peer: socket.socket, child: ManagedProcess | None, timeout_seconds: float
) -> tuple[bytes, bool]:
    """Return the bytes that a host sends before it hangs, and whether it closed the connection."""
    timeout = AdaptiveTimeout(child, timeout_seconds)
    received, closed = receive_within(peer, timeout.next_wait_seconds)
    while not closed and timeout.should_wait():
        piece, closed = receive_within(peer, timeout.next_wait_seconds)
        received += piece
    return received, closed


def receive_within(peer: socket.socket, timeout_seconds: float) -> tuple[bytes, bool]:
    """Return the bytes received within the timeout, and whether the connection was closed."""
    received, deadline = b"", time.monotonic() + timeout_seconds
    while len(received) < MAX_REPLY_BYTES:
        peer.settimeout(max(0.001, deadline - time.monotonic()))
        try:
            piece = peer.recv(65536)
        except TimeoutError:
            return received, False
        except ConnectionError:  # the host closed without reading all bytes
            return received, True
        if not piece:
            return received, True
        received += piece
    return received, True
