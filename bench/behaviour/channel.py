"""Through which channel is a framework asked: in its process, behind waitress, behind wsgiref?

A host that hangs or ends is started again, so that the next probe finds one. One that is slow only
because the machine is busy goes on using its processor, and is waited for.
"""

import base64
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.behaviour.cpu_aware_timeout import received_by, received_from, reply_of
from bench.behaviour.http_response import Reply, parsed, written
from bench.core import entrypoints
from bench.runtime.host import listen
from bench.runtime.launch_spec import Order
from bench.runtime.process import START_SECONDS, Child, NotStarted, ready

LIMIT_SECONDS = 3.0
# What is imported by the first request of all takes longer; and a client that gives up says so.
FIRST_SECONDS = 60.0
FAREWELL_SECONDS = 1.0
FIRST = b"GET /hello HTTP/1.1\r\nHost: localhost:8000\r\nConnection: close\r\n\r\n"
IN_PROCESS, WAITRESS, WSGIREF = "in-process", "waitress", "wsgiref"
CHANNELS = (IN_PROCESS, WAITRESS, WSGIREF)
MODULES = {
    IN_PROCESS: entrypoints.PROBE_WORKER,
    WAITRESS: entrypoints.HTTP_HOST,
    WSGIREF: entrypoints.WSGIREF_HOST,
}
HANGS, CRASHES, GONE = "hangs", "crashes the host", "the host does not start again"


@dataclass(frozen=True)
class Answer:
    """What came of one request."""

    reply: Reply
    trouble: str = ""  # HANGS, CRASHES or GONE
    raised: str = ""  # the kind of exception that left the application, in its process only
    hits: tuple[str, ...] = ()  # rules of PEP 3333 that it broke, in its process only
    length: int = 0  # of the whole body, in its process only


class Channel:
    """One framework behind one channel, kept alive from probe to probe.

    Once the application is known to start, a host that does not is an outcome; none is tried again.
    """

    def __init__(
        self,
        kind: str,
        order: Order,
        log: Path,
        limit_seconds: float = LIMIT_SECONDS,
        does_start: bool = False,
    ) -> None:
        self.kind, self.order, self.log = kind, order, log
        self.does_start, self.given_up = does_start, False
        self.limit_seconds = limit_seconds
        self.fallen = 0  # how often a host had ended by itself when the next bytes came
        self._listener = None if kind == IN_PROCESS else listen()
        self._child: Child | None = None

    def ask(self, raw: bytes, half_close: bool = False) -> Answer:
        """Send the bytes of one request and return what came of it.

        A host that crashes is asked again: it may have been about to end since the bytes before.
        Raises NotStarted when the application never started; for nothing else that a host does.
        """
        answer = self._answer(raw, half_close)
        if answer.trouble != CRASHES:
            return answer
        again = self._answer(raw, half_close)
        if again.trouble in (CRASHES, GONE):
            return answer
        self.fallen += 1
        return again

    def _answer(self, raw: bytes, half_close: bool) -> Answer:
        if self.kind == IN_PROCESS:
            return self.call(self.limit_seconds, request=base64.b64encode(raw).decode())
        child = self.running()
        if child is None:
            return Answer(Reply(0, complete=False), GONE)
        received, closed, alive = self._exchange(raw, half_close, self.limit_seconds)
        reply = parsed(received, head=raw.startswith(b"HEAD "))
        if not received and gone(child, 0.3):
            return self._troubled(CRASHES, reply)
        if closed or (reply.status and reply.complete and reply.framed):
            return Answer(reply)
        kept = alive and self.kind == WSGIREF
        return Answer(reply, HANGS) if kept else self._troubled(HANGS, reply)

    def call(self, limit_seconds: float, **what: object) -> Answer:
        """Have the application called in its own process; `what` is the message to the process."""
        child = self.running()
        if child is None:
            return Answer(Reply(0, complete=False), GONE)
        try:
            said = reply_of(child, child.send(**what), limit_seconds)
        except TimeoutError:
            return self._troubled(HANGS)
        except (OSError, ValueError):
            return self._troubled(CRASHES)
        return answer_in(said) if said else self._troubled(CRASHES)

    def running(self) -> Child | None:
        """Return the host, started now if there is none; None when none starts any more."""
        if self._child is None or not self._child.running:
            self.fallen += self._child is not None
            self.stop()
            self._child = self._started()
        return self._child

    def _started(self) -> Child | None:
        if self.given_up:
            return None
        make = lambda: Child(MODULES[self.kind], self.order, self.log, self._listener)  # noqa: E731
        try:
            child = ready(make, self.order.name, START_SECONDS)
        except NotStarted:
            if not self.does_start:
                raise
            self.given_up = True
            return None
        self.does_start = True
        self._child = child
        self._warm_up(child)
        return child

    def _warm_up(self, child: Child) -> None:
        """Have the first page made, whatever becomes of it: no probe is to wait for imports.

        A reply that comes too late is dropped: the next request has another number.
        """
        if self.kind != IN_PROCESS:
            self._exchange(FIRST, False, FIRST_SECONDS)
        else:
            with suppress(OSError, ValueError):
                child.reply(child.send(request=base64.b64encode(FIRST).decode()), FIRST_SECONDS)

    def stop(self) -> None:
        """End the host."""
        if self._child:
            self._child.kill()
            self._child = None

    def close(self) -> None:
        """End the host and let go of the address."""
        self.stop()
        if self._listener:
            self._listener.close()

    def _troubled(self, trouble: str, reply: Reply | None = None) -> Answer:
        self.stop()
        return Answer(reply or Reply(0, complete=False), trouble)

    def _exchange(
        self, raw: bytes, half_close: bool, limit_seconds: float
    ) -> tuple[bytes, bool, bool]:
        """Return what came in time, whether it was closed, and whether the host is free.

        A host that lets go once the client has left only waited for more.
        """
        assert self._listener
        with socket.create_connection(self._listener.getsockname(), limit_seconds) as peer:
            with suppress(OSError):  # it answered and closed before it had read all
                peer.sendall(raw)
                if half_close:
                    peer.shutdown(socket.SHUT_WR)
            received, closed = received_from(peer, self._child, limit_seconds)
            if closed:
                return received, True, True
            with suppress(OSError):
                peer.shutdown(socket.SHUT_WR)
            return received, False, received_by(peer, FAREWELL_SECONDS)[1]


def gone(child: Child, limit_seconds: float) -> bool:
    """Tell whether the process ended, now or within the time."""
    with suppress(Exception):
        child.process.wait(limit_seconds)
    return not child.running


def answer_in(said: dict[str, Any]) -> Answer:
    """Return what the caller told."""
    body = base64.b64decode(said["body"])
    complete = not said["raised"]
    reply = written(said["status"], said["headers"], body, complete)
    return Answer(reply, "", said["raised"], tuple(said["hits"]), said["length"])
