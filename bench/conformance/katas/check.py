"""Run the clauses of a kata, and the core clauses that still hold, in a copy of the project."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from bench.conformance.contract import (
    SiteResult,
    interrupt_children,
    run_clauses,
    run_clauses_at,
)
from bench.conformance.katas.catalogue import Kata
from bench.conformance.katas.patching import (
    KATA_CLAUSES,
    PatchError,
    apply_framework_patches,
    copy_for_kata,
)
from bench.conformance.levels import CORE
from bench.core.paths import ROOT
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


OnOutcome = Callable[[Kata, PatchOutcome, Path], None]


@dataclass(frozen=True)
class CheckOptions:
    """What to run beside the clauses of the kata, and on which database."""

    with_core: bool = False  # also the core clauses of the contract
    database: str = "sqlite"


@dataclass(frozen=True)
class Group:
    """The sites that one run of pytest tests, in the copy of a kata."""

    kata: Kata
    root: Path
    names: Sequence[str]


def check_katas(
    katas: Sequence[Kata],
    frameworks: Sequence[Framework],
    options: CheckOptions,
    on_outcome: OnOutcome,
) -> None:
    """Apply the patches of katas to copies, and run the clauses at each of these frameworks.

    `on_outcome` is called with the result of each patch, and with the root of the kata's copy; not
    after an interrupt. All patches are applied: pages are compared with those of `bare`. A shared
    change that cannot be applied fails all patches of its kata.
    """
    interrupted = threading.Event()

    def report(kata: Kata, outcome: PatchOutcome, root: Path) -> None:
        if not interrupted.is_set():
            on_outcome(kata, outcome, root)

    def run(group: Group) -> None:
        for outcome in run_patches(group, options):
            report(group.kata, outcome, group.root)

    # One run more than there are cores: the clauses of some katas wait for the site.
    with ExitStack() as stack, ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
        try:
            futures = [
                pool.submit(run, group)
                for kata in katas
                for group in prepare_groups(kata, frameworks, options, report, stack)
            ]
            for future in futures:
                future.result()
        except KeyboardInterrupt:
            interrupted.set()
            pool.shutdown(wait=False, cancel_futures=True)
            interrupt_children()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def prepare_groups(
    kata: Kata,
    frameworks: Sequence[Framework],
    options: CheckOptions,
    report: OnOutcome,
    stack: ExitStack,
) -> list[Group]:
    """Make the copy of a kata with all patches, report those that fail, and group the others.

    The copy is removed when the stack closes.
    """
    try:
        root = stack.enter_context(copy_for_kata(kata))
    except PatchError as error:
        for framework in frameworks:
            report(kata, PatchOutcome(framework.name, str(error)), ROOT)
        return []
    known = discover_frameworks(root / "apps").frameworks.values()
    failures = apply_framework_patches(kata, list(known), root)
    for framework in frameworks:
        if reason := failures.get(framework.name):
            report(kata, PatchOutcome(framework.name, reason), root)
    names = [each.name for each in frameworks if each.name not in failures]
    # With the core clauses, each site has a run of its own.
    groups = [[name] for name in names] if options.with_core else split(names, os.cpu_count() or 1)
    return [Group(kata, root, group) for group in groups]


def split(names: Sequence[str], count: int) -> list[Sequence[str]]:
    """Return the names in at most `count` groups of about the same size."""
    return [group for first in range(count) if (group := names[first::count])]


def run_patches(group: Group, options: CheckOptions) -> Iterator[PatchOutcome]:
    """Run the clauses at the changed sites of some frameworks, as taught; yield the results."""
    kata, root, names = group.kata, group.root, group.names
    common = ["--as-taught", "--database", options.database]
    common += ["--own-addresses"] * kata.own_addresses
    sites = [f"--framework={name}" for name in names]
    results = run_clauses_at(names, [*sites, *common], root, KATA_CLAUSES)
    for name, own in results.items():
        if problem := own.not_run_reason or own.incomplete_reason:
            yield PatchOutcome(name, problem)
            continue
        core = None
        if options.with_core and own.passed:
            others = ["--group", CORE, f"--ignore={KATA_CLAUSES}"]
            core = run_clauses(name, ["--framework", name, *common, *others], root)
            if problem := core.not_run_reason or core.incomplete_reason:
                yield PatchOutcome(name, f"core clauses: {problem}")
                continue
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
