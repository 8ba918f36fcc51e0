"""Run chosen clauses again and again in one pytest process, each time in a fresh child process.

Pytest imports and collects the clauses once, which takes seconds. Then bench/learn/clause_server.py
sends commands, each one line of JSON: the ids of clauses, and the copy of the app to test. A child
process runs them and sends one line for each clause, then {"done": true}.
"""

import json
import os
import re
import signal
import time
import traceback
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from bench.learn.tracebacks import find_errors
from tests.contract import clauses, wire
from tests.contract.blocking import BLOCKED
from tests.contract.results import describe_outcome
from tests.contract.site import SITES, Site

LOG_BYTES = 20_000  # at the end of a host's log: the traceback of the last request
LOG_PATH = re.compile(r"\(log: (\S+)\)")  # in the message of a site that does not start
SERVER_ERROR = re.compile(r"-> 5\d\d ")  # in the description of a request and its reply
HANGS = "was not answered within"  # the site has lost a thread
LOOP_CPU_SECONDS = 1.5  # a clause takes much less
MAX_WAITS = 5
LOOKS, LOOK_SECONDS = 5, 0.02  # at the threads of a host
NEEDS_OTHER_HOSTS = {"spare", "bare"}


@dataclass(frozen=True)
class Lesson:
    """The copy of an app that one command tests."""

    work: Path  # the folder for the files of this run
    estate: dict[str, Any]  # fields of the Estate that differ
    missing: frozenset[str]  # features that are not written yet
    blanks: list[tuple[str, int, int, str]]  # of handlers: file, first and last line, feature


LESSON: pytest.StashKey[Lesson] = pytest.StashKey()


