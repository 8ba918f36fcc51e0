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

from bench.core.errors import find_last_line
from bench.core.paths import ROOT
from bench.core.processes import TimeLimitError, run_command

WHOLE_RUN = "the run itself"  # stands in for a clause where pytest was broken off
GRACE_SECONDS = 5.0  # for what Ctrl-C on a terminal has interrupted already
NO_TESTS_EXIT_CODE = 5  # pytest's exit code when nothing was selected
RUN_TIMEOUT_SECONDS = (
    3600.0  # a run takes a minute or two; a clause that hangs is ended long before
)
# Plugins that happen to be installed would cost each run a second, and could change it.
PLUGIN_OPTIONS = ("-p", "no:cacheprovider", "-p", "pytest_timeout")
PLUGIN_ENVIRON = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


@dataclass(frozen=True)
class SiteResult:
    """How one site did: the outcome of each clause, and why where it was not plainly passed."""

    name: str
    outcomes: Mapping[str, str]
    reasons: Mapping[str, str]

    def find_clauses(self, outcome: str) -> list[str]:
        """Return the ids of the clauses with this outcome."""
        return [clause for clause, one in self.outcomes.items() if one == outcome]

    @property
    def failed_clauses(self) -> list[str]:
        """Return the ids of the clauses that failed."""
        return self.find_clauses("failed")

    @property
    def passed(self) -> bool:
        """Return whether clauses ran and none failed."""
        return not (self.failed_clauses or self.not_run_reason)

    @property
    def not_run_reason(self) -> str:
        """Return why no clause ran, "" when one did: such a run proves nothing."""
        if set(self.outcomes.values()) - {"skipped"}:
            return ""
        why = Counter(self.reasons[clause] for clause in self.outcomes).most_common(1)
        return f"no clause ran: {why[0][0] if why else 'none was collected'}"

    def as_dict(self) -> dict[str, Any]:
        """Return it as --json prints it."""
        return {
            "passed": len(self.find_clauses("passed")),
            "failed": self.failed_clauses,
            "deviations": self.find_clauses("deviation"),
            "skipped": {clause: self.reasons[clause] for clause in self.find_clauses("skipped")},
        }


def run_contract(
    names: Sequence[str],
    options: Sequence[str] = (),
    on_result: Callable[[SiteResult], None] = lambda report: None,
) -> list[SiteResult]:
    """Ask every named site all clauses, one site more at once than there are cores.

    Clauses wait, too: for each other, for a password's check, for the end of a host.

    options are pytest's and tests/contract/conftest.py's; told hears each report as it comes.
    """
    whole: list[str] = []

    def ask(name: str) -> SiteResult:
        report = run_clauses(name, ["--framework", name, *options])
        on_result(report)
        if WHOLE_RUN not in report.outcomes:
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
    while children := find_running_children():
        if time.monotonic() > deadline:
            for child in children:
                with suppress(psutil.NoSuchProcess):
                    child.send_signal(signal.SIGINT)
            return
        time.sleep(0.1)


def find_running_children() -> list[psutil.Process]:
    """Return the processes that this one has started and that still run."""
    running = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if child.status() != psutil.STATUS_ZOMBIE:
                running.append(child)
    return running


def run_clauses(name: str, options: Iterable[str], root: Path = ROOT) -> SiteResult:
    """Run the clauses for one site with pytest and return what came of them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "results.json")
        command = [sys.executable, "-m", "pytest", "tests/contract", "-q", *PLUGIN_OPTIONS]
        try:
            done = run_command(
                [*command, "--results", str(file), *options],
                RUN_TIMEOUT_SECONDS,
                "the run of all clauses",
                f"ask fewer, to see which one hangs: cookoff contract {name} --feature ID -x",
                environ=os.environ | PLUGIN_ENVIRON,
                cwd=root,
            )
        except TimeLimitError as error:
            return SiteResult(name, {WHOLE_RUN: "failed"}, {WHOLE_RUN: str(error)})
        found = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    sites: dict[str, dict[str, str]] = next(iter(found.values()), {})
    outcomes = {clause: one["outcome"] for clause, one in sites.items()}
    reasons = {clause: one["why"] for clause, one in sites.items()}
    if done.returncode not in (0, 1, NO_TESTS_EXIT_CODE) or (done.returncode == 1 and not outcomes):
        outcomes[WHOLE_RUN] = "failed"
        reasons[WHOLE_RUN] = find_last_line(done.stderr or done.stdout)
    return SiteResult(name, outcomes, reasons)


def results_as_dict(reports: Sequence[SiteResult]) -> dict[str, Any]:
    """Return the reports as --json prints them and results.json keeps them."""
    clauses = max((len(report.outcomes) for report in reports), default=0)
    return {"clauses": clauses, "results": {one.name: one.as_dict() for one in reports}}


def format_failures(report: SiteResult) -> list[str]:
    """Return a line for each failed clause, or one line where all failed for the same reason."""
    why = Counter(report.reasons[clause] for clause in report.failed_clauses)
    if len(why) == 1 and len(report.failed_clauses) > 1:
        return [f"{report.name}: {len(report.failed_clauses)} clauses: {next(iter(why))}"]
    return [
        f"{report.name}: {clause}: {report.reasons[clause]}" for clause in report.failed_clauses
    ]


def format_skips(report: SiteResult) -> list[str]:
    """Return a line for each reason why clauses were skipped."""
    why = Counter(report.reasons[clause] for clause in report.find_clauses("skipped"))
    return [f"{report.name}: {count} skipped: {reason}" for reason, count in why.items()]
