"""Run the clauses of a kata, and the core clauses that still hold, in a copy of the project."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from bench.conformance.contract import SiteResult, run_clauses, run_clauses_at
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
        for framework in frameworks:
            if reason := failures.get(framework.name):
                on_outcome(PatchOutcome(framework.name, reason), root)
        names = [each.name for each in frameworks if each.name not in failures]
        workers = os.cpu_count() or 1
        # With the core clauses, which take minutes, the sites are tested one by one.
        groups = [[name] for name in names] if options.with_core else split(names, workers)

        def check(group: Sequence[str]) -> None:
            for outcome in run_patches(kata, group, root, options):
                on_outcome(outcome, root)

        with ThreadPoolExecutor(workers) as pool:
            try:
                list(pool.map(check, groups))
            finally:
                pool.shutdown(cancel_futures=True)


def split(names: Sequence[str], count: int) -> list[Sequence[str]]:
    """Return the names in at most `count` groups of about the same size."""
    return [group for first in range(count) if (group := names[first::count])]


def run_patches(
    kata: Kata, names: Sequence[str], root: Path, options: CheckOptions
) -> Iterator[PatchOutcome]:
    """Run the clauses at the changed sites of some frameworks, as taught; yield the results."""
    common = ["--as-taught", "--database", options.database]
    common += ["--own-addresses"] * kata.own_addresses
    sites = [f"--framework={name}" for name in names]
    results = run_clauses_at(names, [*sites, *common], root, KATA_CLAUSES)
    for name, own in results.items():
        if own.not_run_reason:
            yield PatchOutcome(name, own.not_run_reason)
            continue
        core = None
        if options.with_core and own.passed:
            core = run_clauses(name, ["--framework", name, *common, "--group", CORE], root)
            core = judge_replaced(kata, core)
        yield PatchOutcome(name, own=own, core=core)


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
