"""How does one application answer requests, inside its framework's environment?

It takes its order, one line of JSON, on standard input, says {"ready": true} on standard output
once requests are answered, {"leaving": true} once SIGTERM has made it close its copy of the
listening socket, and ends when it has answered what it had accepted, or when standard input closes.
It imports the standard library, waitress, the application, and the settings of shared_db; and
coverage, where it is to note which lines run.

Run: bench/runtime/process.py does, as `.venvs/flask/bin/python -m bench.agent.http_host`.
"""

import importlib
import json
import logging
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from bench.agent import signals
from bench.agent.draining_server import Server

if TYPE_CHECKING:
    from bench.agent.line_recorder import Recorder


def main() -> int:
    """Take the order, load the application, answer requests; return the exit code."""
    order, orders, replies = take_over_pipes()
    threading.Thread(target=end_with_parent, args=[orders], daemon=True).start()
    with ending_told(replies):
        recorder = recorder_for(order)
        application = load(order)
        if recorder:
            application = recorder.around(application)
        listener = socket.socket(fileno=order["fd"])
        listener.set_inheritable(False)
        # waitress warns of every request that waits for a thread, which a full load makes normal.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        server = Server(application, listener, order.get("threads", 8))
    signal.signal(signal.SIGTERM, lambda *_: server.leave())
    say(replies, ready=True)
    server.run(told=lambda: say(replies, leaving=True))
    if recorder:
        recorder.save()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # said twice, it must not change the exit code
    return 0


def take_over_pipes() -> tuple[dict[str, Any], int, TextIO]:
    """Return the order, the pipe it came by, and the pipe for replies.

    The application gets an empty standard input, and what it prints goes to standard error. Signals
    that the parent ignored are not ignored any more.
    """
    signals.restore_defaults()
    orders, replies = os.dup(0), os.fdopen(os.dup(1), "w", encoding="utf-8")
    with open(os.devnull) as nothing:  # noqa: PTH123  # a device, and a descriptor is what counts
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(orders, 65536)
        if not piece:
            raise SystemExit("no order came on standard input")
        line += piece
    return json.loads(line), orders, replies


def lines_of(pipe: int) -> Iterator[str]:
    """Yield the lines of a pipe until it closes."""
    with os.fdopen(pipe, encoding="utf-8") as file:
        yield from file


def end_with_parent(orders: int) -> None:
    """End this process, and those it forked, when the pipe closes: the parent is gone."""
    while os.read(orders, 4096):
        pass
    end_group()


def end_group() -> NoReturn:
    """End this process at once, with its process group where that is its own."""
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def say(replies: TextIO, **what: object) -> None:
    """Tell the parent, in one line."""
    print(json.dumps(what), file=replies, flush=True)


def say_error(replies: TextIO, error: BaseException, **what: object) -> None:
    """Tell the parent of an error in one line, and the log in full."""
    traceback.print_exception(error)
    say(replies, **what, error=" ".join(f"{type(error).__name__}: {error}".split()))


@contextmanager
def ending_told(replies: TextIO) -> Iterator[None]:
    """Do what must succeed: whatever it raises is told to the parent, and ends this process."""
    try:
        yield
    except BaseException as error:  # an application may even call sys.exit()
        say_error(replies, error)
        raise SystemExit(1) from error


def recorder_for(order: dict[str, Any]) -> "Recorder | None":
    """Return what notes the lines that run, begun before the application is imported."""
    if not order.get("record"):
        return None
    from bench.agent.line_recorder import Recorder

    return Recorder(order["folder"], order["record"])


def load(order: dict[str, Any]) -> Callable[..., Any]:
    """Return the WSGI callable that the order names; files that it makes are its user's alone."""
    os.umask(0o077)
    if folder := order.get("folder"):
        sys.path.insert(0, str(Path(folder).absolute()))
    if "app" in order:
        module, _, name = order["app"].partition(":")
        application = getattr(importlib.import_module(module), name)
    else:
        from shared_db.settings import Settings

        told: dict[str, Any] = dict(order["settings"])
        told |= {key: Path(value) for key, value in told.items() if key.endswith("_dir")}
        application = importlib.import_module(order["module"]).create_app(Settings(**told))
    if not callable(application):
        raise TypeError(f"not a WSGI callable: {application!r}")
    return application  # type: ignore[no-any-return]  # what an application is, nobody declares


if __name__ == "__main__":
    sys.exit(main())
