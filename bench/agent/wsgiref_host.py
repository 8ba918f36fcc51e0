"""Serve one application with the standard library's server.

wsgiref adds little and checks little: where its replies differ, waitress caused the difference.
Runs inside a framework's environment, with the same protocol as bench/agent/http_host.py.

bench/behaviour/channel.py starts it: `.venvs/flask/bin/python -m bench.agent.wsgiref_host`.
"""

import socket
import sys
import threading
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from bench.agent.application import load_application
from bench.agent.protocol import (
    exit_with_parent,
    open_parent_channel,
    report_fatal_errors,
    send_message,
)


class QuietRequestHandler(WSGIRequestHandler):
    """Answers one request, without a line in the log."""

    def address_string(self) -> str:
        """Return the client's address without a query to a name server."""
        return str(self.client_address[0])

    def log_message(self, format: str, *args: Any) -> None:  # named as in the parent class
        """Log nothing."""


def main() -> int:
    """Load the application and answer requests; return the exit code."""
    spec, commands, replies = open_parent_channel()
    threading.Thread(target=exit_with_parent, args=[commands], daemon=True).start()
    with report_fatal_errors(replies):
        server = create_server(load_application(spec), spec["fd"])
    send_message(replies, ready=True)
    server.serve_forever()
    return 0


def create_server(application: Any, descriptor: int) -> WSGIServer:
    """Return a server on a listening socket of the parent."""
    server = WSGIServer(("127.0.0.1", 0), QuietRequestHandler, bind_and_activate=False)
    server.socket.close()
    server.socket = socket.socket(fileno=descriptor)
    server.socket.set_inheritable(False)
    # Not the answer of a name server, which differs between machines.
    server.server_name = "127.0.0.1"
    server.server_port = server.socket.getsockname()[1]
    server.setup_environ()
    server.set_app(application)
    return server


if __name__ == "__main__":
    sys.exit(main())