@dataclass
class CommandLoop:
    """The plugin that takes the place of pytest's loop over the clauses."""

    commands: int  # the descriptor of the pipe with commands
    replies: int
    lines: list[str] = field(default_factory=list)
    sites: dict[str, Site] = field(default_factory=dict)  # with a second host, if any
    site: Site | None = None  # of the clause that runs
    cpu_before: float = 0.0  # of the host, before the clause
    waits: int = 0

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Send the catalogue of clauses, then run commands until the pipe closes."""
        items = {clauses.id_of(item): item for item in session.items if clauses.site_of(item)}
        self.send(catalogue=[describe_clause(item) for item in items.values()])
        with os.fdopen(self.commands, encoding="utf-8") as pipe:
            for line in pipe:
                self.run_in_child(session, items, json.loads(line))
        return True

    def run_in_child(
        self, session: pytest.Session, items: dict[str, pytest.Item], command: dict[str, Any]
    ) -> None:
        """Run the clauses of a command in a child process, and send the end of the run."""
        child = os.fork()
        if child == 0:
            try:
                os.setpgid(0, 0)
                self.run(session, [items[name] for name in command["clauses"]], command)
            except BaseException:  # noqa: BLE001  # the parent must not run this code
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        killer = signal.signal(signal.SIGTERM, lambda *_: kill_group(child))
        _, status = os.waitpid(child, 0)
        signal.signal(signal.SIGTERM, killer)
        self.send(done=True, exit_code=os.waitstatus_to_exitcode(status))

    def run(
        self, session: pytest.Session, items: Sequence[pytest.Item], command: dict[str, Any]
    ) -> None:
        """Run clauses in order, until the first that fails if the command says so."""
        wire.TIMEOUT_SECONDS = command["request_timeout_seconds"]
        wire.CPU_LIMIT_SECONDS = wire.TIMEOUT_SECONDS if command["is_slow"] else LOOP_CPU_SECONDS
        wire.wait_on = self.is_machine_busy
        session.config.stash[LESSON] = Lesson(
            Path(command["work"]),
            {
                "app_folder": Path(command["folder"]),
                "start_cpu_seconds": command["start_cpu_seconds"],
                "is_sandboxed": command["is_sandboxed"],
            },
            frozenset(command["missing"]),
            command["blanks"],
        )
        for number, item in enumerate(items):
            following = items[number + 1] if number + 1 < len(items) else None
            self.lines.clear()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            failed = any('"failed"' in line for line in self.lines)
            if failed and (command["stop"] or any(HANGS in line for line in self.lines)):
                session._setupstate.teardown_exact(None)
                return

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> None:
        """Remember how much processor time the site has used before the clause."""
        self.sites = item.config.stash.get(SITES, {})
        self.site = self.sites.get(clauses.site_of(item))
        self.cpu_before, self.waits = self.measure_cpu(), 0

    def measure_cpu(self) -> float:
        """Return the processor time of the site's host in seconds, 0.0 before it has started."""
        return self.site.exchange.measure_cpu() if self.site else 0.0

    def is_machine_busy(self) -> bool:
        """Return whether a request is late because others use the processor, not by a loop."""
        self.waits += 1
        used = self.measure_cpu() - self.cpu_before
        hosts = [site.house.host.pid for site in self.sites.values() if site.house]
        return not all(map(is_asleep, hosts)) and used < LOOP_CPU_SECONDS and self.waits < MAX_WAITS

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Send the outcome of a clause."""
        report = yield
        outcome = describe_outcome(report)
        if report.when == "call" or outcome["outcome"] != "passed":
            asked = str(dict(report.user_properties).get("asked", ""))
            log = read_log(item, outcome["why"]) if outcome["outcome"] == "failed" else ""
            feature = find_blank(log, item.config.stash[LESSON].blanks)
            is_own = feature in clauses.features_of(item)
            if feature and not is_own and SERVER_ERROR.search(asked):
                outcome, log = {"outcome": "blocked", "why": f"{BLOCKED}{feature}"}, ""
            self.lines.append(json.dumps(outcome))
            self.send(clause=clauses.id_of(item), **outcome, asked=asked, log=log)
        return report

    def send(self, **message: object) -> None:
        """Write one line of JSON to the pipe of replies."""
        line = json.dumps(message).encode() + b"\n"
        while line:
            line = line[os.write(self.replies, line) :]


def is_asleep(pid: int) -> bool:
    """Return whether no thread of a process or of its descendants wants the processor.

    Looks several times: a thread that waits for others is ready to run, a thread that sleeps in a
    loop hardly ever. Return False where the system does not show the threads.
    """
    try:
        for _ in range(LOOKS):
            process = psutil.Process(pid)
            for each in (process, *process.children(recursive=True)):
                if any(read_state(thread) in "RD" for thread in list_threads(each.pid)):
                    return False
            time.sleep(LOOK_SECONDS)
    except (psutil.Error, OSError):
        return False
    return True


def list_threads(pid: int) -> list[Path]:
    """Return the folders of a process's threads in /proc."""
    return [*Path(f"/proc/{pid}/task").iterdir()]


def read_state(thread: Path) -> str:
    """Return the state of a thread: R ready or running, D waiting for a device, S asleep, ..."""
    return (thread / "stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2][0]


def describe_clause(item: pytest.Item) -> dict[str, object]:
    """Return what a command may choose clauses by."""
    assert isinstance(item, pytest.Function)
    return {
        "id": clauses.id_of(item),
        "features": clauses.features_of(item),
        "module": item.path.stem,
        "other_hosts": bool(NEEDS_OTHER_HOSTS.intersection(item.fixturenames)),
    }


def read_log(item: pytest.Item, why: str) -> str:
    """Return the end of the log of the site that a clause tests."""
    site = item.config.stash.get(SITES, {}).get(clauses.site_of(item))
    match = LOG_PATH.search(why)
    path = site.house.log if site and site.house else Path(match[1]) if match else None
    if path is None:
        return ""
    with suppress(OSError):
        return path.read_bytes()[-LOG_BYTES:].decode("utf-8", "replace")
    return ""


def find_blank(log: str, blanks: list[tuple[str, int, int, str]]) -> str:
    """Return the feature of the blank handler that raised the last error of a log, or ""."""
    error = next(find_errors(log, [Path(file) for file, *_ in blanks]), None)
    if error is None or error.kind != NotImplementedError.__name__:
        return ""
    for file, first, last, feature in blanks:
        if str(error.file) == file and first <= error.line <= last:
            return feature
    return ""


def kill_group(child: int) -> None:
    """Kill the child process and its group."""
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
