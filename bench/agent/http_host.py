"""How does one application answer requests, inside its framework's environment?

It takes its order, one line of JSON, on standard input, says {"ready": true} on standard output
once requests are answered, {"leaving": true} once SIGTERM has made it close its copy of the
listening socket, and ends when it has answered what it had accepted, or when standard input closes.
It imports the standard library, waitress, the application, and the settings of shared_db; and
coverage, where it is to note which lines run.

Run: bench/runtime/process.py does, as `.venvs/flask/bin/python -m bench.agent.http_host`.
"""

import logging
import signal
import socket
import sys
import threading
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
    """Take the order, load the application, answer requests; return the exit code."""
    order, orders, replies = open_parent_channel()
    threading.Thread(target=exit_with_parent, args=[orders], daemon=True).start()
    with report_fatal_errors(replies):
        recorder = create_recorder(order)
        application = load_application(order)
        if recorder:
            application = recorder.wrap(application)
        listener = socket.socket(fileno=order["fd"])
        listener.set_inheritable(False)
        # waitress warns of every request that waits for a thread, which a full load makes normal.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        server = DrainingServer(application, listener, order.get("threads", 8))
    signal.signal(signal.SIGTERM, lambda *_: server.stop_accepting())
    send_message(replies, ready=True)
    server.run(on_listener_closed=lambda: send_message(replies, leaving=True))
    if recorder:
        recorder.save()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # said twice, it must not change the exit code
    return 0


def create_recorder(spec: dict[str, Any]) -> "LineRecorder | None":
    """Return what notes the lines that run, begun before the application is imported."""
    if not spec.get("record"):
        return None
    from bench.agent.line_recorder import LineRecorder

    return LineRecorder(spec["folder"], spec["record"])


if __name__ == "__main__":
    sys.exit(main())
