"""Fork hosts from one process that has loaded the application, as gunicorn's preload does.

Like bench.agent.http_host, the process reads its launch spec from standard input. Each further
line forks one host, and the reply has the line's id and the host's process id. A killed host can
thus be replaced within milliseconds.
"""

import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from bench.agent.application import load_application
from bench.agent.draining_server import DrainingServer
from bench.agent.protocol import open_parent_channel, send_message


def main() -> int:
    """Load the application, then fork a host for each line of standard input."""
    spec, commands, replies = open_parent_channel()
    application = load_application(spec)
    listener = socket.socket(fileno=spec["fd"])
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    send_message(replies, ready=True)
    with os.fdopen(commands) as lines:
        for line in lines:
            command = json.loads(line)
            pid = os.fork()
            if pid == 0:
                serve(application, listener, command["threads"])
            send_message(replies, id=command["id"], pid=pid)
    return 0


def serve(application: Callable[..., Any], listener: socket.socket, threads: int) -> None:
    """Answer requests until this process is killed or its parent ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    threading.Thread(target=exit_with_parent, args=[os.getppid()], daemon=True).start()
    try:
        DrainingServer(application, listener, threads).run(on_listener_closed=lambda: None)
    finally:
        os._exit(1)


def exit_with_parent(parent: int) -> None:
    """End this process soon after its parent ends."""
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
