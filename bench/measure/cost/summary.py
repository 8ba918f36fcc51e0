"""What does a measurement say? The part "cost" of results.json.

    baseline, twin      names; the twin is the baseline, entered a second time
    launches, cycles, slice_seconds, seed       cycles are those of the shortest launch
    noise_floor         how far the twins were apart on the worst page, as a ratio
    machine             bench.core.machine.facts() at the end of the run
    noise               bench.measure.cost.noise.Watch.seen(), with the twins in "noisy" where
                        they say so
    failed              name: why it is not ranked
    pages               page: name: microseconds, added_microseconds, ratio, low, high, verdict
    floors              page: the ratio under which nothing is claimed
                        there
    degrees             page: degrees of freedom of its intervals
    (bench/stats/variance_shrinkage.py)
    ties                page: lists of names that are not shown to differ, the quickest first
    quicker_than        page: name: the names it is shown to be quicker than
    pairs               page: name: slower name: ratio, low, high; all pairs, shown to differ or not
    floor               the baseline's menu as a ratio to one written by hand, or null
    template            page: bare as a ratio to itself without Jinja2, and its microseconds more
    versions            name: title with version

The twin, the floor and bare without Jinja2 stand in pages, but not in ties. Raw blocks:
bench/results/raw_times.py.
"""

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bench.core import machine
from bench.measure.cost.budget import MAX_AA_DIFFERENCE
from bench.measure.cost.interleaved_timing import SLICE_SECONDS, Measurement
from bench.measure.workload.entries import FLOOR_PAGE
from bench.results.schema import BASELINE, FLOOR, PRERENDERED
from bench.stats.intervals import MIN_EFFECT, Interval
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


@dataclass(frozen=True)
class PageCost:
    """What one framework takes for one page, as against the baseline."""

    microseconds: float
    added_microseconds: float
    interval: Interval

    def as_dict(self, floor: float) -> dict[str, Any]:
        """Return it as results.json has it; floor is the ratio under which nothing is claimed."""
        return {
            "microseconds": round(self.microseconds, 2),
            "added_microseconds": round(self.added_microseconds, 2),
            **self.interval.as_dict(),
            "verdict": self.interval.classify(max(floor, MIN_EFFECT)),
        }


def compute_cost(taken: LaunchTimes, baseline: LaunchTimes, scatter: VariancePrior) -> PageCost:
    """Return the cost for nanoseconds by launch and cycle, as against the baseline's."""
    interval = compare_launches(taken, baseline, scatter)
    added = median_time(baseline) * (interval.ratio - 1)
    return PageCost(median_time(taken) / 1000, added / 1000, interval)


def median_time(launches: Iterable[Iterable[float]]) -> float:
    """Return the median over all slices of all launches."""
    return statistics.median(time for launch in launches for time in launch)


def compute_aa_differences(measurement: Measurement) -> dict[str, float]:
    """Return how far the twins are apart on each page, as a ratio from 1 up."""
    apart = {}
    for page, times in measurement.times.items():
        interval = compare_launches(
            times[measurement.testbed.control], times[measurement.testbed.baseline]
        )
        apart[page] = max(interval.ratio, 1 / interval.ratio)
    return apart


def compute_noise_floors(apart: Mapping[str, float]) -> dict[str, float]:
    """Return the noise floor of each page: its own twins', but never under the middle page's.

    One page's twins may be close by luck.
    """
    middle = statistics.median(apart.values())
    return {page: max(ratio, middle) for page, ratio in apart.items()}


def select_ranked(
    times: Mapping[str, LaunchTimes], beside: Iterable[str]
) -> dict[str, LaunchTimes]:
    """Return the times of the frameworks alone."""
    return {name: taken for name, taken in times.items() if name not in beside}


