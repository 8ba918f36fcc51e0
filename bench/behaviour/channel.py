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

from bench.behaviour.cpu_aware_timeout import receive_adaptively, receive_within, wait_for_reply
from bench.behaviour.http_response import Reply, parse_reply, reply_from_wsgi
from bench.core import entrypoints
from bench.runtime.host import listen
from bench.runtime.launch_spec import LaunchSpec
from bench.runtime.process import (
    START_TIMEOUT_SECONDS,
    ManagedProcess,
    ProcessStartError,
    start_process,
)

TIMEOUT_SECONDS = 3.0
# What is imported by the first request of all takes longer; and a client that gives up says so.
WARM_UP_TIMEOUT_SECONDS = 60.0
CLOSE_TIMEOUT_SECONDS = 1.0
WARM_UP_REQUEST = b"GET /hello HTTP/1.1\r\nHost: localhost:8000\r\nConnection: close\r\n\r\n"
IN_PROCESS, WAITRESS, WSGIREF = "in-process", "waitress", "wsgiref"
CHANNELS = (IN_PROCESS, WAITRESS, WSGIREF)
HOST_MODULES = {
    IN_PROCESS: entrypoints.PROBE_WORKER,
    WAITRESS: entrypoints.HTTP_HOST,
    WSGIREF: entrypoints.WSGIREF_HOST,
}
HANGS, CRASHES, WILL_NOT_RESTART = "hangs", "crashes the host", "the host does not start again"


@dataclass(frozen=True)
class RequestResult:
    """What came of one request."""

    reply: Reply
    failure: str = ""  # HANGS, CRASHES or GONE
    exception_name: str = ""  # the kind of exception that left the application, in its process only
    violations: tuple[str, ...] = ()  # rules of PEP 3333 that it broke, in its process only
    body_length: int = 0  # of the whole body, in its process only


class Channel:
    """One framework behind one channel, kept alive from probe to probe.

    Once the application is known to start, a host that does not is an outcome; none is tried again.
    """

    def __init__(
        self,
        kind: str,
        launch_spec: LaunchSpec,
        log: Path,
        timeout_seconds: float = TIMEOUT_SECONDS,
        has_started: bool = False,
    ) -> None:
        self.kind, self.launch_spec, self.log = kind, launch_spec, log
        self.has_started, self.given_up = has_started, False
        self.timeout_seconds = timeout_seconds
        self.crash_count = 0  # how often a host had ended by itself when the next bytes came
        self._listener = None if kind == IN_PROCESS else listen()
        self._child: ManagedProcess | None = None

    def send_request(self, raw: bytes, half_close: bool = False) -> RequestResult:
        """Send the bytes of one request and return what came of it.

        A host that crashes is asked again: it may have been about to end since the bytes before.
        Raises NotStarted when the application never started; for nothing else that a host does.
        """
        answer = self._send_once(raw, half_close)
        if answer.failure != CRASHES:
            return answer
        again = self._send_once(raw, half_close)
        if again.failure in (CRASHES, WILL_NOT_RESTART):
            return answer
        self.crash_count += 1
        return again

    def _send_once(self, raw: bytes, half_close: bool) -> RequestResult:
        if self.kind == IN_PROCESS:
            return self.call_application(
                self.timeout_seconds, request=base64.b64encode(raw).decode()
            )
        child = self.ensure_host()
        if child is None:
            return RequestResult(Reply(0, complete=False), WILL_NOT_RESTART)
        received, closed, alive = self._exchange(raw, half_close, self.timeout_seconds)
        reply = parse_reply(received, head=raw.startswith(b"HEAD "))
        if not received and has_ended(child, 0.3):
            return self._stop_after_failure(CRASHES, reply)
        if closed or (reply.status and reply.complete and reply.is_framed):
            return RequestResult(reply)
        kept = alive and self.kind == WSGIREF
        return RequestResult(reply, HANGS) if kept else self._stop_after_failure(HANGS, reply)

    def call_application(self, timeout_seconds: float, **message: object) -> RequestResult:
        """Have the application called in its own process; `what` is the message to the process."""
        child = self.ensure_host()
        if child is None:
            return RequestResult(Reply(0, complete=False), WILL_NOT_RESTART)
        try:
            said = wait_for_reply(child, child.send(**message), timeout_seconds)
        except TimeoutError:
            return self._stop_after_failure(HANGS)
        except (OSError, ValueError):
            return self._stop_after_failure(CRASHES)
        return parse_result(said) if said else self._stop_after_failure(CRASHES)

    def ensure_host(self) -> ManagedProcess | None:
        """Return the host, started now if there is none; None when none starts any more."""
        if self._child is None or not self._child.is_running:
            self.crash_count += self._child is not None
            self.stop()
            self._child = self._start_host()
        return self._child

    def _start_host(self) -> ManagedProcess | None:
        if self.given_up:
            return None
        make = lambda: ManagedProcess(  # noqa: E731
            HOST_MODULES[self.kind], self.launch_spec, self.log, self._listener
        )
        try:
            child = start_process(make, self.launch_spec.name, START_TIMEOUT_SECONDS)
        except ProcessStartError:
            if not self.has_started:
                raise
            self.given_up = True
            return None
        self.has_started = True
        self._child = child
        self._warm_up(child)
        return child

    def _warm_up(self, child: ManagedProcess) -> None:
        """Have the first page made, whatever becomes of it: no probe is to wait for imports.

        A reply that comes too late is dropped: the next request has another number.
        """
        if self.kind != IN_PROCESS:
            self._exchange(WARM_UP_REQUEST, False, WARM_UP_TIMEOUT_SECONDS)
        else:
            with suppress(OSError, ValueError):
                child.receive_reply(
                    child.send(request=base64.b64encode(WARM_UP_REQUEST).decode()),
                    WARM_UP_TIMEOUT_SECONDS,
                )

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

    def _stop_after_failure(self, failure: str, reply: Reply | None = None) -> RequestResult:
        self.stop()
        return RequestResult(reply or Reply(0, complete=False), failure)

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
            received, closed = receive_adaptively(peer, self._child, limit_seconds)
            if closed:
                return received, True, True
            with suppress(OSError):
                peer.shutdown(socket.SHUT_WR)
            return received, False, receive_within(peer, CLOSE_TIMEOUT_SECONDS)[1]


def has_ended(child: ManagedProcess, limit_seconds: float) -> bool:
    """Tell whether the process ended, now or within the time."""
    with suppress(Exception):
        child.process.wait(limit_seconds)
    return not child.is_running


def parse_result(said: dict[str, Any]) -> RequestResult:
    """Return what the caller told."""
    body = base64.b64decode(said["body"])
    complete = not said["raised"]
    reply = reply_from_wsgi(said["status"], said["headers"], body, complete)
    return RequestResult(reply, "", said["raised"], tuple(said["hits"]), said["length"])
