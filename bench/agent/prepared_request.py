"""How does an application, called without a server, get a request just like a server's?

It runs inside a framework's environment: standard library and waitress only.
"""

import base64
import io
import secrets
from collections.abc import Callable
from typing import Any

from waitress.buffers import ReadOnlyFileBasedBuffer

from bench.agent.wsgi_environ import Environ, build_environ

Application = Callable[[Environ, Callable[..., Any]], Any]
# Where a request has this, every call gets a new idempotency key of the same length.
KEY_PLACEHOLDER = "idempotency-key-to-renew"


class PreparedRequest:
    """A request kept ready, of which every call gets a copy of its own."""

    def __init__(self, line: dict[str, Any], restore: Callable[[], object] | None):
        """Take the line that describes the request; restore runs before each copy is made."""
        self.target: str = line["target"]
        self.content = base64.b64decode(line.get("body", ""))
        self.environ = build_waitress_environ(line, len(self.content))
        self.restore = restore
        self.status: int = line["status"]
        self.marker = base64.b64decode(line.get("marker", ""))
        self.key_header = next((k for k, v in self.environ.items() if v == KEY_PLACEHOLDER), "")
        self.renews_key = bool(self.key_header) or KEY_PLACEHOLDER.encode() in self.content
        self.slice_count = 0  # requests in the last slice
        self.batch_size = 1  # copies made at once; with a session to restore, always one

    def copy_environ(self) -> Environ:
        """Return an environ of its own for one call."""
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
        """Return the request as it comes over a connection."""
        environ = self.copy_environ()
        lines = [f"{environ['REQUEST_METHOD']} {self.target} HTTP/1.1"]
        for name, value in environ.items():
            if name.startswith("HTTP_") or name.startswith("CONTENT_"):
                header = name.removeprefix("HTTP_").replace("_", "-").title()
                lines.append(f"{header}: {value}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + bytes(environ["wsgi.input"].read())


def build_waitress_environ(line: dict[str, Any], length: int) -> Environ:
    """Return the environ of a request as waitress would make it."""
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
    """Call the application once and return its status, headers and body, fit for JSON."""
    told: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], failure: Any = None
    ) -> Callable[..., Any]:
        told.append((status, headers))
        return len

    body = consume_body(application(environ, start_response))
    status, headers = told[-1]
    return {
        "status": int(status[:3]),
        "headers": [[str(name), str(value)] for name, value in headers],
        "body": base64.b64encode(body).decode(),
    }
