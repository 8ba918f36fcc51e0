"""Who is shown to differ from whom, and who forms a tie?"""

import math
import statistics
from collections.abc import Mapping, Sequence
from itertools import combinations

from bench.stats.intervals import MIN_EFFECT, Interval, confidence_interval, log_means
from bench.stats.variance_shrinkage import NO_PRIOR, VariancePrior, fit_prior

LaunchTimes = Sequence[Sequence[float]]  # nanoseconds of each cycle, launch by launch
PairIntervals = Mapping[
    str, Mapping[str, Interval]
]  # name: a slower one: its times over the first's


def compare_launches(
    one: LaunchTimes, other: LaunchTimes, prior: VariancePrior = NO_PRIOR
) -> Interval:
    """Return how much longer one takes than the other, paired within each cycle."""
    return confidence_interval(paired_ratios(one, other), prior)


def mean_ratio(one: LaunchTimes, other: LaunchTimes) -> float:
    """Return how much longer one takes than the other; a single launch is enough for it."""
    return math.exp(statistics.fmean(log_means(paired_ratios(one, other))))


def paired_ratios(one: LaunchTimes, other: LaunchTimes) -> list[list[float]]:
    """Return one's times as ratios to the other's, launch by launch."""
    return [
        [mine / its for mine, its in zip(*launches, strict=True)]
        for launches in zip(one, other, strict=True)
    ]


def estimate_prior(times: Mapping[str, LaunchTimes]) -> VariancePrior:
    """Return how the launches of a page scatter, from all pairs that were timed on it."""
    launches = min((len(taken) for taken in times.values()), default=0)
    if launches < 2:
        return NO_PRIOR
    variances = [
        statistics.variance(log_means(paired_ratios(*pair)))
        for pair in combinations(times.values(), 2)
    ]
    return fit_prior(variances, launches, len(times))


def compare_all_pairs(
    times: Mapping[str, LaunchTimes], prior: VariancePrior = NO_PRIOR
) -> PairIntervals:
    """Return, for each name, how much longer each later one takes, both in order of speed."""
    order = sort_by_speed(times)
    return {
        one: {
            other: compare_launches(times[other], times[one], prior) for other in order[place + 1 :]
        }
        for place, one in enumerate(order)
    }


def significantly_faster(intervals: PairIntervals, min_ratio: float) -> dict[str, list[str]]:
    """Return, for each name, the names it is shown to be quicker than, both in order of speed."""
    min_ratio = max(min_ratio, MIN_EFFECT)
    return {
        one: [other for other, over in slower.items() if over.classify(min_ratio) == "slower"]
        for one, slower in intervals.items()
    }


def sort_by_speed(times: Mapping[str, LaunchTimes]) -> list[str]:
    """Return the names, the quickest first."""

    def mean_log(name: str) -> float:
        logs = [math.log(time) for launch in times[name] for time in launch]
        return sum(logs) / len(logs)

    return sorted(times, key=mean_log)


def tie_groups(faster_than: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Return the largest groups in which nobody is shown to differ, each in order of speed.

    A framework may stand in several: a tie is no equality. Found by inserting each difference and
    absorbing what is then part of a larger group (Piepho, Journal of Computational and Graphical
    Statistics 13, 2004: the compact letter display).
    """
    groups = [frozenset(faster_than)] if faster_than else []
    for one, others in faster_than.items():
        for other in others:
            both = [group for group in groups if {one, other} <= group]
            parts = [group - {name} for group in both for name in (one, other)]
            groups = drop_subsets([group for group in groups if group not in both] + parts)
    place = {name: number for number, name in enumerate(faster_than)}
    return sorted((sorted(group, key=place.__getitem__) for group in groups),
                  key=lambda group: [place[name] for name in group])  # fmt: skip


def drop_subsets(groups: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    """Return the groups that are no part of another, each once."""
    found = list(dict.fromkeys(groups))
    return [group for group in found if not any(group < other for other in found)]
