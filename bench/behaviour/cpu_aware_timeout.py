"""How long is a host waited for? For its time, and then as long as it is at work.

A machine may be so busy that an ordinary reply comes late. A host that hangs waits for something;
one that is only slow uses its processor.
"""

import socket
import time
from typing import Any

import psutil

from bench.runtime.process import Child

# Who used no processor for so long hangs; who did is given more time, up to this.
IDLE_SECONDS = 1.0
PATIENCE_SECONDS = 30.0
REPLY_LIMIT_BYTES = 4 * 1024 * 1024


class Patience:
    """What is left of the time for one reply."""

    def __init__(self, child: Child | None, limit_seconds: float) -> None:
        """Begin to wait."""
        self._child = child
        self._used = -1.0
        self._end = time.monotonic() + max(limit_seconds, PATIENCE_SECONDS)
        self.next_seconds = max(0.0, limit_seconds - IDLE_SECONDS)

    def lasts(self) -> bool:
        """Tell whether to wait once more, for next_seconds."""
        used = used_seconds(self._child)
        idle, self._used, self.next_seconds = used == self._used, used, IDLE_SECONDS
        return not idle and time.monotonic() < self._end


def used_seconds(child: Child | None) -> float:
    """Return how much processor time a process has used, 0 for one that is gone."""
    try:
        return float(sum(psutil.Process(child.pid).cpu_times()[:2])) if child else 0.0
    except psutil.Error:
        return 0.0


def reply_of(child: Child, number: int, limit_seconds: float) -> dict[str, Any]:
    """Return a process's reply to a message, {} when it is gone; raise TimeoutError if it hangs."""
    patience = Patience(child, limit_seconds)
    while True:
        try:
            return child.reply(number, patience.next_seconds)
        except TimeoutError:
            if not patience.lasts():
                raise


def received_from(
    peer: socket.socket, child: Child | None, limit_seconds: float
) -> tuple[bytes, bool]:
    """Return what a host brings before it hangs, and whether it closed the connection then."""
    patience = Patience(child, limit_seconds)
    found, closed = received_by(peer, patience.next_seconds)
    while not closed and patience.lasts():
        piece, closed = received_by(peer, patience.next_seconds)
        found += piece
    return found, closed


def received_by(peer: socket.socket, limit_seconds: float) -> tuple[bytes, bool]:
    """Return what a connection brings in time, and whether it was closed then."""
    found, deadline = b"", time.monotonic() + limit_seconds
    while len(found) < REPLY_LIMIT_BYTES:
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
