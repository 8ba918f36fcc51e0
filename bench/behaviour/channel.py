"""Send probes to a framework in its own process, behind waitress, or behind wsgiref.

A host that hangs or ends is restarted for the next probe. A host that is slow only because the
machine is busy still uses CPU time, so the channel waits longer for its reply.
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
# The first request imports modules, which takes longer than any later request.
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
    """The result of one request: a reply, a failure, or an exception."""

    reply: Reply
    failure: str = ""  # HANGS, CRASHES, WILL_NOT_RESTART, or ""
    exception_name: str = ""  # type of the exception that left the application; in-process only
    violations: tuple[str, ...] = ()  # rules of PEP 3333 that were broken; in-process only
    body_length: int = 0  # bytes of the whole body; in-process only


class Channel:
    """One framework behind one channel; its host stays alive between probes.

    If the application has started before and a later host does not start, that failure is an
    outcome, and the channel makes no further attempt.
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
        self.crash_count = 0  # hosts that had ended by themselves before the next request
        self._listener = None if kind == IN_PROCESS else listen()
        self._child: ManagedProcess | None = None

    def send_request(self, raw: bytes, half_close: bool = False) -> RequestResult:
        """Send the bytes of one request and return the result.

        After a crash the request is sent a second time, because an earlier request may have caused
        the crash. Raises ProcessStartError if the application has never started; every other
        failure of a host is part of the result.
        """
        first = self._send_once(raw, half_close)
        if first.failure != CRASHES:
            return first
        second = self._send_once(raw, half_close)
        if second.failure in (CRASHES, WILL_NOT_RESTART):
            return first
        self.crash_count += 1
        return second

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
        if alive and self.kind == WSGIREF:
            return RequestResult(reply, HANGS)
        return self._stop_after_failure(HANGS, reply)

    def call_application(self, timeout_seconds: float, **message: object) -> RequestResult:
        """Call the application in its own process; `message` holds the worker's arguments."""
        child = self.ensure_host()
        if child is None:
            return RequestResult(Reply(0, complete=False), WILL_NOT_RESTART)
        try:
            fields = wait_for_reply(child, child.send(**message), timeout_seconds)
        except TimeoutError:
            return self._stop_after_failure(HANGS)
        except (OSError, ValueError):
            return self._stop_after_failure(CRASHES)
        return parse_result(fields) if fields else self._stop_after_failure(CRASHES)

    def ensure_host(self) -> ManagedProcess | None:
        """Return the running host, started if needed; None if the host no longer starts."""
        if self._child is None or not self._child.is_running:
            self.crash_count += self._child is not None
            self.stop()
            self._child = self._start_host()
        return self._child

    def _start_host(self) -> ManagedProcess | None:
        if self.given_up:
            return None

        def create_process() -> ManagedProcess:
            return ManagedProcess(
                HOST_MODULES[self.kind], self.launch_spec, self.log, self._listener
            )

        try:
            child = start_process(create_process, self.launch_spec.name, START_TIMEOUT_SECONDS)
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
        """Send one request and ignore its reply, so that no probe waits for imports.

        A reply that arrives too late is dropped, because the next request has another number.
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
        """Stop the host."""
        if self._child:
            self._child.kill()
            self._child = None

    def close(self) -> None:
        """Stop the host and close its listening socket."""
        self.stop()
        if self._listener:
            self._listener.close()

    def _stop_after_failure(self, failure: str, reply: Reply | None = None) -> RequestResult:
        self.stop()
        return RequestResult(reply or Reply(0, complete=False), failure)

    def _exchange(
        self, raw: bytes, half_close: bool, timeout_seconds: float
    ) -> tuple[bytes, bool, bool]:
        """Return the bytes received in time, whether the host closed, and whether it is free.

        A host that closes the connection after the client has done so only waited for more bytes.
        """
        assert self._listener
        with socket.create_connection(self._listener.getsockname(), timeout_seconds) as peer:
            with suppress(OSError):  # the host may reply and close before it has read all bytes
                peer.sendall(raw)
                if half_close:
                    peer.shutdown(socket.SHUT_WR)
            received, closed = receive_adaptively(peer, self._child, timeout_seconds)
            if closed:
                return received, True, True
            with suppress(OSError):
                peer.shutdown(socket.SHUT_WR)
            return received, False, receive_within(peer, CLOSE_TIMEOUT_SECONDS)[1]


def has_ended(child: ManagedProcess, timeout_seconds: float) -> bool:
    """Return whether the process has ended, or ends within the timeout."""
    with suppress(Exception):
        child.process.wait(timeout_seconds)
    return not child.is_running


def parse_result(fields: dict[str, Any]) -> RequestResult:
    """Return the result in a message of the probe worker (bench/agent/probe_worker.py)."""
    body = base64.b64decode(fields["body"])
    complete = not fields["raised"]
    reply = reply_from_wsgi(fields["status"], fields["headers"], body, complete)
    return RequestResult(reply, "", fields["raised"], tuple(fields["hits"]), fields["length"])
