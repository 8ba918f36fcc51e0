"""Summarize a measurement: the part "cost" of results.json.

    baseline, control   names; the control is the second copy of the baseline
    launches, cycles, slice_seconds, seed       cycles: those of the shortest launch
    max_control_ratio   largest ratio of baseline and control on any page
    machine             facts about the machine (bench.core.machine) at the end of the run
    noise               the results of bench.measure.cost.noise, with a warning when baseline and
                        control differ too much
    failed              {name: why the framework is not ranked}
    pages               {page: {name: microseconds, added_microseconds, ratio, low, high, verdict}}
    noise_floors        {page: the smallest ratio that is reported as a difference}
    degrees_of_freedom  {page: those of its intervals}, see bench/stats/variance_shrinkage.py
    ties                {page: lists of names without a shown difference, the fastest first}
    faster_than         {page: {name: the names that are shown to be slower}}
    pairs               {page: {name: {slower name: ratio, low, high}}}: all pairs, with or without
                        a shown difference
    floor_ratio         the ratio of the baseline's menu to the hand-written menu, or null
    template_costs      {page: the ratio of bare to bare with pre-rendered pages, and the difference
                        in microseconds}
    versions            {name: title with version}

The control, the floor and the pre-rendered bare are in pages, but not in ties. The raw times are in
a file of their own: bench/results/raw_times.py.
"""

import statistics
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from bench.core import machine
from bench.measure.cost.budget import MAX_AA_DIFFERENCE
from bench.measure.cost.interleaved_timing import SLICE_SECONDS, Measurement
from bench.measure.workload.entries import FLOOR_PAGE
from bench.results.schema import (
    BASELINE,
    FLOOR,
    PRERENDERED,
    Cost,
    FloorRatio,
    Noise,
    PageCost,
    Ratio,
    TemplateCost,
)
from bench.stats.intervals import MIN_EFFECT
from bench.stats.pairwise import (
    LaunchTimes,
    PairIntervals,
    compare_all_pairs,
    compare_launches,
    estimate_prior,
    significantly_faster,
    tie_groups,
)
from bench.stats.variance_shrinkage import VariancePrior


def compute_cost(
    times: LaunchTimes, baseline: LaunchTimes, floor: float, prior: VariancePrior
) -> PageCost:
    """Return the cost of a framework, from its nanoseconds and the baseline's.

    A ratio up to `floor` gets the verdict "no difference shown".
    """
    interval = compare_launches(times, baseline, prior)
    added_nanoseconds = median_time(baseline) * (interval.ratio - 1)
    return PageCost(
        **interval.as_dict(),
        microseconds=round(median_time(times) / 1000, 2),
        added_microseconds=round(added_nanoseconds / 1000, 2),
        verdict=interval.classify(max(floor, MIN_EFFECT)),
    )


def median_time(launches: Iterable[Iterable[float]]) -> float:
    """Return the median over all slices of all launches, in nanoseconds."""
    return statistics.median(time for launch in launches for time in launch)


def compute_aa_differences(measurement: Measurement) -> dict[str, float]:
    """Return the ratio of baseline and control on each page, 1 or above."""
    differences = {}
    for page, times in measurement.times.items():
        interval = compare_launches(
            times[measurement.testbed.control], times[measurement.testbed.baseline]
        )
        differences[page] = max(interval.ratio, 1 / interval.ratio)
    return differences


def compute_noise_floors(differences: Mapping[str, float]) -> dict[str, float]:
    """Return each page's noise floor: its A/A difference, or the median of all pages when larger.

    On a single page, baseline and control may be close by chance.
    """
    median = statistics.median(differences.values())
    return {page: max(ratio, median) for page, ratio in differences.items()}


def select_ranked(
    times: Mapping[str, LaunchTimes], controls: Iterable[str]
) -> dict[str, LaunchTimes]:
    """Return the times without those of the controls."""
    return {name: launches for name, launches in times.items() if name not in controls}


