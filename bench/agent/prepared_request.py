"""Prepare requests so that an application can be called as a server would call it.

Runs inside a framework's environment: standard library and waitress only.
"""

import base64
import io
import secrets
from collections.abc import Callable
from typing import Any

from waitress.buffers import ReadOnlyFileBasedBuffer

from bench.agent.wsgi_environ import Environ, build_environ

Application = Callable[[Environ, Callable[..., Any]], Any]
# Each call replaces this by a new idempotency key of the same length.
KEY_PLACEHOLDER = "idempotency-key-to-renew"


class PreparedRequest:
    """A request that is prepared once, and copied for each call."""

    def __init__(self, line: dict[str, Any], restore: Callable[[], object] | None):
        """Prepare the request that a message describes; `restore` runs before each copy."""
        self.target: str = line["target"]
        self.content = base64.b64decode(line.get("body", ""))
        self.environ = build_waitress_environ(line, len(self.content))
        self.restore = restore
        self.status: int = line["status"]
        self.marker = base64.b64decode(line.get("marker", ""))
        self.key_header = next(
            (name for name, value in self.environ.items() if value == KEY_PLACEHOLDER), ""
        )
        self.renews_key = bool(self.key_header) or KEY_PLACEHOLDER.encode() in self.content
        self.slice_count = 0  # calls in the last slice
        self.batch_size = 1  # copies made at once; 1 with a session to restore

    def copy_environ(self) -> Environ:
        """Return a copy of the environ for one call."""
        content = self.content
        if self.restore:
            self.restore()
        environ = {**self.environ}
        if self.renews_key:
            key = secrets.token_urlsafe(18)
            content = content.replace(KEY_PLACEHOLDER.encode(), key.encode())
            if self.key_header:
                environ[self.key_header] = key
        environ["wsgi.input"] = io.BytesIO(content)
        return environ

    def to_bytes(self) -> bytes:
        """Return the request as the bytes that a connection carries."""
        environ = self.copy_environ()
        lines = [f"{environ['REQUEST_METHOD']} {self.target} HTTP/1.1"]
        for name, value in environ.items():
            if name.startswith("HTTP_") or name.startswith("CONTENT_"):
                header = name.removeprefix("HTTP_").replace("_", "-").title()
                lines.append(f"{header}: {value}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + bytes(environ["wsgi.input"].read())


def build_waitress_environ(line: dict[str, Any], length: int) -> Environ:
    """Return the environ that waitress would build for a request."""
    environ = build_environ(line.get("method", "GET"), line["target"])
    environ |= {
        "SERVER_SOFTWARE": "waitress",
        "HTTP_HOST": "127.0.0.1:8000",
        "wsgi.multithread": True,
        "wsgi.input_terminated": True,
        "wsgi.file_wrapper": ReadOnlyFileBasedBuffer,
    }
    if length:
        environ["CONTENT_LENGTH"] = str(length)
    environ.update(line.get("environ", {}))
    return environ


def consume_body(iterable: Any) -> bytes:
    """Read and close a WSGI iterable, as a server does."""
    try:
        return b"".join(iterable)
    finally:
        if close := getattr(iterable, "close", None):
            close()


def call_application(application: Application, environ: Environ) -> dict[str, Any]:
    """Call the application once; return its status, headers and body as JSON values."""
    starts: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], failure: Any = None
    ) -> Callable[..., Any]:
        starts.append((status, headers))
        return len

    body = consume_body(application(environ, start_response))
    status, headers = starts[-1]
    return {
        "status": int(status[:3]),
        "headers": [[str(name), str(value)] for name, value in headers],
        "body": base64.b64encode(body).decode(),
    }
