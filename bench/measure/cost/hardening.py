"""Measure the time and the calls that hardening adds to the site as taught.

Each framework enters twice in one interleaved run: hardened, under its name, and as taught. The
part "hardening" has the settings of the run and

    pages   {page: {name: {
        "taught_microseconds"       median time of a request, as taught
        "added_microseconds"        by hardening, with "added_low" and "added_high", the bounds of
                                    the 99 % confidence interval
        "ratio", "low", "high"      of the hardened site to the site as taught
        "verdict"                   "slower", "faster" or "not decided"
        "taught_calls"              calls of functions in the application, as taught
        "added_calls"}}}            by hardening; both null when the calls were not counted
"""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from bench.core.errors import CookoffError
from bench.core.hints import print_error
from bench.core.progress import Progress
from bench.core.words import format_count
from bench.frameworks.environments import Environment
from bench.measure.cost.adaptive_run import AdaptiveRun
from bench.measure.cost.budget import SamplingBudget
from bench.measure.cost.call_counts import count_entry_calls, sort_by_name
from bench.measure.cost.interleaved_timing import Measurement
from bench.measure.cost.summary import (
    collect_failures,
    compute_aa_differences,
    compute_noise_floors,
    find_min_cycles,
    list_warnings,
    median_time,
)
from bench.measure.workload.entries import Testbed
from bench.measure.workload.scenarios import Page
from bench.results import merge
from bench.results.schema import (
    NOT_DECIDED,
    TAUGHT_SUFFIX,
    Hardening,
    HardeningCost,
    Noise,
    Results,
)
from bench.stats.intervals import Interval
from bench.stats.pairwise import LaunchTimes, compare_launches, estimate_prior
from bench.stats.variance_shrinkage import VariancePrior

CallsByPage = Mapping[str, Mapping[str, int]]  # page, entry: calls in the application


def measure_hardening(
    testbed: Testbed, progress: Progress, pages: Sequence[Page], budget: SamplingBudget, seed: int
) -> Results:
    """Return the part "hardening" for every framework and page.

    An interrupted run writes the finished launches to results.json, without calls.
    """
    testbed = replace(testbed, with_taught_sites=True)
    run = AdaptiveRun(testbed, pages, budget, seed)
    try:
        run.run(progress)
    except BaseException:
        launches = run.measurement.launches
        state = "too few launches for a result"
        if launches > 1:
            part = summarize_hardening(run.measurement, run.noise, {})
            merge.write_parts(Results(hardening=part), testbed.environments, testbed.paths)
            state = f"stored: {format_count(launches, 'launch', 'launches')}"
        progress.print_note(f"cookoff: timing interrupted; {state}")
        raise
    progress.start_step("calls, hardened and as taught")
    calls = count_calls(testbed, pages)
    return Results(hardening=summarize_hardening(run.measurement, run.noise, calls))


def count_calls(testbed: Testbed, pages: Sequence[Page]) -> CallsByPage:
    """Return the calls of each entry on each page; print the error of each entry that fails."""
    calls: dict[str, dict[str, int]] = {page.name: {} for page in pages}

    def count_framework(environment: Environment) -> None:
        for entry in testbed.build_site_entries(environment):
            try:
                counts = count_entry_calls(testbed, environment, entry, pages)
            except CookoffError as error:
                print_error(error)
                continue
            for page, count in counts.items():
                calls[page][entry.name] = count.python + count.builtin

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(count_framework, testbed.environments))
    return calls


def summarize_hardening(measurement: Measurement, noise: Noise, calls: CallsByPage) -> Hardening:
    """Return the part "hardening" for a measurement of two or more launches."""
    testbed = measurement.testbed
    differences = compute_aa_differences(measurement)
    floors = compute_noise_floors(differences)
    pages: dict[str, dict[str, HardeningCost]] = {}
    for page, times in measurement.times.items():
        prior, page_calls = estimate_prior(times), calls.get(page, {})
        pages[page] = {}
        for environment in testbed.environments:
            name = environment.framework.name
            if {name, name + TAUGHT_SUFFIX} <= set(times):
                cost = compare_sites(times[name], times[name + TAUGHT_SUFFIX], floors[page], prior)
                pages[page][name] = add_calls(cost, name, page_calls)
    return Hardening(
        baseline=testbed.baseline,
        launches=measurement.launches,
        cycles=find_min_cycles(measurement),
        seed=measurement.seed,
        max_control_ratio=round(max(differences.values()), 4),
        noise_floors={page: round(ratio, 4) for page, ratio in floors.items()},
        warnings=list_warnings(noise, differences),
        failed=collect_failures(measurement),
        pages=sort_by_name(pages),
    )


def compare_sites(
    hardened: LaunchTimes, taught: LaunchTimes, floor: float, prior: VariancePrior
) -> HardeningCost:
    """Return the time that hardening adds, from the nanoseconds of both sites, without calls."""
    interval = compare_launches(hardened, taught, prior)
    taught_microseconds = median_time(taught) / 1000
    low, added, high = (
        round(taught_microseconds * (ratio - 1), 2)
        for ratio in (interval.low, interval.ratio, interval.high)
    )
    return HardeningCost(
        **interval.as_dict(),
        taught_microseconds=round(taught_microseconds, 2),
        added_microseconds=added,
        added_low=low,
        added_high=high,
        verdict=decide(interval, floor),
        taught_calls=None,
        added_calls=None,
    )


def decide(interval: Interval, floor: float) -> str:
    """Return "slower" or "faster" for a hardened site, or NOT_DECIDED.

    Two copies of one site differ by the page's noise floor, a ratio of 1 or more. So the interval
    is widened by the noise floor at both ends, and decides only when it still excludes 1.
    """
    if interval.low / floor > 1:
        return "slower"
    if interval.high * floor < 1:
        return "faster"
    return NOT_DECIDED


def add_calls(cost: HardeningCost, name: str, calls: Mapping[str, int]) -> HardeningCost:
    """Return the cost with the calls of a framework, when both of its sites were counted."""
    if {name, name + TAUGHT_SUFFIX} <= set(calls):
        cost.taught_calls = calls[name + TAUGHT_SUFFIX]
        cost.added_calls = calls[name] - cost.taught_calls
    return cost
