"""Helpers for tests with plain sockets."""

import socket


def read_to_end(connection: socket.socket) -> bytes:
    """Return all bytes until the other side closes the connection."""
    pieces = []
    while piece := connection.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)
