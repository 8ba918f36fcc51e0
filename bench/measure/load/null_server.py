"""How fast is the generator itself? Answers every request with the same few bytes.

It is no HTTP server: it takes whatever comes on a connection for one small request.

Run: bench/measure/load/generator_capacity.py does, as `python -m
bench.measure.load.null_server`, and passes a listening socket.
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
    """Answer until told to end."""
    order, orders, replies = open_parent_channel()
    threading.Thread(target=exit_with_parent, args=[orders], daemon=True).start()
    serve_connections(socket.socket(fileno=order["fd"]), replies)
    return 0


def serve_connections(listener: socket.socket, replies: TextIO) -> None:
    """Answer on every connection that comes."""
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
    """Answer once; return whether the connection stays."""
    try:
        return bool(os.read(descriptor, 65536)) and os.write(descriptor, REPLY) > 0
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
