"""Time versions of one framework in one interleaved run, and repeat what seems slower.

A page whose cost differs between a version and the one before it is timed again, in a second run
with other launches. Only a difference that both runs show counts, so that a disturbance of one run
does not tell two equal versions apart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.frameworks.environments import Environment
from bench.measure.cost import call_counts, startup
from bench.measure.cost.adaptive_run import AdaptiveRun
from bench.measure.cost.budget import SamplingBudget
from bench.measure.workload.entries import Testbed
from bench.measure.workload.scenarios import OVERVIEW_PAGE_NAMES, Page, select_pages
from bench.measure.workload.testbed import fresh_testbed
from bench.results.schema import TIE, Cost, LayerCalls, Ratio, VersionStart
from bench.results.version_changes import (
    WANTED_UNCERTAINTY,
    decide_pair,
    find_pair_ratio,
    find_unmeasured_pages,
)

BUDGET = SamplingBudget(launches=8, cycles=15)
# More launches follow while the noise could hide a slowdown of 10 %.
MORE_LAUNCHES, MAX_LAUNCHES = 4, 24
SEED = 1
START_ROUNDS, START_REQUESTS = 6, 500


@dataclass(frozen=True)
class VersionTiming:
    """The costs of the versions, and the ratios of the second run by page and version."""

    cost: Cost | None
    repeated: dict[str, dict[str, Ratio]]


def time_versions(
    testbed: Testbed,
    pages: Sequence[Page],
    progress: Progress,
    budget: SamplingBudget = BUDGET,
    seed: int = SEED,
) -> VersionTiming:
    """Return the costs of the versions in the testbed's order, the baseline first."""
    names = [environment.framework.name for environment in testbed.environments]
    cost = time_until_sure(AdaptiveRun(testbed, pages, budget, seed), names, progress, "cost: ")
    if cost is None or not (differing := find_differences(cost, names)):
        return VersionTiming(cost, {})
    wanted = {name for pairs in differing.values() for pair in pairs for name in pair}
    ready = [each for each in testbed.environments if each.framework.name in wanted]
    again = replace(testbed, environments=ready, baseline=ready[0].framework.name)
    repeated_pages = [page for page in pages if page.name in differing]
    run = AdaptiveRun(again, repeated_pages, budget, seed + 1)
    names = [name for name in names if name in wanted]
    second = time_until_sure(run, names, progress, "cost, again: ")
    if second is None:
        return VersionTiming(cost, {})
    repeated = {page: dict(iter_ratios(second, page, pairs)) for page, pairs in differing.items()}
    return VersionTiming(cost, repeated)


def time_until_sure(
    run: AdaptiveRun, names: Sequence[str], progress: Progress, prefix: str
) -> Cost | None:
    """Run the budget's launches, and more of them while the noise could hide a slowdown."""
    run.run(progress, prefix)
    cost = run.summarize()
    while cost and run.measurement.launches < MAX_LAUNCHES:
        timed = [name for name in names if name not in cost.failed]
        if not any(find_unmeasured_pages(cost, timed, WANTED_UNCERTAINTY)):
            break
        run.budget = replace(run.budget, launches=run.measurement.launches + MORE_LAUNCHES)
        run.run(progress, f"{prefix}noise: ")
        cost = run.summarize()
    return cost


def find_differences(cost: Cost, names: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Return the pairs of neighbours that differ, by page."""
    found: dict[str, list[tuple[str, str]]] = {}
    for page in cost.pages:
        for before, after in pairwise(names):
            if decide_pair(cost, page, before, after) != TIE:
                found.setdefault(page, []).append((before, after))
    return found


def iter_ratios(
    cost: Cost, page: str, pairs: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, Ratio]]:
    """Yield the later version and the ratio of each pair that differs in this run, too.

    version_changes.py ignores a ratio of the other direction.
    """
    for before, after in pairs:
        ratio = find_pair_ratio(cost, page, before, after)
        if ratio and decide_pair(cost, page, before, after) != TIE:
            yield after, ratio


@dataclass(frozen=True)
class CostFindings:
    """The times, the starts and the calls of the versions."""

    timing: VersionTiming
    starts: dict[str, VersionStart]
    calls: dict[str, dict[str, LayerCalls]]


def measure_cost(ready: Sequence[Environment], paths: Paths, progress: Progress) -> CostFindings:
    """Return the times of the pages, the starts, the memory and the calls of the versions."""
    pages = select_pages(OVERVIEW_PAGE_NAMES)
    with fresh_testbed(ready, paths, ready[0].framework.name) as testbed:
        timing = time_versions(testbed, pages, progress)
        failed = timing.cost.failed if timing.cost else {}
        timed = [each for each in ready if each.framework.name not in failed]
        working = replace(testbed, environments=timed)
        starts = startup.measure_rounds(working, START_ROUNDS, START_REQUESTS, progress)
        calls = call_counts.count_calls(working, progress, pages).calls_by_layer
    return CostFindings(timing, starts, calls or {})