def summarize_measurement(measurement: Measurement, noise: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything about a measurement of two or more launches, as results.json has it."""
    ground, times = measurement.testbed, measurement.times
    apart = compute_aa_differences(measurement)
    least = compute_noise_floors(apart)
    scatters = {page: estimate_prior(taken) for page, taken in times.items()}
    found = {
        page: compare_all_pairs(select_ranked(taken, ground.controls), scatters[page])
        for page, taken in times.items()
    }
    quicker = {page: significantly_faster(one, least[page]) for page, one in found.items()}
    return {
        "baseline": ground.baseline,
        "twin": ground.control,
        "launches": measurement.launches,
        "cycles": find_min_cycles(measurement),
        "slice_seconds": SLICE_SECONDS,
        "seed": measurement.seed,
        "noise_floor": round(max(apart.values()), 4),
        "machine": machine.collect_facts(),
        "noise": {**noise, "noisy": [*noise["noisy"], *control_warnings(apart)]},
        "failed": collect_failures(measurement),
        "pages": {
            page: compute_page_costs(measurement, page, least[page], scatters[page])
            for page in times
        },
        "floors": {page: round(ratio, 4) for page, ratio in least.items()},
        "degrees": {
            page: round(one.degrees + measurement.launches - 1, 2) for page, one in scatters.items()
        },
        "ties": {page: tie_groups(one) for page, one in quicker.items()},
        "quicker_than": quicker,
        "pairs": {page: pairs_as_dicts(one) for page, one in found.items()},
        "floor": compare_with_floor(measurement, scatters),
        "template": compute_template_costs(measurement, scatters),
        "versions": {one.framework.name: one.title for one in ground.environments},
    }


def pairs_as_dicts(found: PairIntervals) -> dict[str, dict[str, dict[str, float]]]:
    """Return the pairs of a page as results.json has them."""
    return {
        one: {other: over.as_dict() for other, over in slower.items()}
        for one, slower in found.items()
    }


def find_min_cycles(measurement: Measurement) -> int:
    """Return the cycles of the launch that had the fewest."""
    baseline = measurement.testbed.baseline
    return min(len(launch) for times in measurement.times.values() for launch in times[baseline])


def compute_page_costs(
    measurement: Measurement, page: str, floor: float, scatter: VariancePrior
) -> dict[str, Any]:
    """Return the costs of a page under everybody who did not fail."""
    times = measurement.times[page]
    baseline = times[measurement.testbed.baseline]
    names = [name for name in measurement.entries if name in times]
    return {name: compute_cost(times[name], baseline, scatter).as_dict(floor) for name in names}


def control_warnings(apart: Mapping[str, float]) -> list[str]:
    """Return a sentence where the twins were further apart than a quiet machine's are."""
    page = max(apart, key=lambda name: apart[name])
    if apart[page] <= MAX_AA_DIFFERENCE:
        return []
    return [f"the twins were {(apart[page] - 1) * 100:.1f} % apart on {page}"]


def collect_failures(measurement: Measurement) -> dict[str, str]:
    """Return why each framework that failed is not ranked, in one line each."""
    reasons: dict[str, list[str]] = {}
    for (name, _), reason in measurement.failed.items():
        reasons.setdefault(name, []).append(reason)
    return {name: "; ".join(found) for name, found in reasons.items()}


def compare_with_floor(
    measurement: Measurement, scatters: Mapping[str, VariancePrior]
) -> dict[str, Any] | None:
    """Return the baseline's menu as a ratio to the one written by hand, None without either."""
    times = measurement.times.get(FLOOR_PAGE, {})
    if FLOOR not in times:
        return None
    interval = compare_launches(
        times[measurement.testbed.baseline], times[FLOOR], scatters[FLOOR_PAGE]
    )
    return {"page": FLOOR_PAGE, "of": measurement.testbed.baseline, **interval.as_dict()}


def compute_template_costs(
    measurement: Measurement, scatters: Mapping[str, VariancePrior]
) -> dict[str, dict[str, float]]:
    """Return what Jinja2 takes of bare's pages, for those that it answers without, too."""
    return {
        page: {
            "microseconds": round(
                (median_time(times[BASELINE]) - median_time(times[PRERENDERED])) / 1000, 2
            ),
            **compare_launches(times[BASELINE], times[PRERENDERED], scatters[page]).as_dict(),
        }
        for page, times in measurement.times.items()
        if PRERENDERED in times and BASELINE in times
    }
