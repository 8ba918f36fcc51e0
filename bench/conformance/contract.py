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

from bench.cli.common import chosen, json_option, names_argument, set_up
from bench.cli.option_types import CallableName, OneOf, SiteAddress
from bench.core.errors import Missing, Misuse, last_line
from bench.core.paths import ROOT, Places
from bench.core.processes import TimeLimitError, run_command
from bench.core.tables import show
from bench.frameworks.features import FEATURE_OF_ID

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


def exit_code(reports: Sequence[Report], code: int) -> int:
    """Return 1 where a clause failed, 3 where none ran at a site or at all, else `code`.

    Says in a line each which site was not asked, and why.
    """
    idle = {report.name: report.not_run for report in reports if report.not_run}
    for name, reason in idle.items():
        click.echo(f"cookoff: {name}: {reason}", err=True)
    if not reports:
        click.echo("cookoff: no clause ran: no site is ready; run: cookoff setup", err=True)
    if any(report.failed for report in reports):
        return 1
    return code if reports and not idle else Missing.exit_code


def skips(report: Report) -> list[str]:
    """Return a line for each reason why clauses were skipped."""
    why = Counter(report.reasons[clause] for clause in report.clauses("skipped"))
    return [f"{report.name}: {count} skipped: {reason}" for reason, count in why.items()]


@click.command()
@names_argument
@click.option(
    "--url", type=SiteAddress(), help="Ask the site at this address, written in any language."
)
@click.option("--app", type=CallableName(), help="Ask a WSGI callable: package.module:callable.")
@click.option("--database", type=OneOf(["sqlite", "postgresql"]), default="sqlite")
@click.option(
    "--feature",
    multiple=True,
    type=OneOf(FEATURE_OF_ID),
    metavar="ID",
    help="Only the clauses of this feature: show-the-menu, search-the-dishes, ...",
)
@click.option("-x", "stop", is_flag=True, help="Stop at the first clause that fails.")
@json_option
def command(
    names: tuple[str, ...],
    url: str | None,
    app: str | None,
    database: str,
    feature: tuple[str, ...],
    stop: bool,
    as_json: bool,
) -> int:
    """Ask the NAMES, or all, everything that a guest relies on.

    Ends with 0 only when nothing fails, and with 3 when no clause ran at a site.
    """
    options = ["--database", database, *(f"--feature={one}" for one in feature), *["-x"] * stop]
    if url or app:
        if names or (url and app):
            raise Misuse("give frameworks' names, or --url, or --app")
        elsewhere = ["--url", url] if url else ["--app", app or ""]
        reports, code = [ask_one(url or app or "", [*elsewhere, *options])], 0
    else:
        places = Places.from_environ()
        frameworks, code = chosen(places, names)
        ready, code = set_up(frameworks, places, names, code)
        asked = [environment.framework.name for environment in ready]
        reports = run_contract(asked, options, lambda one: tell(one) if not as_json else None)
    if as_json:
        click.echo(json.dumps(as_dict(reports), indent=1, ensure_ascii=False))
    else:
        show_reports(reports)
    return exit_code(reports, code)


def tell(report: Report) -> None:
    """Say how one site did, as soon as that is known."""
    if RUN_ITSELF in report.outcomes:
        click.echo(f"{report.name}: {report.reasons[RUN_ITSELF]}", err=True)
        return
    click.echo(f"{report.name}: {len(report.failed)} of {len(report.outcomes)} fail", err=True)


def show_reports(reports: Sequence[Report]) -> None:
    """Print a row for each site, then what failed."""
    outcomes = ("passed", "failed", "deviation", "skipped")
    show([{"name": r.name} | {one: len(r.clauses(one)) for one in outcomes} for r in reports])
    for report in reports:
        for line in (*skips(report), *failures(report)):
            click.echo(line)
