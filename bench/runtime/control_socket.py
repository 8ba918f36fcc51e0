"""Send a command to a running `cookoff serve` over a Unix socket in the state folder.

The client sends one line of JSON, {"switch": "flask"}. The server replies with one line of JSON,
{"done": "..."} or {"error": "...", "exit_code": 3}.
"""

import json
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
from bench.core.paths import Paths, shorten_path

REQUEST_TIMEOUT_SECONDS = 5.0
RETRY_SECONDS = 0.1
LINE_LIMIT_BYTES = 65536
REPLY_TIMEOUT_SECONDS = 600.0  # a switch may build an environment first


def build_socket_path(paths: Paths, port: int) -> Path:
    """Return the path of the control socket of a port."""
    return paths.state / f"serve-{port}.sock"


class ControlServer:
    """The server side of the control socket; a thread replies to requests until close()."""

    def __init__(self, path: Path, handler: Callable[[str], Mapping[str, object]]):
        self.path, self.handler, self.closed = path, handler, threading.Event()
        private_files.make_folder(path.parent)
        path.unlink(missing_ok=True)  # of a killed server: this process has bound the port
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(shorten_path(path))
        path.chmod(0o600)
        self.socket.listen()
        threading.Thread(target=self.serve_forever, name="control", daemon=True).start()

    def serve_forever(self) -> None:
        """Handle connections until close(); a failed connection does not stop the loop."""
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                if self.closed.wait(RETRY_SECONDS):
                    return
                continue  # for example, no free file descriptor
            # The client disconnected, was too slow, or sent an invalid request.
            with connection, suppress(OSError, ValueError, LookupError, RecursionError):
                self.handle_connection(connection)

    def handle_connection(self, connection: socket.socket) -> None:
        """Reply to one request, with the error when the handler raises one."""
        request = read_message(connection, REQUEST_TIMEOUT_SECONDS)
        try:
            reply = self.handler(str(request["switch"]))
        except BaseException as error:  # noqa: BLE001  # the thread must survive
            traceback.print_exception(error)
            reply = build_error_reply(error)
        connection.settimeout(REQUEST_TIMEOUT_SECONDS)
        connection.sendall(json.dumps(reply).encode() + b"\n")

    def close(self) -> None:
        """Stop the thread and remove the socket."""
        self.closed.set()
        self.path.unlink(missing_ok=True)
        with suppress(OSError):  # close() alone does not wake accept()
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def build_error_reply(error: BaseException) -> dict[str, object]:
    """Return the reply for an unexpected error."""
    reason = f"the switch failed: {type(error).__name__}: {collapse_whitespace(error)}"
    message = f"{reason}; see the traceback on the terminal of cookoff serve"
    return {"error": message, "exit_code": CookoffError.exit_code}


def request_switch(paths: Paths, port: int, name: str) -> str:
    """Request another framework from the running `cookoff serve`, and return its message.

    Raise DependencyError when no server runs on the port, and CookoffError, with the exit code of
    the reply, when the server cannot switch.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(REQUEST_TIMEOUT_SECONDS)
        try:
            connection.connect(shorten_path(build_socket_path(paths, port)))
            connection.sendall(json.dumps({"switch": name}).encode() + b"\n")
            reply = read_message(connection, REPLY_TIMEOUT_SECONDS)
        except (ConnectionRefusedError, FileNotFoundError) as error:
            command = f"cookoff serve {name} --port {port}"
            raise DependencyError(
                f"no cookoff server runs on port {port}; start one: {command}"
            ) from error
        except TimeoutError as error:
            reason = f"the server on port {port} did not reply within {REPLY_TIMEOUT_SECONDS:g} s"
            raise CookoffError(f"{reason}; check its output, or restart it") from error
        except (OSError, ValueError) as error:
            raise DependencyError(
                f"the server on port {port} ended without a reply; start it again"
            ) from error
    if "done" not in reply:
        failure = CookoffError(
            reply.get("error", f"the server on port {port} sent an invalid reply; restart it")
        )
        failure.exit_code = reply.get("exit_code", CookoffError.exit_code)
        raise failure
    return str(reply["done"])


def read_message(connection: socket.socket, timeout_seconds: float) -> dict[str, Any]:
    """Return the JSON object in the next line.

    Raise TimeoutError when the line is not complete in time, and ValueError when the line is not a
    JSON object.
    """
    line, deadline = b"", time.monotonic() + timeout_seconds
    while not line.endswith(b"\n") and len(line) < LINE_LIMIT_BYTES:
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        chunk = connection.recv(LINE_LIMIT_BYTES)
        if not chunk:
            break
        line += chunk
    document = json.loads(line)
    if not isinstance(document, dict):
        raise ValueError("not a JSON object")
    return document
