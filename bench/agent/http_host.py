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

from bench.agent.application import load
from bench.agent.draining_server import Server
from bench.agent.protocol import end_with_parent, ending_told, say, take_over_pipes

if TYPE_CHECKING:
    from bench.agent.line_recorder import Recorder


def main() -> int:
    """Take the order, load the application, answer requests; return the exit code."""
    order, orders, replies = take_over_pipes()
    threading.Thread(target=end_with_parent, args=[orders], daemon=True).start()
    with ending_told(replies):
        recorder = recorder_for(order)
        application = load(order)
        if recorder:
            application = recorder.around(application)
        listener = socket.socket(fileno=order["fd"])
        listener.set_inheritable(False)
        # waitress warns of every request that waits for a thread, which a full load makes normal.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        server = Server(application, listener, order.get("threads", 8))
    signal.signal(signal.SIGTERM, lambda *_: server.leave())
    say(replies, ready=True)
    server.run(told=lambda: say(replies, leaving=True))
    if recorder:
        recorder.save()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # said twice, it must not change the exit code
    return 0


def recorder_for(order: dict[str, Any]) -> "Recorder | None":
    """Return what notes the lines that run, begun before the application is imported."""
    if not order.get("record"):
        return None
    from bench.agent.line_recorder import Recorder

    return Recorder(order["folder"], order["record"])


if __name__ == "__main__":
    sys.exit(main())
