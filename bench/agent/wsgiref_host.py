"""How does the standard library's own server answer for an application?

Runs inside a framework's environment, beside bench/agent/http_host.py, with the same order on
standard input.
wsgiref adds little and checks little: what differs from waitress here is waitress's doing.

Run: bench/behaviour/channel.py does, as `.venvs/flask/bin/python -m bench.agent.wsgiref_host`.
"""

import socket
import sys
import threading
import traceback
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from bench.agent.application import load_application
from bench.agent.protocol import exit_with_parent, open_parent_channel, send_message


class QuietRequestHandler(WSGIRequestHandler):
    """Answers one request, without a line in the log for each."""

    def address_string(self) -> str:
        """Return the client's address without asking a name server."""
        return str(self.client_address[0])

    def log_message(self, format: str, *args: Any) -> None:  # the parent's name
        """Say nothing."""


def main() -> int:
    """Take the order, load the application, answer requests; return the exit code."""
    order, orders, replies = open_parent_channel()
    threading.Thread(target=exit_with_parent, args=[orders], daemon=True).start()
    try:
        server = create_server(load_application(order), order["fd"])
    except BaseException as error:  # noqa: BLE001  # an application may even call sys.exit()
        traceback.print_exc()
        send_message(replies, error=" ".join(f"{type(error).__name__}: {error}".split()))
        return 1
    send_message(replies, ready=True)
    server.serve_forever()
    return 0


def create_server(application: Any, descriptor: int) -> WSGIServer:
    """Return the server, on a socket that somebody else bound."""
    server = WSGIServer(("127.0.0.1", 0), QuietRequestHandler, bind_and_activate=False)
    server.socket.close()
    server.socket = socket.socket(fileno=descriptor)
    server.socket.set_inheritable(False)
    # Not what a name server says: that differs from machine to machine.
    server.server_name = "127.0.0.1"
    server.server_port = server.socket.getsockname()[1]
    server.setup_environ()
    server.set_app(application)
    return server


if __name__ == "__main__":
    sys.exit(main())
