"""Does every framework's site do what a guest, a member of staff and a program rely on?

The clauses are the tests in tests/contract; each site is asked in a run of its own.
"""

import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import psutil

from bench.core.errors import last_line
from bench.core.paths import ROOT
from bench.core.processes import TimeLimitError, run_command

RUN_ITSELF = "the run itself"  # stands in for a clause where pytest was broken off
GRACE_SECONDS = 5.0  # for what Ctrl-C on a terminal has interrupted already
NO_TESTS = 5  # pytest's exit code when nothing was selected
RUN_SECONDS = 3600.0  # a run takes a minute or two; a clause that hangs is ended long before
# Plugins that happen to be installed would cost each run a second, and could change it.
PLUGINS = ("-p", "no:cacheprovider", "-p", "pytest_timeout")
NO_PLUGINS = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


@dataclass(frozen=True)
class Report:
    """How one site did: the outcome of each clause, and why where it was not plainly passed."""

    name: str
    outcomes: Mapping[str, str]
    reasons: Mapping[str, str]

    def clauses(self, outcome: str) -> list[str]:
        """Return the ids of the clauses with this outcome."""
        return [clause for clause, one in self.outcomes.items() if one == outcome]

    @property
    def failed(self) -> list[str]:
        """Return the ids of the clauses that failed."""
        return self.clauses("failed")

    @property
    def passed(self) -> bool:
        """Return whether clauses ran and none failed."""
        return not (self.failed or self.not_run)

    @property
    def not_run(self) -> str:
        """Return why no clause ran, "" when one did: such a run proves nothing."""
        if set(self.outcomes.values()) - {"skipped"}:
            return ""
        why = Counter(self.reasons[clause] for clause in self.outcomes).most_common(1)
        return f"no clause ran: {why[0][0] if why else 'none was collected'}"

    def as_dict(self) -> dict[str, Any]:
        """Return it as --json prints it."""
        return {
            "passed": len(self.clauses("passed")),
            "failed": self.failed,
            "deviations": self.clauses("deviation"),
            "skipped": {clause: self.reasons[clause] for clause in self.clauses("skipped")},
        }


def run_contract(
    names: Sequence[str],
    options: Sequence[str] = (),
    told: Callable[[Report], None] = lambda report: None,
) -> list[Report]:
    """Ask every named site all clauses, one site more at once than there are cores.

    Clauses wait, too: for each other, for a password's check, for the end of a host.

    options are pytest's and tests/contract/conftest.py's; told hears each report as it comes.
    """
    whole: list[str] = []

    def ask(name: str) -> Report:
        report = ask_one(name, ["--framework", name, *options])
        told(report)
        if RUN_ITSELF not in report.outcomes:
            whole.append(name)
        return report

    with ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
        try:
            return list(pool.map(ask, names))
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            interrupt_children()
            done = f"{len(whole)} of {len(names)} sites were asked all clauses"
            which = f": {', '.join(whole)}" if whole else ""
            click.echo(f"cookoff: interrupted; {done}{which}", err=True)
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def interrupt_children() -> None:
    """Interrupt what this process still runs; Ctrl-C on a terminal has told its children, too."""
    deadline = time.monotonic() + GRACE_SECONDS
    while children := running_children():
        if time.monotonic() > deadline:
            for child in children:
                with suppress(psutil.NoSuchProcess):
                    child.send_signal(signal.SIGINT)
            return
        time.sleep(0.1)


def running_children() -> list[psutil.Process]:
    """Return the processes that this one has started and that still run."""
    running = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if child.status() != psutil.STATUS_ZOMBIE:
                running.append(child)
    return running


def ask_one(name: str, options: Iterable[str], root: Path = ROOT) -> Report:
    """Run the clauses for one site with pytest and return what came of them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "results.json")
        command = [sys.executable, "-m", "pytest", "tests/contract", "-q", *PLUGINS]
        try:
            done = run_command(
                [*command, "--results", str(file), *options],
                RUN_SECONDS,
                "the run of all clauses",
                f"ask fewer, to see which one hangs: cookoff contract {name} --feature ID -x",
                environ=os.environ | NO_PLUGINS,
                cwd=root,
            )
        except TimeLimitError as error:
            return Report(name, {RUN_ITSELF: "failed"}, {RUN_ITSELF: str(error)})
        found = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    sites: dict[str, dict[str, str]] = next(iter(found.values()), {})
    outcomes = {clause: one["outcome"] for clause, one in sites.items()}
    reasons = {clause: one["why"] for clause, one in sites.items()}
    if done.returncode not in (0, 1, NO_TESTS) or (done.returncode == 1 and not outcomes):
        outcomes[RUN_ITSELF] = "failed"
        reasons[RUN_ITSELF] = last_line(done.stderr or done.stdout)
    return Report(name, outcomes, reasons)


def as_dict(reports: Sequence[Report]) -> dict[str, Any]:
    """Return the reports as --json prints them and results.json keeps them."""
    clauses = max((len(report.outcomes) for report in reports), default=0)
    return {"clauses": clauses, "results": {one.name: one.as_dict() for one in reports}}


def failures(report: Report) -> list[str]:
    """Return a line for each failed clause, or one line where all failed for the same reason."""
    why = Counter(report.reasons[clause] for clause in report.failed)
    if len(why) == 1 and len(report.failed) > 1:
        return [f"{report.name}: {len(report.failed)} clauses: {next(iter(why))}"]
    return [f"{report.name}: {clause}: {report.reasons[clause]}" for clause in report.failed]


def skips(report: Report) -> list[str]:
    """Return a line for each reason why clauses were skipped."""
    why = Counter(report.reasons[clause] for clause in report.clauses("skipped"))
    return [f"{report.name}: {count} skipped: {reason}" for reason, count in why.items()]
