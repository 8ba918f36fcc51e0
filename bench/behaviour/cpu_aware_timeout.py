"""How long is a host waited for? For its time, and then as long as it is at work.

A machine may be so busy that an ordinary reply comes late. A host that hangs waits for something;
one that is only slow uses its processor.
"""

import socket
import time
from typing import Any

import psutil

from bench.runtime.process import ManagedProcess

# Who used no processor for so long hangs; who did is given more time, up to this.
IDLE_SECONDS = 1.0
MAX_WAIT_SECONDS = 30.0
MAX_REPLY_BYTES = 4 * 1024 * 1024


class AdaptiveTimeout:
    """What is left of the time for one reply."""

    def __init__(self, child: ManagedProcess | None, timeout_seconds: float) -> None:
        """Begin to wait."""
        self._child = child
        self._used = -1.0
        self._end = time.monotonic() + max(timeout_seconds, MAX_WAIT_SECONDS)
        self.next_wait_seconds = max(0.0, timeout_seconds - IDLE_SECONDS)

    def should_wait(self) -> bool:
        """Tell whether to wait once more, for next_seconds."""
        used = read_cpu_seconds(self._child)
        idle, self._used, self.next_wait_seconds = used == self._used, used, IDLE_SECONDS
        return not idle and time.monotonic() < self._end


def read_cpu_seconds(child: ManagedProcess | None) -> float:
    """Return how much processor time a process has used, 0 for one that is gone."""
    try:
        return float(sum(psutil.Process(child.pid).cpu_times()[:2])) if child else 0.0
    except psutil.Error:
        return 0.0


def wait_for_reply(child: ManagedProcess, number: int, limit_seconds: float) -> dict[str, Any]:
    """Return a process's reply to a message, {} when it is gone; raise TimeoutError if it hangs."""
    patience = AdaptiveTimeout(child, limit_seconds)
    while True:
        try:
            return child.receive_reply(number, patience.next_wait_seconds)
        except TimeoutError:
            if not patience.should_wait():
                raise


def receive_adaptively(
    peer: socket.socket, child: ManagedProcess | None, limit_seconds: float
) -> tuple[bytes, bool]:
    """Return what a host brings before it hangs, and whether it closed the connection then."""
    patience = AdaptiveTimeout(child, limit_seconds)
    found, closed = receive_within(peer, patience.next_wait_seconds)
    while not closed and patience.should_wait():
        piece, closed = receive_within(peer, patience.next_wait_seconds)
        found += piece
    return found, closed


def receive_within(peer: socket.socket, limit_seconds: float) -> tuple[bytes, bool]:
    """Return what a connection brings in time, and whether it was closed then."""
    found, deadline = b"", time.monotonic() + limit_seconds
    while len(found) < MAX_REPLY_BYTES:
        peer.settimeout(max(0.001, deadline - time.monotonic()))
        try:
            piece = peer.recv(65536)
        except TimeoutError:
            return found, False
        except ConnectionError:  # closed with something of ours unread
            return found, True
        if not piece:
            return found, True
        found += piece
    return found, True
