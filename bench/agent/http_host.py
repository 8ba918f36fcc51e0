"""Serve one application with waitress, inside its framework's environment.

The host reads a launch spec, one line of JSON, from standard input. It prints {"ready": true} when
it answers requests, and {"leaving": true} when it has closed its copy of the listening socket after
SIGTERM. It ends when it has answered all accepted requests, or when standard input closes. It
imports the standard library, waitress, the application and the settings of shared_db, and coverage
only to record lines.

bench/runtime/process.py starts it: `.venvs/flask/bin/python -m bench.agent.http_host`.
"""

import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bench.agent.application import load_application
from bench.agent.draining_server import DrainingServer
from bench.agent.protocol import (
    exit_with_parent,
    open_parent_channel,
    report_fatal_errors,
    send_message,
)

if TYPE_CHECKING:
    from bench.agent.line_recorder import LineRecorder


def main() -> int:
    """Load the application and answer requests; return the exit code."""
    spec, commands, replies = open_parent_channel()
    threading.Thread(target=exit_with_parent, args=[commands], daemon=True).start()
    with report_fatal_errors(replies):
        recorder = create_recorder(spec)
        with limit_processor_time(spec.get("start_cpu_seconds", 0)):
            application = load_application(spec)
        if recorder:
            application = recorder.wrap(application)
        if spec.get("observe"):
            application = observe_requests(application, spec)
        listener = socket.socket(fileno=spec["fd"])
        listener.set_inheritable(False)
        # waitress warns of each request that waits for a thread, which is normal under full load.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        server = DrainingServer(application, listener, spec.get("threads", 8))
    signal.signal(signal.SIGTERM, lambda *_: server.stop_accepting())
    send_message(replies, ready=True)
    server.run(on_listener_closed=lambda: send_message(replies, leaving=True))
    if recorder:
        recorder.save()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second SIGTERM must not change the exit code
    return 0


@contextmanager
def limit_processor_time(seconds: int) -> Iterator[None]:
    """Raise TimeoutError in the block when this process has used so much processor time.

    The traceback then names the line of a loop that never ends. Time that the process waits, for
    example on a busy machine, does not count. 0 sets no limit.
    """
    if not seconds:
        yield
        return

    def fail(*_: object) -> None:
        raise TimeoutError(f"the start used more than {seconds} s of processor time")

    before = signal.signal(signal.SIGVTALRM, fail)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def create_recorder(spec: dict[str, Any]) -> "LineRecorder | None":
    """Start the recorder of lines, if the launch spec names a record."""
    if not spec.get("record"):
        return None
    from bench.agent.line_recorder import LineRecorder

    return LineRecorder(spec["folder"], spec["record"])


def observe_requests(application: Callable[..., Any], spec: dict[str, Any]) -> Callable[..., Any]:
    """Return the application, the numbered requests of which are observed for the workbench."""
    from bench.agent.request_observer import RequestObserver

    rules = [(part, layer) for part, layer in spec.get("layer_rules", [])]
    return RequestObserver(spec["folder"], spec["observe"], rules).wrap(application)


if __name__ == "__main__":
    sys.exit(main())
