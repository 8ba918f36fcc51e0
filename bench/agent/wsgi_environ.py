"""Build the environ of a request from its bytes, without a server's checks.

Servers reject many requests before the application is called. Here the application receives all of
them, which shows what the framework does by itself. Runs inside a framework's environment.
"""

import io
import sys
from typing import Any
from urllib.parse import unquote_to_bytes

from bench.agent.chunked import decode_chunks

Environ = dict[str, Any]
PORT = "8000"  # the port of the Host field that the probes send


def parse_environ(raw: bytes, errors: Any = sys.stderr) -> Environ:
    """Return the environ of PEP 3333 for the bytes of one HTTP/1.1 request."""
    head, _, body = raw.partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    method, _, rest = line.partition(" ")
    target, _, version = rest.rpartition(" ")
    environ = build_environ(method, target, version, errors)
    add_header_fields(environ, fields)
    if environ.pop("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
        # RFC 9112, 6.3: the transfer coding overrides Content-Length.
        environ.pop("CONTENT_LENGTH", None)
        environ["wsgi.input_terminated"] = True
        body, _ = decode_chunks(body)
    environ["wsgi.input"] = io.BytesIO(body)
    return environ


def build_environ(
    method: str, target: str, version: str = "HTTP/1.1", errors: Any = sys.stderr
) -> Environ:
    """Return the environ of a request line, without header fields and body."""
    path, _, query = strip_authority(target).partition("?")
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path.encode("latin-1")).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": PORT,
        "SERVER_PROTOCOL": version,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": errors,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def strip_authority(target: str) -> str:
    """Return a request target without scheme and authority."""
    if target.startswith("http://"):
        return "/" + target.removeprefix("http://").partition("/")[2]
    return target


def add_header_fields(environ: Environ, fields: list[str]) -> None:
    """Add header fields to the environ; join the values of a repeated field."""
    for field in fields:
        name, _, value = field.partition(":")
        key = name.strip().upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        separator = "; " if key == "HTTP_COOKIE" else ", "
        value = value.strip(" \t")
        environ[key] = environ[key] + separator + value if key in environ else value
