"""Start, monitor and end processes in the environments of frameworks.

The harness binds the listening socket and passes it to the process. So there is no race for the
port, and the kernel queues the first connections until the application is ready. Several processes
may share one socket.
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
from bench.core.private_files import open_private
from bench.core.processes import ProcessTree
from bench.runtime.launch_spec import LaunchSpec

START_TIMEOUT_SECONDS = 60.0
SEND_TIMEOUT_SECONDS = 30.0  # for a process to read a message
# These variables would change the imports of a framework's interpreter.
EXCLUDED_VARIABLES = ("PYTHONHOME", "PYTHONPATH", "PYTHONSAFEPATH", "PYTHONSTARTUP", "VIRTUAL_ENV")
# The C library takes large blocks from the system and returns them when they are freed. Without a
# fixed limit it raises the limit after the first large block and then keeps such blocks, one for
# each thread: 16 MiB after each thread's first check of a password. See mallopt(3).
ALLOCATOR = {
    "MALLOC_MMAP_THRESHOLD_": str(8 * 1024 * 1024),
    "MALLOC_TRIM_THRESHOLD_": str(16 * 1024 * 1024),
}


class ProcessStartError(DependencyError):
    """A process that did not become ready; the message names the framework and the cause."""


class ManagedProcess:
    """A process in a framework's environment, which ends with this process, also after a crash.

    Each message has a number, and its reply has the same number. A process that does not reply in
    time is killed, so that a late reply cannot be mistaken for the reply to a later message.
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
            # A separate session: Ctrl-C reaches only the harness, which then ends its processes.
            self.process_tree = ProcessTree(
                [*launch_spec.command_prefix, launch_spec.python, "-m", module],
                ALLOCATOR | inherited | dict(launch_spec.environ),
                {"cwd": launch_spec.root, "bufsize": 0, "pass_fds": passed, **pipes},
            )
        self.process = self.process_tree.process
        with suppress(OSError):  # ended already, or does not read: start_process() reports it
            self.send_line(launch_spec.encode_message(descriptor))

    def send_line(self, line: bytes, timeout_seconds: float = SEND_TIMEOUT_SECONDS) -> None:
        """Write one line to the process.

        Raise BrokenPipeError when the process ended, TimeoutError when it does not read the line.
        """
        assert self.process.stdin
        if self.process.stdin.closed:
            raise BrokenPipeError(f"process {self.pid} has ended")
        pipe, deadline = self.process.stdin.fileno(), time.monotonic() + timeout_seconds
        os.set_blocking(pipe, False)
        while line:
            if not select.select([], [pipe], [], max(0.0, deadline - time.monotonic()))[1]:
                raise TimeoutError
            with suppress(BlockingIOError):  # less than one memory page is free
                line = line[os.write(pipe, line) :]

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self.process.pid

    @property
    def is_running(self) -> bool:
        """Return whether the process has not ended."""
        return self.process.poll() is None

    def read_rss_bytes(self) -> int:
        """Return the resident memory of the process, in bytes."""
        rss: int = psutil.Process(self.pid).memory_info().rss
        return rss

    def read_cpu_seconds(self) -> float:
        """Return the processor time of the process in seconds, 0.0 if it has ended."""
        with suppress(psutil.Error):
            times = psutil.Process(self.pid).cpu_times()
            return float(times.user + times.system)
        return 0.0

    def exchange(self, timeout_seconds: float, **message: object) -> dict[str, Any]:
        """Send a message and return its reply, or {} when the process ended.

        Raise TimeoutError without a reply in time, BrokenPipeError when the process ended before
        the message, ValueError when the reply is not JSON. The process is killed in these cases.
        """
        try:
            return self.receive_reply(self.send(**message), timeout_seconds)
        except (OSError, ValueError):
            self.kill()
            raise

    def send(self, **message: object) -> int:
        """Send a message and return its number; raise the errors of send_line()."""
        self._number += 1
        self.send_line(json.dumps({"id": self._number, **message}).encode() + b"\n")
        return self._number

    def receive_reply(self, number: int, timeout_seconds: float) -> dict[str, Any]:
        """Return the reply to a message, without its number, or {} when the process ended.

        Replies to earlier messages are dropped. Raise TimeoutError, after which the caller may wait
        for the reply again, and ValueError when a line is not a JSON object.
        """
        deadline = time.monotonic() + timeout_seconds
        while reply := self.receive(max(0.0, deadline - time.monotonic())):
            if reply.pop("id", None) == number:
                return reply
        return {}

    def receive(self, timeout_seconds: float) -> dict[str, Any]:
        """Return the next line of the process as an object, or {} when the process ended.

        Raise TimeoutError without a line in time, ValueError when the line is not a JSON object.
        """
        assert self.process.stdout
        deadline = time.monotonic() + timeout_seconds
        while b"\n" not in self._received:
            if self.process.stdout.closed:
                return {}
            pipe = self.process.stdout.fileno()
            if not select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise TimeoutError
            chunk = os.read(pipe, 65536)
            if not chunk:
                return {}
            self._received += chunk
        line, _, self._received = self._received.partition(b"\n")
        reply = json.loads(line)
        if not isinstance(reply, dict):
            raise ValueError(f"not a JSON object: {reply!r}")
        return reply

    def kill(self) -> None:
        """Kill the process and its descendants, and close its pipes."""
        try:
            self.process_tree.kill()
        finally:
            for pipe in (self.process.stdin, self.process.stdout):
                assert pipe
                pipe.close()


Process = TypeVar("Process", bound=ManagedProcess)


def start_process(launch: Callable[[], Process], name: str, timeout_seconds: float) -> Process:
    """Return the process when it reports that it is ready; raise ProcessStartError otherwise."""
    try:
        process = launch()
    except OSError as error:
        raise ProcessStartError(f"{name}: {collapse_whitespace(error)}") from error
    try:
        reply = process.receive(timeout_seconds)
        log_text = process.log.read_text(encoding="utf-8", errors="replace")
        reason = reply.get("error") or f"ended at once: {find_last_line(log_text)}"
    except TimeoutError:
        reply, reason = {}, f"not ready after {timeout_seconds:g} s"
    except ValueError as error:
        reply, reason = {}, collapse_whitespace(error)
    except BaseException:
        process.kill()
        raise
    if not reply.get("ready"):
        process.kill()
        raise ProcessStartError(f"{name}: {reason} (log: {process.log})")
    return process
