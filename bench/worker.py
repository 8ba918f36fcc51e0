"""How long does one application take for a request, called in its own process, with no server?

Like the host it takes its order, one line of JSON, on standard input. After {"ready": true} it
answers each further line: {"prepare": page, ...} keeps a request and says what came back,
{"slice": page, "seconds": s, "warm": n} calls the application for s seconds and says how often and
how long. It ends when standard input closes.

Run: bench/workers.py does, as `.venvs/flask/bin/python -m bench.worker`.
"""

import base64
import io
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from time import perf_counter_ns
from typing import Any

from bench.host import load, say, take_over_pipes

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Any]


def main() -> int:
    """Load the application and answer the parent's lines until there are no more."""
    order, orders, replies = take_over_pipes()
    try:
        timer = Timer(load(order))
    except BaseException as error:  # noqa: BLE001  # an application may even call sys.exit()
        traceback.print_exc()
        say(replies, error=" ".join(f"{type(error).__name__}: {error}".split()))
        return 1
    say(replies, ready=True)
    for line in lines_of(orders):
        try:
            say(replies, **timer.answer(json.loads(line)))
        except Exception as error:  # noqa: BLE001  # whatever it is, the parent is told
            traceback.print_exc()
            say(replies, error=" ".join(f"{type(error).__name__}: {error}".split()))
    return 0


def lines_of(pipe: int) -> Iterator[str]:
    """Yield the lines of a pipe until it closes."""
    with os.fdopen(pipe, encoding="utf-8") as file:
        yield from file


class Timer:
    """The application, and the requests that are kept ready for it."""

    def __init__(self, application: Application):
        self.application = application
        self.requests: dict[str, tuple[Environ, bytes]] = {}

    def answer(self, line: dict[str, Any]) -> dict[str, Any]:
        """Do what one line asks."""
        if page := line.get("prepare"):
            self.requests[page] = environ_of(line), base64.b64decode(line.get("body", ""))
            return self.reply_to(page)
        return self.slice(line["slice"], line["seconds"], line["warm"])

    def reply_to(self, page: str) -> dict[str, Any]:
        """Call the application once and return the status and the body."""
        environ, content = self.requests[page]
        told: list[str] = []
        started = lambda status, headers, failure=None: told.append(status)  # noqa: E731
        body = consume(self.application(fresh(environ, content), started))
        return {"status": int(told[-1][:3]), "body": base64.b64encode(body).decode()}

    def slice(self, page: str, seconds: float, warm: int) -> dict[str, Any]:
        """Call the application again and again; return how often, and the nanoseconds it took."""
        application, (environ, content) = self.application, self.requests[page]
        for _ in range(warm):
            consume(application(fresh(environ, content), ignore))
        count, began = 0, perf_counter_ns()
        deadline = began + int(seconds * 1e9)
        while (now := perf_counter_ns()) < deadline or not count:
            consume(application(fresh(environ, content), ignore))
            count += 1
        return {
            "count": count,
            "nanoseconds": now - began if count > 1 else perf_counter_ns() - began,
        }


def ignore(status: str, headers: list[tuple[str, str]], failure: Any = None) -> Callable[..., Any]:
    """Be a start_response that keeps nothing."""
    return len


def fresh(environ: Environ, content: bytes) -> Environ:
    """Return an environ of its own for one call."""
    return {**environ, "wsgi.input": io.BytesIO(content)}


def consume(iterable: Any) -> bytes:
    """Read and close a WSGI iterable, as a server does."""
    try:
        return b"".join(iterable)
    finally:
        if close := getattr(iterable, "close", None):
            close()


def environ_of(line: dict[str, Any]) -> Environ:
    """Return the environ of a request as waitress would make it."""
    path, _, query = line["target"].partition("?")
    environ: Environ = {
        "REQUEST_METHOD": line.get("method", "GET"),
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_SOFTWARE": "waitress",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    if body := line.get("body"):
        environ["CONTENT_LENGTH"] = str(len(base64.b64decode(body)))
    environ.update(line.get("environ", {}))
    return environ


if __name__ == "__main__":
    sys.exit(main())
