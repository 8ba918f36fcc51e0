"""How does one command reach another that is already running?

Over a Unix socket beside the run-time state: one line of JSON there, one line back.
"""

import json
import os
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.places import Places
from bench.troubles import Missing, Trouble

REQUEST_SECONDS = 5.0
ANSWER_SECONDS = 600.0  # a switch may build an environment first


def path_for(places: Places, port: int) -> Path:
    """Return the path of the socket that belongs to an address."""
    return places.state / f"serve-{port}.sock"


class Door:
    """The side that answers, in a thread, until it is closed."""

    def __init__(self, path: Path, answer: Callable[[str], Mapping[str, object]]):
        self.path, self.answer = path, answer
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # left by a killed one: the port itself is ours by now
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(short(path))
        path.chmod(0o600)
        self.socket.listen()
        threading.Thread(target=self.run, name="control", daemon=True).start()

    def run(self) -> None:
        """Answer one request after another."""
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:  # closed
                return
            with connection, suppress(OSError, ValueError, KeyError):
                connection.settimeout(REQUEST_SECONDS)
                request = read_line(connection)
                reply = self.answer(request["switch"])
                connection.sendall(json.dumps(reply).encode() + b"\n")

    def close(self) -> None:
        """Stop answering, and remove the socket."""
        self.path.unlink(missing_ok=True)
        with suppress(OSError):  # wakes accept(), which close() alone does not
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def ask_to_switch(places: Places, port: int, name: str) -> str:
    """Ask the running `serve` to put another framework there; return what it says.

    Raises Missing when none runs, and Trouble, with its exit code, when it could not.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ANSWER_SECONDS)
        try:
            connection.connect(short(path_for(places, port)))
            connection.sendall(json.dumps({"switch": name}).encode() + b"\n")
            reply = read_line(connection)
        except (ConnectionRefusedError, FileNotFoundError) as error:
            hint = f"cookoff serve {name} --port {port}"
            raise Missing(f"nothing is served on port {port}; start it with: {hint}") from error
        except (OSError, ValueError) as error:
            raise Missing(f"the server on port {port} ended before it answered") from error
    if "trouble" in reply:
        trouble = Trouble(reply["trouble"])
        trouble.exit_code = reply["exit_code"]
        raise trouble
    return str(reply["done"])


def short(path: Path) -> str:
    """Return the path in the shorter spelling: the address of a Unix socket holds 100 bytes."""
    return min(str(path), os.path.relpath(path), key=len)


def read_line(connection: socket.socket) -> dict[str, Any]:
    """Return the object in the next line; raise ValueError when there is none."""
    with connection.makefile("r", encoding="utf-8") as lines:
        document = json.loads(lines.readline())
    if not isinstance(document, dict):
        raise ValueError("not an object")
    return document
