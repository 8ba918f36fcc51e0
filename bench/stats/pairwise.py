"""Decide which entries of a page differ, and which form a tie."""

import math
import statistics
from collections.abc import Mapping, Sequence
from itertools import combinations

from bench.stats.intervals import MIN_EFFECT, Interval, confidence_interval, log_means
from bench.stats.variance_shrinkage import NO_PRIOR, VariancePrior, fit_prior

LaunchTimes = Sequence[Sequence[float]]  # nanoseconds of each cycle, launch by launch
# By name, then by the name of a slower entry: the slower entry's times over the first one's.
PairIntervals = Mapping[str, Mapping[str, Interval]]


def compare_launches(
    times: LaunchTimes, reference: LaunchTimes, prior: VariancePrior = NO_PRIOR
) -> Interval:
    """Return the ratio of times to those of a reference, paired within each cycle."""
    return confidence_interval(paired_ratios(times, reference), prior)


def mean_ratio(times: LaunchTimes, reference: LaunchTimes) -> float:
    """Return the ratio of times to those of a reference; a single launch is enough."""
    return math.exp(statistics.fmean(log_means(paired_ratios(times, reference))))


def paired_ratios(times: LaunchTimes, reference: LaunchTimes) -> list[list[float]]:
    """Return the ratio of each cycle's two times, launch by launch."""
    return [
        [time / reference_time for time, reference_time in zip(*launches, strict=True)]
        for launches in zip(times, reference, strict=True)
    ]


def estimate_prior(times: Mapping[str, LaunchTimes]) -> VariancePrior:
    """Return the common variance between launches, from all pairs timed on a page."""
    launches = min((len(entry_times) for entry_times in times.values()), default=0)
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
    """Return for each name the ratio of each slower entry to it, both in order of speed."""
    names = sort_by_speed(times)
    return {
        name: {
            slower: compare_launches(times[slower], times[name], prior)
            for slower in names[position + 1 :]
        }
        for position, name in enumerate(names)
    }


def significantly_faster(intervals: PairIntervals, min_ratio: float) -> dict[str, list[str]]:
    """Return for each name the entries that it is shown to be faster than, in order of speed."""
    min_ratio = max(min_ratio, MIN_EFFECT)
    return {
        name: [slower for slower, over in ratios.items() if over.classify(min_ratio) == "slower"]
        for name, ratios in intervals.items()
    }


def sort_by_speed(times: Mapping[str, LaunchTimes]) -> list[str]:
    """Return the names, the fastest first."""

    def mean_log(name: str) -> float:
        logs = [math.log(time) for launch in times[name] for time in launch]
        return sum(logs) / len(logs)

    return sorted(times, key=mean_log)


def tie_groups(faster_than: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Return the largest groups without a difference shown inside, each in order of speed.

    An entry may belong to several groups: a tie is not an equality. The method inserts each
    difference and drops each group that is then part of a larger one (Piepho, Journal of
    Computational and Graphical Statistics 13, 2004: the compact letter display).
    """
    groups = [frozenset(faster_than)] if faster_than else []
    for faster, others in faster_than.items():
        for slower in others:
            split = [group for group in groups if {faster, slower} <= group]
            parts = [group - {name} for group in split for name in (faster, slower)]
            groups = drop_subsets([group for group in groups if group not in split] + parts)
    position = {name: number for number, name in enumerate(faster_than)}
    return sorted((sorted(group, key=position.__getitem__) for group in groups),
                  key=lambda group: [position[name] for name in group])  # fmt: skip


def drop_subsets(groups: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    """Return each group that is not part of another, without duplicates."""
    unique = list(dict.fromkeys(groups))
    return [group for group in unique if not any(group < other for other in unique)]
