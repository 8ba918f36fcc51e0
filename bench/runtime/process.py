"""How does the harness start a host, watch it, and end it?

The harness binds and listens, and passes the socket on: no race for the port, and the kernel keeps
the first connections until the application is ready. Several hosts may share one socket.
"""

import json
import os
import select
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import psutil

from bench.core.errors import Missing, last_line, one_line
from bench.core.paths import ROOT
from bench.core.private_files import opener
from bench.core.processes import Family
from bench.runtime.launch_spec import Order

START_SECONDS = 60.0
TELL_SECONDS = 30.0  # for a process to read what it is told
# These would change what a framework's interpreter imports.
NOT_INHERITED = ("PYTHONHOME", "PYTHONPATH", "PYTHONSAFEPATH", "PYTHONSTARTUP", "VIRTUAL_ENV")


class NotStarted(Missing):
    """A host that did not become ready: whose, and why."""


class Child:
    """One process in a framework's environment. It ends with this process, however that ends.

    A message to the process has a number, and the reply to the message has the same one. A process
    that does not reply in time is ended: no later question gets the late reply.
    """

    def __init__(self, module: str, order: Order, log: Path, listener: socket.socket | None = None):
        self.order, self.log = order, log
        self._received, self._number = b"", 0
        inherited = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED}
        descriptor = -1 if listener is None else listener.fileno()
        with open(log, "ab", opener=opener) as errors:
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": errors}
            passed = [] if listener is None else [descriptor]
            # In a session of its own: Ctrl-C is for the harness, which then ends its hosts.
            self.family = Family(
                [order.python, "-m", module],
                inherited | dict(order.environ),
                {"cwd": ROOT, "bufsize": 0, "pass_fds": passed, **pipes},
            )
        self.process = self.family.process
        with suppress(OSError):  # it ended already, or does not read; start() says why
            self.tell(order.line(descriptor))

    def tell(self, line: bytes, limit_seconds: float = TELL_SECONDS) -> None:
        """Write one line to the process.

        Raises BrokenPipeError when it ended, TimeoutError when it does not read the line.
        """
        assert self.process.stdin
        if self.process.stdin.closed:
            raise BrokenPipeError(f"process {self.pid} was ended")
        pipe, deadline = self.process.stdin.fileno(), time.monotonic() + limit_seconds
        os.set_blocking(pipe, False)
        while line:
            if not select.select([], [pipe], [], max(0.0, deadline - time.monotonic()))[1]:
                raise TimeoutError
            with suppress(BlockingIOError):  # there is room, but not for a whole page of memory
                line = line[os.write(pipe, line) :]

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self.process.pid

    @property
    def running(self) -> bool:
        """Return whether the process is still there."""
        return self.process.poll() is None

    def rss_bytes(self) -> int:
        """Return the resident memory of the process, in bytes."""
        rss: int = psutil.Process(self.pid).memory_info().rss
        return rss

    def exchange(self, limit_seconds: float, **what: object) -> dict[str, Any]:
        """Send a message and return the reply to it, or {} when the process ended.

        Raises TimeoutError when there is no reply in time, BrokenPipeError when the process ended
        before, ValueError when the reply is no JSON. The process is ended then.
        """
        try:
            return self.reply(self.send(**what), limit_seconds)
        except (OSError, ValueError):
            self.kill()
            raise

    def send(self, **what: object) -> int:
        """Send a message and return its number; raise what tell() raises."""
        self._number += 1
        self.tell(json.dumps({"id": self._number, **what}).encode() + b"\n")
        return self._number

    def reply(self, number: int, limit_seconds: float) -> dict[str, Any]:
        """Return the reply to a message, without its number, or {} when the process ended.

        Replies to earlier messages are dropped. Raises TimeoutError, after which the reply may
        still be waited for, and ValueError for what is no reply.
        """
        deadline = time.monotonic() + limit_seconds
        while said := self.hear(max(0.0, deadline - time.monotonic())):
            if said.pop("id", None) == number:
                return said
        return {}

    def hear(self, limit_seconds: float) -> dict[str, Any]:
        """Return the next line of the process, or {} when it ended.

        Raises TimeoutError when there is none in time, ValueError when it is no JSON object.
        """
        assert self.process.stdout
        deadline = time.monotonic() + limit_seconds
        while b"\n" not in self._received:
            if self.process.stdout.closed:
                return {}
            pipe = self.process.stdout.fileno()
            if not select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise TimeoutError
            piece = os.read(pipe, 65536)
            if not piece:
                return {}
            self._received += piece
        line, _, self._received = self._received.partition(b"\n")
        said = json.loads(line)
        if not isinstance(said, dict):
            raise ValueError(f"no JSON object: {said!r}")
        return said

    def kill(self) -> None:
        """End the process and all that came of it, and let go of its pipes."""
        try:
            self.family.end()
        finally:
            for pipe in (self.process.stdin, self.process.stdout):
                assert pipe
                pipe.close()


Kind = TypeVar("Kind", bound=Child)


def ready(make: Callable[[], Kind], name: str, limit_seconds: float) -> Kind:
    """Return the process once it says that it is ready; raise NotStarted when it does not."""
    try:
        child = make()
    except OSError as error:
        raise NotStarted(f"{name}: {one_line(error)}") from error
    try:
        said = child.hear(limit_seconds)
        words = child.log.read_text(encoding="utf-8", errors="replace")
        reason = said.get("error") or f"ended at once: {last_line(words)}"
    except TimeoutError:
        said, reason = {}, f"not ready after {limit_seconds:g} s"
    except ValueError as error:
        said, reason = {}, one_line(error)
    except BaseException:
        child.kill()
        raise
    if not said.get("ready"):
        child.kill()
        raise NotStarted(f"{name}: {reason} (log: {child.log})")
    return child
