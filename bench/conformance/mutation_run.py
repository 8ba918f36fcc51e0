"""Run the contract against mutants, to see whether a clause fails for each planted fault.

Each mutant is applied to a copy of the project, never to the project itself. The clauses of the
mutant's feature run first; if none of them fails, all clauses of the mutant's level run.
"""

import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench.conformance import mutants
from bench.conformance.clause_progress import WHOLE_RUN
from bench.conformance.contract import SiteResult, run_clauses
from bench.conformance.levels import CORE, HARDENING, HARDENING_GROUPS
from bench.conformance.mutants import Mutant, MutantError
from bench.conformance.random_mutants import SHARED_DB, RandomMutant
from bench.core.errors import find_last_line
from bench.core.processes import run_command
from bench.core.tables import Row

CONCURRENT_MUTANTS = 2
SHARED_DB_TIMEOUT_SECONDS = 900
SITE_NOT_STARTED = "the site does not start"  # as tests/contract reports it
NOT_RUN = "not run"
EQUIVALENT = "equivalent"
# A core clause must fail for the site as taught, a hardening clause for the hardened site.
LEVEL_OPTIONS = {
    CORE: ["--as-taught", "--group", CORE],
    HARDENING: [f"--group={group}" for group in HARDENING_GROUPS],
    "": [],
}


@dataclass(frozen=True)
class MutantResult:
    """The result of a mutant: killed, survived, equivalent, not run, or error."""

    mutant: Mutant
    result: str
    clause: str  # the first clause that failed, or the reason why there is none
    own_feature: bool  # whether a clause of the mutant's own feature failed
    seconds: float

    def as_row(self) -> Row:
        """Return the mutant's row of the table."""
        is_plain = self.own_feature or self.result in ("error", EQUIVALENT, NOT_RUN)
        by = self.clause if is_plain else f"{self.clause} (all)"
        return {
            "site": self.mutant.site,
            "mutant": self.mutant.id,
            "result": self.result,
            "by": by if self.result != "survived" else "",
            "seconds": self.seconds,
        }


def run_mutant(mutant: Mutant) -> MutantResult:
    """Apply a mutant to a copy of the project, and run the contract against the copy."""
    started = time.monotonic()

    def build_result(result: str, clause: str, own_feature: bool = False) -> MutantResult:
        return MutantResult(mutant, result, clause, own_feature, time.monotonic() - started)

    if isinstance(mutant, RandomMutant) and mutant.reason:
        return build_result(EQUIVALENT, mutant.reason)
    # A random mutant has no feature, and shared_db has tests of its own beside the clauses.
    has_own_tests = not mutant.feature and mutant.site == SHARED_DB
    with mutants.copy_project(share_databases=not mutant.file.startswith("shared_db/")) as root:
        try:
            mutant.apply(root)
        except MutantError as error:
            return build_result("error", str(error))
        # The tests of shared_db on SQLite take less time than the contract, on PostgreSQL more.
        if has_own_tests and (failed := find_failed_test(root, "not postgresql")):
            return build_result("killed", failed)
        for feature in (mutant.feature, "") if mutant.feature else ("",):
            options = [f"--feature={feature}"] if feature else []
            options += LEVEL_OPTIONS[mutant.level]
            site = run_clauses(
                mutant.framework, ["--framework", mutant.framework, "-x", *options], root
            )
            if site.not_run_reason:
                return build_result(NOT_RUN, site.not_run_reason)
            # A random mutant may keep the site from starting, which counts as killed.
            if (reason := find_invalid_reason(site)) and mutant.feature:
                return build_result("error", reason)
            if site.failed_clauses:
                return build_result("killed", site.failed_clauses[0], own_feature=bool(feature))
        if has_own_tests and (failed := find_failed_test(root, "postgresql")):
            return build_result("killed", failed)
    return build_result("survived", "")


def find_failed_test(root: Path, names: str) -> str:
    """Return the first failed test of shared_db, "" if all pass; `names` is pytest's -k."""
    command = [sys.executable, "-m", "pytest", "tests/shared_db", "-x", "-q", "-rf", "-n", "0"]
    process = run_command(
        [*command, "-p", "no:cacheprovider", "-k", names],
        SHARED_DB_TIMEOUT_SECONDS,
        "tests/shared_db",
        "run it again on a machine that is less busy",
        cwd=root,
    )
    failed = [line for line in process.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    if failed:
        return failed[0]
    return "" if process.returncode == 0 else find_last_line(process.stdout or process.stderr)


def find_invalid_reason(site: SiteResult) -> str:
    """Return the reason why a run says nothing about the mutant, "" if it does.

    Such a run did not start, was interrupted, or tested a site that did not start.
    """
    if WHOLE_RUN in site.failed_clauses:
        return f"{WHOLE_RUN}: {site.reasons[WHOLE_RUN]}"
    reasons = [site.reasons[clause] for clause in site.failed_clauses]
    return next((reason for reason in reasons if reason.startswith(SITE_NOT_STARTED)), "")


def run_mutants(
    selected: Sequence[Mutant], on_result: Callable[[MutantResult], None]
) -> list[MutantResult]:
    """Run the mutants, CONCURRENT_MUTANTS at a time; call `on_result` with each result."""

    def run_and_report(mutant: Mutant) -> MutantResult:
        result = run_mutant(mutant)
        on_result(result)
        return result

    with ThreadPoolExecutor(CONCURRENT_MUTANTS) as pool:
        try:
            return list(pool.map(run_and_report, selected))
        finally:
            pool.shutdown(cancel_futures=True)
