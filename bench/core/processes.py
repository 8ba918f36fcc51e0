"""Run commands with a time limit, and kill processes with all their descendants.

A process may have forked children, put them into other sessions, and have ended since. So each
process starts with a mark in its environment, which all its descendants inherit.
"""

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from bench.core.errors import CookoffError

MARKS_VARIABLE = "COOKOFF_PROCESS"  # the marks of a process and of its ancestors
# A killed process ends at once, unless the kernel waits for a disk or a device.
KILL_TIMEOUT_SECONDS = 30.0
POLL_SECONDS = 0.02


class TimeLimitError(CookoffError):
    """A command did not end in time; the message says what to do."""


class KillError(CookoffError):
    """Processes still run after SIGKILL."""


@dataclass
class ProcessTree:
    """A process and all its descendants."""

    command: Sequence[str | Path]
    environ: Mapping[str, str]
    options: Mapping[str, Any]  # of subprocess.Popen
    has_own_session: bool = True
    mark: str = field(init=False)
    process: subprocess.Popen[Any] = field(init=False)

    def __post_init__(self) -> None:
        self.mark = secrets.token_hex(8)
        marks = f"{self.environ.get(MARKS_VARIABLE, '')}:{self.mark}"
        self.process = subprocess.Popen(
            self.command,
            env={**self.environ, MARKS_VARIABLE: marks},
            start_new_session=self.has_own_session,
            **self.options,
        )

    def kill(self) -> None:
        """Kill all processes of the tree, also after the first has ended; raise KillError."""
        deadline = time.monotonic() + KILL_TIMEOUT_SECONDS
        children = find_descendants(self.process.pid)
        self._kill_group()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(KILL_TIMEOUT_SECONDS)
        # A process that forks meanwhile leaves new processes for the next round.
        while remaining := [*filter(is_alive, children), *self._marked()]:
            if time.monotonic() > deadline:
                pids = ", ".join(str(process.pid) for process in remaining)
                raise KillError(f"SIGKILL did not end these processes: {pids}; inspect them: ps -l")
            kill_processes(remaining)
            psutil.wait_procs(remaining, timeout=POLL_SECONDS)

    def _kill_group(self) -> None:
        """Kill the process, and its group where the process leads a group."""
        if not self.has_own_session:
            self.process.kill()
        # If another process has this process id by now, the group is another one, too.
        elif self.process.poll() is None or not psutil.pid_exists(self.process.pid):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def _marked(self) -> Iterator[psutil.Process]:
        """Yield the living processes whose environment has the mark."""
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                marks = process.environ().get(MARKS_VARIABLE, "").split(":")
                if self.mark in marks and is_alive(process):
                    yield process


def find_descendants(pid: int) -> list[psutil.Process]:
    """Return the descendants of a process, none where the process has ended."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def is_alive(process: psutil.Process) -> bool:
    """Return whether a process runs; a zombie does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def kill_processes(processes: Sequence[psutil.Process]) -> None:
    """Send SIGKILL to processes, some of which may have ended."""
    for process in processes:
        with suppress(psutil.Error):
            process.kill()


def run_command(
    command: Sequence[str | Path],
    timeout_seconds: float,
    name: str,
    advice: str,
    environ: Mapping[str, str] | None = None,
    capture: bool = True,
    **options: Any,
) -> subprocess.CompletedProcess[str]:
    """Run a command without input; return its exit code and, if captured, its output.

    Raises OSError for a command that cannot be started. Raises TimeLimitError, with the command's
    `name` and the `advice`, for a command that runs longer than `timeout_seconds`, and kills all
    its processes first.
    """
    pipe = subprocess.PIPE if capture else None
    defaults = {"stdin": subprocess.DEVNULL, "stdout": pipe, "stderr": pipe, "text": True}
    environ = os.environ if environ is None else environ
    # In the harness's session: Ctrl-C must reach the command, too.
    tree = ProcessTree(command, environ, {**defaults, **options}, has_own_session=False)
    with tree.process as process:
        try:
            output, errors = process.communicate(timeout=timeout_seconds)
        except subprocess.TimeoutExpired as error:
            tree.kill()
            message = f"{name} did not end within {timeout_seconds:g} s; {advice}"
            raise TimeLimitError(message) from error
        except BaseException:
            tree.kill()
            raise
    return subprocess.CompletedProcess(command, process.returncode, output, errors)