def summarize_measurement(measurement: Measurement, noise: Noise) -> Cost:
    """Return the part "cost" for a measurement of two or more launches."""
    testbed, times = measurement.testbed, measurement.times
    differences = compute_aa_differences(measurement)
    floors = compute_noise_floors(differences)
    priors = {page: estimate_prior(by_name) for page, by_name in times.items()}
    pairs = {
        page: compare_all_pairs(select_ranked(by_name, testbed.controls), priors[page])
        for page, by_name in times.items()
    }
    faster_than = {
        page: significantly_faster(intervals, floors[page]) for page, intervals in pairs.items()
    }
    return Cost(
        baseline=testbed.baseline,
        control=testbed.control,
        launches=measurement.launches,
        cycles=find_min_cycles(measurement),
        slice_seconds=SLICE_SECONDS,
        seed=measurement.seed,
        max_control_ratio=round(max(differences.values()), 4),
        machine=machine.collect_facts(),
        noise=replace(noise, warnings=list_warnings(noise, differences)),
        failed=collect_failures(measurement),
        pages={
            page: compute_page_costs(measurement, page, floors[page], priors[page])
            for page in times
        },
        noise_floors={page: round(ratio, 4) for page, ratio in floors.items()},
        degrees_of_freedom={
            page: round(prior.degrees + measurement.launches - 1, 2)
            for page, prior in priors.items()
        },
        ties={page: tie_groups(names) for page, names in faster_than.items()},
        faster_than=faster_than,
        pairs={page: round_pairs(intervals) for page, intervals in pairs.items()},
        floor_ratio=compare_with_floor(measurement, priors),
        template_costs=compute_template_costs(measurement, priors),
        versions={
            environment.framework.name: environment.title for environment in testbed.environments
        },
    )


def round_pairs(pairs: PairIntervals) -> dict[str, dict[str, Ratio]]:
    """Return the pairs of a page as the results store them."""
    return {
        name: {other: Ratio(**interval.as_dict()) for other, interval in others.items()}
        for name, others in pairs.items()
    }


def find_min_cycles(measurement: Measurement) -> int:
    """Return the number of cycles of the launch with the fewest cycles."""
    baseline = measurement.testbed.baseline
    return min(len(launch) for times in measurement.times.values() for launch in times[baseline])


def compute_page_costs(
    measurement: Measurement, page: str, floor: float, prior: VariancePrior
) -> dict[str, PageCost]:
    """Return the costs of a page for all entries that did not fail."""
    times = measurement.times[page]
    baseline = times[measurement.testbed.baseline]
    names = [name for name in measurement.entries if name in times]
    return {name: compute_cost(times[name], baseline, floor, prior) for name in names}


def list_warnings(noise: Noise, differences: Mapping[str, float]) -> list[str]:
    """Return the warnings about the noise, and about the differences of baseline and control."""
    return [*noise.warnings, *control_warnings(differences)]


def control_warnings(differences: Mapping[str, float]) -> list[str]:
    """Return a sentence when baseline and control differ more than on a quiet machine."""
    page = max(differences, key=lambda name: differences[name])
    if differences[page] <= MAX_AA_DIFFERENCE:
        return []
    percent = (differences[page] - 1) * 100
    return [f"baseline and control differed by {percent:.1f} % on {page}"]


def collect_failures(measurement: Measurement) -> dict[str, str]:
    """Return the reasons why each failed framework is not ranked, in one line for each."""
    reasons: dict[str, list[str]] = {}
    for (name, _), reason in measurement.failed.items():
        reasons.setdefault(name, []).append(reason)
    return {name: "; ".join(lines) for name, lines in reasons.items()}


def compare_with_floor(
    measurement: Measurement, priors: Mapping[str, VariancePrior]
) -> FloorRatio | None:
    """Return the ratio of the baseline's menu to the hand-written menu; None without the floor."""
    times = measurement.times.get(FLOOR_PAGE, {})
    if FLOOR not in times:
        return None
    interval = compare_launches(
        times[measurement.testbed.baseline], times[FLOOR], priors[FLOOR_PAGE]
    )
    return FloorRatio(**interval.as_dict(), page=FLOOR_PAGE, baseline=measurement.testbed.baseline)


def compute_template_costs(
    measurement: Measurement, priors: Mapping[str, VariancePrior]
) -> dict[str, TemplateCost]:
    """Return the cost of Jinja2 in bare, for each page that pre-rendered bare serves."""
    return {
        page: TemplateCost(
            **compare_launches(times[BASELINE], times[PRERENDERED], priors[page]).as_dict(),
            microseconds=round(
                (median_time(times[BASELINE]) - median_time(times[PRERENDERED])) / 1000, 2
            ),
        )
        for page, times in measurement.times.items()
        if PRERENDERED in times and BASELINE in times
    }
