"""Exchange messages with the harness: one line of JSON each."""

import json
import os
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, TextIO

from bench.agent import signals


def open_parent_channel() -> tuple[dict[str, Any], int, TextIO]:
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


def read_lines(pipe: int) -> Iterator[str]:
    """Yield the lines of a pipe until it closes."""
    with os.fdopen(pipe, encoding="utf-8") as file:
        yield from file


def exit_with_parent(orders: int) -> None:
    """End this process, and those it forked, when the pipe closes: the parent is gone."""
    while os.read(orders, 4096):
        pass
    kill_process_group()


def kill_process_group() -> NoReturn:
    """End this process at once, with its process group where that is its own."""
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def send_message(replies: TextIO, **what: object) -> None:
    """Tell the parent, in one line."""
    print(json.dumps(what), file=replies, flush=True)


def send_error(replies: TextIO, error: BaseException, **what: object) -> None:
    """Tell the parent of an error in one line, and the log in full."""
    traceback.print_exception(error)
    send_message(replies, **what, error=" ".join(f"{type(error).__name__}: {error}".split()))


@contextmanager
def report_fatal_errors(replies: TextIO) -> Iterator[None]:
    """Do what must succeed: whatever it raises is told to the parent, and ends this process."""
    try:
        yield
    except BaseException as error:  # an application may even call sys.exit()
        send_error(replies, error)
        raise SystemExit(1) from error
