"""Keep one pytest process with the collected clauses, and run chosen clauses of it in seconds."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.conformance.contract import PLUGIN_ENVIRON, PLUGIN_OPTIONS
from bench.conformance.levels import CORE
from bench.core.errors import CookoffError, find_last_line
from bench.core.paths import ROOT
from bench.core.processes import ProcessTree

COLLECT_TIMEOUT_SECONDS = 120.0
RUN_TIMEOUT_SECONDS = 300.0
START_CPU_SECONDS = 4  # the slowest framework needs half of it
REQUEST_TIMEOUT_SECONDS = 3.0  # a reply of these small pages takes milliseconds
SLOW_TIMEOUT_SECONDS = 20.0


class ClauseServerError(CookoffError):
    """The process of the clauses failed; the message is its last line."""


@dataclass(frozen=True)
class Clause:
    """A clause of the contract, as tests/contract/warm.py describes it."""

    id: str
    features: tuple[str, ...]
    module: str
    other_hosts: bool  # whether the clause starts other hosts beside the site's own


@dataclass(frozen=True)
class ClauseResult:
    """The outcome of a clause; `asked` is its last request with the reply."""

    clause: str
    outcome: str
    why: str = ""
    asked: str = ""
    log: str = field(default="", repr=False)

    @property
    def message(self) -> str:
        """Return what the clause found, without the request."""
        return self.why.removeprefix(f"{self.asked}: ") if self.asked else self.why


@dataclass(frozen=True)
class Job:
    """What one run tests: clauses in order, and the working copy with its state."""

    clauses: Sequence[str]
    folder: Path
    missing: Sequence[str] = ()  # features that are not written yet
    blanks: Sequence[tuple[str, int, int, str]] = ()  # file, first and last line, feature
    stop: bool = True  # at the first failure; otherwise only at a request without a reply
    is_sandboxed: bool = False
    start_cpu_seconds: int = START_CPU_SECONDS
    is_slow: bool = False  # has clauses with long pages
    run_timeout_seconds: float = RUN_TIMEOUT_SECONDS


class ClauseServer:
    """A pytest process with the core clauses of one framework, tested as taught.

    `root` is the project, or a copy of it that has other clauses as well.
    """

    def __init__(self, name: str, root: Path = ROOT, more_options: Sequence[str] = ()) -> None:
        """Start the process; it collects the clauses meanwhile."""
        read_commands, self._commands = os.pipe()
        self._replies, write_replies = os.pipe()
        passed = (read_commands, write_replies)
        options = ["--framework", name, "--as-taught", "--group", CORE, *more_options]
        command = [sys.executable, "-m", "pytest", "tests/contract", "-q", "-s", *PLUGIN_OPTIONS]
        self._errors = TemporaryDirectory(prefix="cookoff-learn-")
        with Path(self._errors.name, "output").open("wb") as output:
            self._tree = ProcessTree(
                [*command, *options, "--commands", *map(str, passed)],
                os.environ | PLUGIN_ENVIRON,
                {"cwd": root, "pass_fds": passed, "stdin": subprocess.DEVNULL, "stdout": output,
                 "stderr": subprocess.STDOUT},
            )  # fmt: skip
        for descriptor in passed:
            os.close(descriptor)
        self._buffer = b""
        self._catalogue: list[Clause] | None = None

    def __enter__(self) -> "ClauseServer":
        """Return the server."""
        return self

    def kill(self) -> None:
        """Kill the process with all hosts that it started."""
        self._tree.kill()

    def __exit__(self, *error: object) -> None:
        """End the process with all hosts that it started."""
        self.kill()
        for descriptor in (self._commands, self._replies):
            with suppress(OSError):
                os.close(descriptor)
        self._errors.cleanup()

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._tree.process.pid

    @property
    def catalogue(self) -> list[Clause]:
        """The core clauses, in the order of the contract; waits until they are collected."""
        if self._catalogue is None:
            entries = self._receive(time.monotonic() + COLLECT_TIMEOUT_SECONDS)["catalogue"]
            self._catalogue = [
                Clause(each["id"], (*each["features"],), each["module"], each["other_hosts"])
                for each in entries
            ]
        return self._catalogue

    def run(
        self,
        job: Job,
        on_result: Callable[[ClauseResult], None] = lambda result: None,
        on_start: Callable[[Path], None] = lambda work: None,
    ) -> list[ClauseResult]:
        """Run clauses, and return their results; the run stops at the first failure on demand.

        Raises ClauseServerError when the process fails, TimeoutError when the run takes too long.
        """
        assert self.catalogue is not None
        with TemporaryDirectory(prefix="cookoff-learn-") as work:
            command = {
                "clauses": [*job.clauses],
                "folder": str(job.folder),
                "missing": [*job.missing],
                "blanks": [*job.blanks],
                "stop": job.stop,
                "is_sandboxed": job.is_sandboxed,
                "start_cpu_seconds": job.start_cpu_seconds,
                "is_slow": job.is_slow,
                "request_timeout_seconds": SLOW_TIMEOUT_SECONDS
                if job.is_slow
                else REQUEST_TIMEOUT_SECONDS,
                "work": work,
            }
            on_start(Path(work))
            os.write(self._commands, json.dumps(command).encode() + b"\n")
            results = []
            for reply in self._replies_until_done(time.monotonic() + job.run_timeout_seconds):
                if "clause" in reply:
                    results.append(ClauseResult(**reply))
                    on_result(results[-1])
            return results

    def _replies_until_done(self, deadline: float) -> Iterator[dict[str, Any]]:
        while True:
            reply = self._receive(deadline)
            if reply.get("done"):
                if reply["exit_code"]:
                    raise ClauseServerError(f"the clauses could not run: {self._last_line()}")
                return
            yield reply

    def _receive(self, deadline: float) -> dict[str, Any]:
        while b"\n" not in self._buffer:
            left = max(0.0, deadline - time.monotonic())
            if not select.select([self._replies], [], [], left)[0]:
                raise TimeoutError
            piece = os.read(self._replies, 65536)
            if not piece:
                raise ClauseServerError(f"the clauses could not run: {self._last_line()}")
            self._buffer += piece
        line, _, self._buffer = self._buffer.partition(b"\n")
        reply: dict[str, Any] = json.loads(line)
        return reply

    def _last_line(self) -> str:
        output = Path(self._errors.name, "output").read_bytes().decode("utf-8", "replace")
        return find_last_line(output)
