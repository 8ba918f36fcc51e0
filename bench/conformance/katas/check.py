"""Run the clauses of a kata, and the core clauses that still hold, in a copy of the project."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from bench.conformance.contract import CONTRACT_TESTS, SiteResult, run_clauses
from bench.conformance.katas.catalogue import Kata
from bench.conformance.katas.patching import (
    KATA_CLAUSES,
    apply_framework_patches,
    copy_for_kata,
)
from bench.conformance.levels import CORE
from bench.frameworks.manifest import Framework, discover_frameworks
from bench.results.schema import LevelCount

REPLACED = "replaced"  # the outcome of a clause that the change replaces, as declared
STILL_HOLDS = "is declared as replaced but still holds; remove it from kata.toml"
NO_CLAUSE = "is declared as replaced, but no core clause has this id; correct kata.toml"


@dataclass(frozen=True)
class PatchOutcome:
    """The result of one framework's patch; with a problem, the clauses did not run."""

    name: str
    problem: str = ""
    own: SiteResult | None = None  # of the clauses of the kata
    core: SiteResult | None = None  # of the core clauses of the contract, if they were run

    @property
    def failed(self) -> dict[str, str]:
        """Return the reason of each clause that failed, or that a lacking feature blocked."""
        results = [result for result in (self.own, self.core) if result]
        return {
            clause: result.reasons[clause]
            for result in results
            for outcome in ("failed", "blocked")
            for clause in result.find_clauses(outcome)
        }

    @property
    def counts(self) -> bool:
        """Return whether the patch applies and fails no clause."""
        return not self.problem and not self.failed

    @property
    def core_count(self) -> LevelCount | None:
        """Return the met and all core clauses that still hold, None if they were not run."""
        if self.core is None:
            return None
        held = [outcome for outcome in self.core.outcomes.values() if outcome != REPLACED]
        return LevelCount(
            len([each for each in held if each in ("passed", "deviation")]), len(held)
        )


OnOutcome = Callable[[PatchOutcome, Path], None]


@dataclass(frozen=True)
class CheckOptions:
    """What to run beside the clauses of the kata, and on which database."""

    with_core: bool = False  # also the core clauses of the contract
    database: str = "sqlite"


def check_kata(
    kata: Kata, frameworks: Sequence[Framework], options: CheckOptions, on_outcome: OnOutcome
) -> None:
    """Apply the patches of a kata to a copy, and run the clauses at each of these frameworks.

    `on_outcome` is called with the result of each framework, and with the root of the copy. All
    patches are applied: pages are compared with those of `bare`. Raises PatchError when the shared
    change cannot be applied.
    """
    with copy_for_kata(kata) as root:
        known = discover_frameworks(root / "apps").frameworks.values()
        failures = apply_framework_patches(kata, list(known), root)

        def check(framework: Framework) -> None:
            reason = failures.get(framework.name)
            outcome = (
                PatchOutcome(framework.name, reason)
                if reason
                else run_patch(kata, framework.name, root, options)
            )
            on_outcome(outcome, root)

        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            try:
                list(pool.map(check, frameworks))
            finally:
                pool.shutdown(cancel_futures=True)


def run_patch(kata: Kata, name: str, root: Path, options: CheckOptions) -> PatchOutcome:
    """Run the clauses at the changed site of a framework, as taught, and return the result."""
    common = ["--framework", name, "--as-taught", "--database", options.database]
    common += ["--own-addresses"] * kata.own_addresses
    own = run_clauses(name, common, root, KATA_CLAUSES)
    if own.not_run_reason:
        return PatchOutcome(name, own.not_run_reason)
    core = None
    if options.with_core and own.passed:
        core = run_clauses(name, [*common, "--group", CORE], root, CONTRACT_TESTS)
        core = judge_replaced(kata, core)
    return PatchOutcome(name, own=own, core=core)


def judge_replaced(kata: Kata, result: SiteResult) -> SiteResult:
    """Return the result with the declared clauses as replaced; one that still holds has failed."""
    outcomes, reasons = dict(result.outcomes), dict(result.reasons)
    for clause in kata.replaced:
        if clause not in outcomes:
            outcomes[clause], reasons[clause] = "failed", NO_CLAUSE
        elif outcomes[clause] == "failed":
            outcomes[clause] = REPLACED
        elif outcomes[clause] == "passed":
            outcomes[clause], reasons[clause] = "failed", STILL_HOLDS
    return replace(result, outcomes=outcomes, reasons=reasons)
