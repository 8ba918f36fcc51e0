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

from bench.core.errors import DependencyError, collapse_whitespace, find_last_line
from bench.core.paths import ROOT
from bench.core.private_files import open_private
from bench.core.processes import ProcessTree
from bench.runtime.launch_spec import LaunchSpec

START_TIMEOUT_SECONDS = 60.0
SEND_TIMEOUT_SECONDS = 30.0  # for a process to read what it is told
# These would change what a framework's interpreter imports.
EXCLUDED_VARIABLES = ("PYTHONHOME", "PYTHONPATH", "PYTHONSAFEPATH", "PYTHONSTARTUP", "VIRTUAL_ENV")


class ProcessStartError(DependencyError):
    """A host that did not become ready: whose, and why."""


class ManagedProcess:
    """One process in a framework's environment. It ends with this process, however that ends.

    A message to the process has a number, and the reply to the message has the same one. A process
    that does not reply in time is ended: no later question gets the late reply.
    """

    def __init__(
        self, module: str, launch_spec: LaunchSpec, log: Path, listener: socket.socket | None = None
    ):
        self.launch_spec, self.log = launch_spec, log
        self._received, self._number = b"", 0
        inherited = {k: v for k, v in os.environ.items() if k not in EXCLUDED_VARIABLES}
        descriptor = -1 if listener is None else listener.fileno()
        with open(log, "ab", opener=open_private) as errors:
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": errors}
            passed = [] if listener is None else [descriptor]
            # In a session of its own: Ctrl-C is for the harness, which then ends its hosts.
            self.process_tree = ProcessTree(
                [launch_spec.python, "-m", module],
                inherited | dict(launch_spec.environ),
                {"cwd": ROOT, "bufsize": 0, "pass_fds": passed, **pipes},
            )
        self.process = self.process_tree.process
        with suppress(OSError):  # it ended already, or does not read; start() says why
            self.send_line(launch_spec.encode_message(descriptor))

    def send_line(self, line: bytes, timeout_seconds: float = SEND_TIMEOUT_SECONDS) -> None:
        """Write one line to the process.

        Raises BrokenPipeError when it ended, TimeoutError when it does not read the line.
        """
        assert self.process.stdin
        if self.process.stdin.closed:
            raise BrokenPipeError(f"process {self.pid} was ended")
        pipe, deadline = self.process.stdin.fileno(), time.monotonic() + timeout_seconds
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
    def is_running(self) -> bool:
        """Return whether the process is still there."""
        return self.process.poll() is None

    def read_rss_bytes(self) -> int:
        """Return the resident memory of the process, in bytes."""
        rss: int = psutil.Process(self.pid).memory_info().rss
        return rss

    def exchange(self, timeout_seconds: float, **what: object) -> dict[str, Any]:
        """Send a message and return the reply to it, or {} when the process ended.

        Raises TimeoutError when there is no reply in time, BrokenPipeError when the process ended
        before, ValueError when the reply is no JSON. The process is ended then.
        """
        try:
            return self.receive_reply(self.send(**what), timeout_seconds)
        except (OSError, ValueError):
            self.kill()
            raise

    def send(self, **what: object) -> int:
        """Send a message and return its number; raise what tell() raises."""
        self._number += 1
        self.send_line(json.dumps({"id": self._number, **what}).encode() + b"\n")
        return self._number

    def receive_reply(self, number: int, timeout_seconds: float) -> dict[str, Any]:
        """Return the reply to a message, without its number, or {} when the process ended.

        Replies to earlier messages are dropped. Raises TimeoutError, after which the reply may
        still be waited for, and ValueError for what is no reply.
        """
        deadline = time.monotonic() + timeout_seconds
        while said := self.receive(max(0.0, deadline - time.monotonic())):
            if said.pop("id", None) == number:
                return said
        return {}

    def receive(self, timeout_seconds: float) -> dict[str, Any]:
        """Return the next line of the process, or {} when it ended.

        Raises TimeoutError when there is none in time, ValueError when it is no JSON object.
        """
        assert self.process.stdout
        deadline = time.monotonic() + timeout_seconds
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
            self.process_tree.kill()
        finally:
            for pipe in (self.process.stdin, self.process.stdout):
                assert pipe
                pipe.close()


Kind = TypeVar("Kind", bound=ManagedProcess)


def start_process(make: Callable[[], Kind], name: str, timeout_seconds: float) -> Kind:
    """Return the process once it says that it is ready; raise NotStarted when it does not."""
    try:
        child = make()
    except OSError as error:
        raise ProcessStartError(f"{name}: {collapse_whitespace(error)}") from error
    try:
        said = child.receive(timeout_seconds)
        words = child.log.read_text(encoding="utf-8", errors="replace")
        reason = said.get("error") or f"ended at once: {find_last_line(words)}"
    except TimeoutError:
        said, reason = {}, f"not ready after {timeout_seconds:g} s"
    except ValueError as error:
        said, reason = {}, collapse_whitespace(error)
    except BaseException:
        child.kill()
        raise
    if not said.get("ready"):
        child.kill()
        raise ProcessStartError(f"{name}: {reason} (log: {child.log})")
    return child
