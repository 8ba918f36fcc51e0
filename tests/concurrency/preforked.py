"""Hosts forked from one process which has loaded the application, as gunicorn preloads it.

Like bench.agent.http_host it takes its order on standard input; each further line makes one more
host, whose
process id it answers under the line's number. So that a host can be killed and replaced in
milliseconds.
"""

import json
import logging
import os
import signal
import socket
import sys
import threading
import time

from bench.agent.application import load_application
from bench.agent.draining_server import DrainingServer
from bench.agent.protocol import open_parent_channel, send_message


def main() -> int:
    """Load the application, then fork a host for each line until there are no more."""
    order, orders, replies = open_parent_channel()
    application = load_application(order)
    listener = socket.socket(fileno=order["fd"])
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    send_message(replies, ready=True)
    with os.fdopen(orders) as lines:
        for line in lines:
            asked = json.loads(line)
            pid = os.fork()
            if pid == 0:
                serve(application, listener, asked["threads"])
            send_message(replies, id=asked["id"], pid=pid)
    return 0


def serve(application, listener: socket.socket, threads: int) -> None:
    """Answer requests until killed, or until the process that forked this one is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    threading.Thread(target=end_with, args=[os.getppid()], daemon=True).start()
    try:
        DrainingServer(application, listener, threads).run(on_listener_closed=lambda: None)
    finally:
        os._exit(1)


def end_with(parent: int) -> None:
    """End this process soon after another one has."""
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
