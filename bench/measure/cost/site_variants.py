"""Compare each framework's site with a variant of the site, in one interleaved run.

Each framework enters twice: the site under the framework's name, and the variant under the name
with a suffix. The results have what the site adds to the variant.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from bench.core.errors import CookoffError
from bench.core.hints import print_error
from bench.core.progress import Progress
from bench.core.words import format_count
from bench.frameworks.environments import Environment
from bench.measure.cost.adaptive_run import AdaptiveRun
from bench.measure.cost.budget import SamplingBudget
from bench.measure.cost.call_counts import count_entry_calls
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
from bench.results.schema import NOT_DECIDED, AddedCost, Noise, PairedRun, Results
from bench.stats.intervals import Interval
from bench.stats.pairwise import LaunchTimes, compare_launches, estimate_prior
from bench.stats.variance_shrinkage import VariancePrior

CallsByPage = Mapping[str, Mapping[str, int]]  # page, entry: calls in the application
Summarize = Callable[[Measurement, Noise, CallsByPage], Results]


class Comparison(NamedTuple):
    """What a site adds to its variant, and the time and the calls of the variant."""

    added: AddedCost
    variant_microseconds: float
    variant_calls: int | None


def measure_variants(
    testbed: Testbed,
    progress: Progress,
    pages: Sequence[Page],
    budget: SamplingBudget,
    seed: int,
    summarize: Summarize,
) -> Results:
    """Return what `summarize` makes of the times and the calls of the testbed's variants.

    An interrupted run writes the finished launches to results.json, without calls.
    """
    run = AdaptiveRun(testbed, pages, budget, seed)
    try:
        run.run(progress)
    except BaseException:
        launches = run.measurement.launches
        state = "too few launches for a result"
        if launches > 1:
            part = summarize(run.measurement, run.noise, {})
            merge.write_parts(part, testbed.environments, testbed.paths)
            state = f"stored: {format_count(launches, 'launch', 'launches')}"
        progress.print_note(f"cookoff: timing interrupted; {state}")
        raise
    progress.start_step("calls of the sites and of their variants")
    return summarize(run.measurement, run.noise, count_calls(testbed, pages))


def count_calls(testbed: Testbed, pages: Sequence[Page]) -> CallsByPage:
    """Return the calls of each site and variant on each page; print the error of each failure."""
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


def describe_run(measurement: Measurement, noise: Noise) -> PairedRun:
    """Return the settings and the noise of a measurement of two or more launches."""
    differences = compute_aa_differences(measurement)
    floors = compute_noise_floors(differences)
    return PairedRun(
        baseline=measurement.testbed.baseline,
        launches=measurement.launches,
        cycles=find_min_cycles(measurement),
        seed=measurement.seed,
        max_control_ratio=round(max(differences.values()), 4),
        noise_floors={page: round(ratio, 4) for page, ratio in floors.items()},
        warnings=list_warnings(noise, differences),
        failed=collect_failures(measurement),
    )


def compare_variants(
    measurement: Measurement, suffix: str, calls: CallsByPage
) -> dict[str, dict[str, Comparison]]:
    """Return what each site adds to the variant with this suffix, by page and framework."""
    floors = compute_noise_floors(compute_aa_differences(measurement))
    pages: dict[str, dict[str, Comparison]] = {}
    for page, times in measurement.times.items():
        prior, page_calls = estimate_prior(times), calls.get(page, {})
        pages[page] = {}
        for environment in measurement.testbed.environments:
            name = environment.framework.name
            if {name, name + suffix} <= set(times):
                compared = compare_sites(times[name], times[name + suffix], floors[page], prior)
                pages[page][name] = add_calls(compared, name, suffix, page_calls)
    return pages


def compare_sites(
    site: LaunchTimes, variant: LaunchTimes, floor: float, prior: VariancePrior
) -> Comparison:
    """Return the time that a site adds, from the nanoseconds of both, without calls."""
    interval = compare_launches(site, variant, prior)
    microseconds = median_time(variant) / 1000
    low, added, high = (
        round(microseconds * (ratio - 1), 2)
        for ratio in (interval.low, interval.ratio, interval.high)
    )
    cost = AddedCost(
        **interval.as_dict(),
        added_microseconds=added,
        added_low=low,
        added_high=high,
        verdict=decide(interval, floor),
        added_calls=None,
    )
    return Comparison(cost, round(microseconds, 2), None)


def decide(interval: Interval, floor: float) -> str:
    """Return "slower" or "faster" for a site beside its variant, or NOT_DECIDED.

    Two copies of one site differ by the page's noise floor, a ratio of 1 or more. So the interval
    is widened by the noise floor at both ends, and decides only when it still excludes 1.
    """
    if interval.low / floor > 1:
        return "slower"
    if interval.high * floor < 1:
        return "faster"
    return NOT_DECIDED


def add_calls(compared: Comparison, name: str, suffix: str, calls: Mapping[str, int]) -> Comparison:
    """Return the comparison with the calls of both sites, when both were counted."""
    if not {name, name + suffix} <= set(calls):
        return compared
    compared.added.added_calls = calls[name] - calls[name + suffix]
    return compared._replace(variant_calls=calls[name + suffix])
