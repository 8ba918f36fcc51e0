"""Does the contract notice when a site does something wrong?

Each fault of tests/mutants is made in a copy of the project, never in the project itself, and the
site is asked: first the clauses of the fault's feature, then, if they noticed nothing, all others.
"""

import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench.conformance import mutants
from bench.conformance.contract import WHOLE_RUN, SiteResult, run_clauses
from bench.conformance.mutants import Mutant, MutantError
from bench.conformance.random_mutants import SHARED_DB, RandomMutant
from bench.core.errors import find_last_line
from bench.core.processes import run_command
from bench.core.tables import Row

CONCURRENT_MUTANTS = 2
SHARED_DB_TIMEOUT_SECONDS = 900
SITE_NOT_STARTED = "the kitchen does not open"
NOT_RUN = "not run"
EQUIVALENT = "equivalent"


@dataclass(frozen=True)
class MutantResult:
    """What became of a fault: killed, survived, equivalent, not run, or an error of its own."""

    fault: Mutant
    result: str
    clause: str  # the first clause that failed, or why none says anything
    own_feature: bool  # whether a clause of the fault's own feature saw it
    seconds: float

    def as_row(self) -> Row:
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


def run_mutant(fault: Mutant) -> MutantResult:
    """Make a fault and ask the contract."""
    started = time.monotonic()

    def outcome(result: str, clause: str, own_feature: bool = False) -> MutantResult:
        return MutantResult(fault, result, clause, own_feature, time.monotonic() - started)

    if isinstance(fault, RandomMutant) and fault.reason:
        return outcome(EQUIVALENT, fault.reason)
    # A random mutant has no feature of its own, and the clauses are not all that tests it.
    is_layers = not fault.feature and fault.shelf == SHARED_DB
    with mutants.copy_project(share_databases=not fault.file.startswith("shared_db/")) as root:
        try:
            fault.apply(root)
        except MutantError as error:
            return outcome("error", str(error))
        # The layer's own tests on SQLite take less time than the contract, on PostgreSQL more.
        if is_layers and (failed := find_failed_test(root, "not postgresql")):
            return outcome("killed", failed)
        for options in (["--feature", fault.feature], []) if fault.feature else ([],):
            report = run_clauses(
                fault.framework, ["--framework", fault.framework, "-x", *options], root
            )
            if report.not_run_reason:
                return outcome(NOT_RUN, report.not_run_reason)
            # A random change may well keep the site from starting: that is noticed, too.
            if (unusable := find_invalid_reason(report)) and fault.feature:
                return outcome("error", unusable)
            if report.failed_clauses:
                return outcome("killed", report.failed_clauses[0], own_feature=bool(options))
        if is_layers and (failed := find_failed_test(root, "postgresql")):
            return outcome("killed", failed)
    return outcome("survived", "")


def find_failed_test(root: Path, names: str) -> str:
    """Return the first test of the database layer, of those with such names, that fails, or ""."""
    command = [sys.executable, "-m", "pytest", "tests/shared_db", "-x", "-q", "-rf", "-n", "0"]
    done = run_command(
        [*command, "-p", "no:cacheprovider", "-k", names],
        SHARED_DB_TIMEOUT_SECONDS,
        "tests/shared_db",
        "ask a machine with less to do",
        cwd=root,
    )
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return (
        failed[0]
        if failed
        else ("" if done.returncode == 0 else find_last_line(done.stdout or done.stderr))
    )


def find_invalid_reason(report: SiteResult) -> str:
    """Return why a run proves nothing, "" when it does: a site that is closed has no faults."""
    if WHOLE_RUN in report.failed_clauses:  # pytest did not start, or was broken off
        return f"{WHOLE_RUN}: {report.reasons[WHOLE_RUN]}"
    reasons = [report.reasons[clause] for clause in report.failed_clauses]
    return next((why for why in reasons if why.startswith(SITE_NOT_STARTED)), "")


def run_mutants(
    selected: Sequence[Mutant], on_result: Callable[[MutantResult], None]
) -> list[MutantResult]:
    """Try faults, two at a time; told hears of each as it is done."""

    def run_and_report(fault: Mutant) -> MutantResult:
        outcome = run_mutant(fault)
        on_result(outcome)
        return outcome

    with ThreadPoolExecutor(CONCURRENT_MUTANTS) as pool:
        try:
            return list(pool.map(run_and_report, selected))
        finally:
            pool.shutdown(cancel_futures=True)
