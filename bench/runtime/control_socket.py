"""How does one command reach another that is already running?

Over a Unix socket beside the run-time state: one line of JSON there, one line back.
"""

import json
import os
import socket
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.core import private_files
from bench.core.errors import CookoffError, DependencyError, collapse_whitespace
from bench.core.paths import Paths

REQUEST_TIMEOUT_SECONDS = 5.0
RETRY_SECONDS = 0.1
LINE_LIMIT_BYTES = 65536
REPLY_TIMEOUT_SECONDS = 600.0  # a switch may build an environment first


def build_socket_path(places: Paths, port: int) -> Path:
    """Return the path of the socket that belongs to an address."""
    return places.state / f"serve-{port}.sock"


class ControlServer:
    """The side that answers, in a thread, until it is closed."""

    def __init__(self, path: Path, handler: Callable[[str], Mapping[str, object]]):
        self.path, self.handler, self.closed = path, handler, threading.Event()
        private_files.make_folder(path.parent)
        path.unlink(missing_ok=True)  # left by a killed one: the port itself is ours by now
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(shorten_path(path))
        path.chmod(0o600)
        self.socket.listen()
        threading.Thread(target=self.serve_forever, name="control", daemon=True).start()

    def serve_forever(self) -> None:
        """Answer one request after another until closed, whatever goes wrong with one of them."""
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                if self.closed.wait(RETRY_SECONDS):
                    return
                continue  # out of descriptors, for now
            # It went away, was too slow, or sent no request.
            with connection, suppress(OSError, ValueError, LookupError, RecursionError):
                self.handle_connection(connection)

    def handle_connection(self, connection: socket.socket) -> None:
        """Answer one request, also with what went wrong."""
        request = read_message(connection, REQUEST_TIMEOUT_SECONDS)
        try:
            reply = self.handler(str(request["switch"]))
        except BaseException as error:  # noqa: BLE001  # this thread has to answer the next one
            traceback.print_exception(error)
            reply = build_error_reply(error)
        connection.settimeout(REQUEST_TIMEOUT_SECONDS)
        connection.sendall(json.dumps(reply).encode() + b"\n")

    def close(self) -> None:
        """Stop answering, and remove the socket."""
        self.closed.set()
        self.path.unlink(missing_ok=True)
        with suppress(OSError):  # wakes accept(), which close() alone does not
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def build_error_reply(error: BaseException) -> dict[str, object]:
    """Return the reply for an error that nobody foresaw."""
    words = f"the switch failed: {type(error).__name__}: {collapse_whitespace(error)}"
    return {"trouble": f"{words}; cookoff serve shows where", "exit_code": CookoffError.exit_code}


def request_switch(places: Paths, port: int, name: str) -> str:
    """Ask the running `serve` to put another framework there; return what it says.

    Raises Missing when none runs, and Trouble, with its exit code, when it could not.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(REQUEST_TIMEOUT_SECONDS)
        try:
            connection.connect(shorten_path(build_socket_path(places, port)))
            connection.sendall(json.dumps({"switch": name}).encode() + b"\n")
            reply = read_message(connection, REPLY_TIMEOUT_SECONDS)
        except (ConnectionRefusedError, FileNotFoundError) as error:
            hint = f"cookoff serve {name} --port {port}"
            raise DependencyError(
                f"nothing is served on port {port}; start it with: {hint}"
            ) from error
        except TimeoutError as error:
            words = f"the server on port {port} did not answer within {REPLY_TIMEOUT_SECONDS:g} s"
            raise CookoffError(
                f"{words}; see what it shows, or end it and start it again"
            ) from error
        except (OSError, ValueError) as error:
            raise DependencyError(f"the server on port {port} ended before it answered") from error
    if "done" not in reply:
        trouble = CookoffError(reply.get("trouble", f"the server on port {port} gave no answer"))
        trouble.exit_code = reply.get("exit_code", CookoffError.exit_code)
        raise trouble
    return str(reply["done"])


def shorten_path(path: Path) -> str:
    """Return the path in the shorter spelling: the address of a Unix socket holds 100 bytes."""
    return min(str(path), os.path.relpath(path), key=len)


def read_message(connection: socket.socket, timeout_seconds: float) -> dict[str, Any]:
    """Return the object in the next line.

    Raises TimeoutError when the line is not whole in time, ValueError when it holds no object.
    """
    line, deadline = b"", time.monotonic() + timeout_seconds
    while not line.endswith(b"\n") and len(line) < LINE_LIMIT_BYTES:
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        piece = connection.recv(LINE_LIMIT_BYTES)
        if not piece:
            break
        line += piece
    document = json.loads(line)
    if not isinstance(document, dict):
        raise ValueError("not an object")
    return document
