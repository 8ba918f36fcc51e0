"""Run commands with a limit of time, and end processes with all that came of them.

A process may have forked others, put them into sessions of their own, and have died since. So each
is started with a mark in its environment, which all that come of it inherit.
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

MARKS_VARIABLE = "COOKOFF_PROCESS"  # the marks of a process and of those it came from
# What was killed is gone at once, unless the kernel itself waits for a disk or a device.
KILL_TIMEOUT_SECONDS = 30.0
POLL_SECONDS = 0.02


class TimeLimitError(CookoffError):
    """A command that did not end in time, and what to do."""


class KillError(CookoffError):
    """Processes that are still there after SIGKILL."""


@dataclass
class ProcessTree:
    """A process that was started here, and every process that comes of it."""

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
        """Kill all of them, also where the first one is dead already; raise KillError."""
        deadline = time.monotonic() + KILL_TIMEOUT_SECONDS
        children = find_descendants(self.process.pid)
        self._kill_group()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(KILL_TIMEOUT_SECONDS)
        # One that forks while the others are killed leaves some for the next look.
        while left := [*filter(is_alive, children), *self._marked()]:
            if time.monotonic() > deadline:
                numbers = ", ".join(str(one.pid) for one in left)
                raise KillError(f"processes that SIGKILL does not end: {numbers}; see: ps -l")
            kill_processes(left)
            psutil.wait_procs(left, timeout=POLL_SECONDS)

    def _kill_group(self) -> None:
        """Kill the process, and its group where it leads one."""
        if not self.has_own_session:
            self.process.kill()
        # A number that is another process's by now stands for another group, too.
        elif self.process.poll() is None or not psutil.pid_exists(self.process.pid):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def _marked(self) -> Iterator[psutil.Process]:
        """Yield the living processes whose environment has the mark."""
        for one in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if self.mark in one.environ().get(MARKS_VARIABLE, "").split(":") and is_alive(one):
                    yield one


def find_descendants(pid: int) -> list[psutil.Process]:
    """Return the processes that descend from one that is still there."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def is_alive(process: psutil.Process) -> bool:
    """Return whether a process runs; one that ended and is not waited for does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def kill_processes(processes: Sequence[psutil.Process]) -> None:
    """Send SIGKILL to processes, some of which may have ended."""
    for one in processes:
        with suppress(psutil.Error):
            one.kill()


def run_command(
    command: Sequence[str | Path],
    timeout_seconds: float,
    name: str,
    advice: str,
    environ: Mapping[str, str] | None = None,
    capture: bool = True,
    **options: Any,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, without input; return its exit code and, captured, its output.

    Raises TimeLimitError, with its name and the advice, where the command takes longer than
    `limit_seconds`, and OSError where it cannot be started. All that is left of it is ended then.
    """
    pipe = subprocess.PIPE if capture else None
    told = {"stdin": subprocess.DEVNULL, "stdout": pipe, "stderr": pipe, "text": True, **options}
    # Not in a session of its own: Ctrl-C is for the command, too.
    family = ProcessTree(
        command, os.environ if environ is None else environ, told, has_own_session=False
    )
    with family.process as process:
        try:
            output, errors = process.communicate(timeout=timeout_seconds)
        except subprocess.TimeoutExpired as error:
            family.kill()
            words = f"{name} did not end within {timeout_seconds:g} s; {advice}"
            raise TimeLimitError(words) from error
        except BaseException:
            family.kill()
            raise
    return subprocess.CompletedProcess(command, process.returncode, output, errors)
