"""Does the contract notice when a site does something wrong?

Each fault of tests/mutants is made in a copy of the project, never in the project itself, and the
site is asked: first the clauses of the fault's feature, then, if they noticed nothing, all others.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from bench import faults, frameworks
from bench.app_files import read_each
from bench.commands import json_option, set_up
from bench.contract import RUN_ITSELF, Report, ask_one
from bench.faults import BadFault, Fault
from bench.option_types import SEED, WholeNumber
from bench.places import Places
from bench.processes import run_command
from bench.random_mutants import SHARED_DB, RandomMutant, sample_mutants
from bench.show import Row, show
from bench.troubles import Missing, Misuse, last_line

AT_ONCE = 2
SHARED_DB_SECONDS = 900
NOT_OPEN = "the kitchen does not open"
NOT_RUN = "not run"
EQUIVALENT = "equivalent"


@dataclass(frozen=True)
class Outcome:
    """What became of a fault: killed, survived, equivalent, not run, or an error of its own."""

    fault: Fault
    result: str
    clause: str  # the first clause that failed, or why none says anything
    own_feature: bool  # whether a clause of the fault's own feature saw it
    seconds: float

    def row(self) -> Row:
        """Return the fault's row of the table."""
        told = self.own_feature or self.result in ("error", EQUIVALENT, NOT_RUN)
        by = self.clause if told else f"{self.clause} (all)"
        return {
            "site": self.fault.shelf,
            "fault": self.fault.id,
            "result": self.result,
            "by": by if self.result != "survived" else "",
            "seconds": self.seconds,
        }


def try_fault(fault: Fault) -> Outcome:
    """Make a fault and ask the contract."""
    started = time.monotonic()

    def outcome(result: str, clause: str, own_feature: bool = False) -> Outcome:
        return Outcome(fault, result, clause, own_feature, time.monotonic() - started)

    if isinstance(fault, RandomMutant) and fault.reason:
        return outcome(EQUIVALENT, fault.reason)
    # A random mutant has no feature of its own, and the clauses are not all that tests it.
    is_layers = not fault.feature and fault.shelf == SHARED_DB
    with faults.copy_of_project(share_larders=not fault.file.startswith("shared_db/")) as root:
        try:
            fault.make(root)
        except BadFault as error:
            return outcome("error", str(error))
        # The layer's own tests on SQLite take less time than the contract, on PostgreSQL more.
        if is_layers and (failed := failed_test(root, "not postgresql")):
            return outcome("killed", failed)
        for options in (["--feature", fault.feature], []) if fault.feature else ([],):
            report = ask_one(
                fault.framework, ["--framework", fault.framework, "-x", *options], root
            )
            if report.not_run:
                return outcome(NOT_RUN, report.not_run)
            # A random change may well keep the site from starting: that is noticed, too.
            if (unusable := unusable_because(report)) and fault.feature:
                return outcome("error", unusable)
            if report.failed:
                return outcome("killed", report.failed[0], own_feature=bool(options))
        if is_layers and (failed := failed_test(root, "postgresql")):
            return outcome("killed", failed)
    return outcome("survived", "")


def failed_test(root: Path, names: str) -> str:
    """Return the first test of the database layer, of those with such names, that fails, or ""."""
    command = [sys.executable, "-m", "pytest", "tests/shared_db", "-x", "-q", "-rf", "-n", "0"]
    done = run_command(
        [*command, "-p", "no:cacheprovider", "-k", names],
        SHARED_DB_SECONDS,
        "tests/shared_db",
        "ask a machine with less to do",
        cwd=root,
    )
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return (
        failed[0]
        if failed
        else ("" if done.returncode == 0 else last_line(done.stdout or done.stderr))
    )


def unusable_because(report: Report) -> str:
    """Return why a run proves nothing, "" when it does: a site that is closed has no faults."""
    if RUN_ITSELF in report.failed:  # pytest did not start, or was broken off
        return f"{RUN_ITSELF}: {report.reasons[RUN_ITSELF]}"
    reasons = [report.reasons[clause] for clause in report.failed]
    return next((why for why in reasons if why.startswith(NOT_OPEN)), "")


def try_all(wanted: Sequence[Fault], told: Callable[[Outcome], None]) -> list[Outcome]:
    """Try faults, two at a time; told hears of each as it is done."""

    def try_one(fault: Fault) -> Outcome:
        outcome = try_fault(fault)
        told(outcome)
        return outcome

    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            return list(pool.map(try_one, wanted))
        finally:
            pool.shutdown(cancel_futures=True)


def askable(wanted: Sequence[Fault], names: tuple[str, ...]) -> tuple[list[Fault], int]:
    """Return the faults whose site can be asked, and the exit code; say which sites cannot."""
    places = Places.from_environ()
    shelf = frameworks.discover(places.apps).frameworks
    known = {
        fault.framework: shelf[fault.framework] for fault in wanted if fault.framework in shelf
    }
    ready, code = set_up(list(known.values()), places, names, 0)
    lacking = set(known) - {environment.framework.name for environment in ready}
    return [fault for fault in wanted if fault.framework not in lacking], code


def tell(outcome: Outcome) -> None:
    """Say what became of one fault."""
    fault = outcome.fault
    click.echo(f"{outcome.result}: {fault.shelf}: {fault.id}: {outcome.clause}", err=True)


@click.command()
@click.argument("names", nargs=-1, metavar="[NAMES]...")
@click.option("-k", "text", default="", help="Only the faults whose name holds this text.")
@click.option(
    "--random",
    "count",
    type=WholeNumber(1, 10_000),
    help="Instead make COUNT random changes of the code of NAMES; shared_db is one of the names.",
    metavar="COUNT",
)
@click.option("--seed", type=SEED, default=1, show_default=True, help="Chooses the changes.")
@json_option
def command(names: tuple[str, ...], text: str, count: int | None, seed: int, as_json: bool) -> int:
    """Make every fault of tests/mutants/NAMES.toml, or of all; the contract must see each.

    With --random: comparisons, boolean operators, numbers and truth values are changed, statements
    are deleted. A change that survives is equivalent, or a clause is missing.
    Ends with 1 when one survives, or cannot be made any more, and with 3 when no clause ran.
    """
    chosen: list[Fault]
    left_out: dict[str, str] = {}
    if count:
        chosen = [*sample_mutants(names or (SHARED_DB,), count, seed)]
    else:
        read, left_out = read_each(faults.files_of(names), faults.read)
        chosen = [one for each in read.values() for one in each]
    chosen = [one for one in chosen if text in one.id]
    if not chosen and not left_out:
        raise Misuse(f"no fault's name holds {text!r}; see tests/mutants")
    wanted, code = askable(chosen, names)
    outcomes = try_all(wanted, tell)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in outcomes], indent=1, ensure_ascii=False))
    else:
        show([one.row() for one in outcomes])
        killed, equivalent = (
            sum(one.result == result for one in outcomes) for result in ("killed", EQUIVALENT)
        )
        click.echo(f"{killed} of {len(outcomes) - equivalent} faults were seen")
    results = {one.result for one in outcomes} or {NOT_RUN}
    if left_out or not results <= {"killed", EQUIVALENT, NOT_RUN}:
        return 1
    return Missing.exit_code if NOT_RUN in results else code
