"""Answer every request with the same few bytes, to measure the load generator itself.

The null server does not parse HTTP: it treats each read from a connection as one small request.

Run: bench/measure/load/generator_capacity.py runs `python -m bench.measure.load.null_server`, and
passes a listening socket.
"""

import os
import selectors
import socket
import sys
import threading
from typing import TextIO

from bench.agent.protocol import exit_with_parent, open_parent_channel, send_message

REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def main() -> int:
    """Answer requests until the parent process ends."""
    launch_spec, messages, replies = open_parent_channel()
    threading.Thread(target=exit_with_parent, args=[messages], daemon=True).start()
    serve_connections(socket.socket(fileno=launch_spec["fd"]), replies)
    return 0


def serve_connections(listener: socket.socket, replies: TextIO) -> None:
    """Accept every connection and answer its requests."""
    selector = selectors.DefaultSelector()
    listener.setblocking(False)
    selector.register(listener, selectors.EVENT_READ)
    send_message(replies, ready=True)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                connection, _ = listener.accept()
                selector.register(connection.fileno(), selectors.EVENT_READ, connection)
            elif not send_reply(key.fd):
                selector.unregister(key.fd)
                key.data.close()


def send_reply(descriptor: int) -> bool:
    """Answer one request; return whether the connection stays open."""
    try:
        return bool(os.read(descriptor, 65536)) and os.write(descriptor, REPLY) > 0
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
