"""What tests do with a bare socket."""

import socket


def read_to_end(connection: socket.socket) -> bytes:
    """Return all that comes until the other side closes the connection."""
    pieces = []
    while piece := connection.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)
