"""Exchange messages with the harness, each one line of JSON."""

import json
import os
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, TextIO

from bench.agent import signals


def open_parent_channel() -> tuple[dict[str, Any], int, TextIO]:
    """Return the launch spec, the pipe with the parent's commands, and the pipe for replies.

    The application gets an empty standard input; its standard output goes to standard error.
    Signals that the parent ignores get their default actions. Raises SystemExit when standard input
    ends before the launch spec.
    """
    signals.restore_defaults()
    commands, replies = os.dup(0), os.fdopen(os.dup(1), "w", encoding="utf-8")
    with open(os.devnull) as null:  # noqa: PTH123  # a device, needed for its descriptor
        os.dup2(null.fileno(), 0)
    os.dup2(2, 1)
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(commands, 65536)
        if not piece:
            raise SystemExit("no launch spec on standard input; the harness starts this program")
        line += piece
    return json.loads(line), commands, replies


def read_lines(pipe: int) -> Iterator[str]:
    """Yield the lines of a pipe until it closes."""
    with os.fdopen(pipe, encoding="utf-8") as file:
        yield from file


def exit_with_parent(commands: int) -> None:
    """Wait until the parent's pipe closes, then kill this process and its process group."""
    while os.read(commands, 4096):
        pass
    kill_process_group()


def kill_process_group() -> NoReturn:
    """Kill this process, and its process group where the process leads the group."""
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def send_message(replies: TextIO, **message: object) -> None:
    """Send a message to the parent."""
    print(json.dumps(message), file=replies, flush=True)


def send_error(replies: TextIO, error: BaseException, **message: object) -> None:
    """Send an error to the parent in one line; write the traceback to the log."""
    traceback.print_exception(error)
    send_message(replies, **message, error=" ".join(f"{type(error).__name__}: {error}".split()))


@contextmanager
def report_fatal_errors(replies: TextIO) -> Iterator[None]:
    """Send any error of the block to the parent, then end this process."""
    try:
        yield
    except BaseException as error:  # an application may even call sys.exit()
        send_error(replies, error)
        raise SystemExit(1) from error
