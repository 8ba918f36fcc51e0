"""Who is shown to differ from whom, and who forms a tie?"""

import math
import statistics
from collections.abc import Mapping, Sequence
from itertools import combinations

from bench.stats.intervals import LEAST_RATIO, Interval, log_means, of_launches
from bench.stats.variance_shrinkage import UNKNOWN, Scatter, common

Launches = Sequence[Sequence[float]]  # nanoseconds of each cycle, launch by launch
Pairs = Mapping[str, Mapping[str, Interval]]  # name: a slower one: its times over the first's


def compared(one: Launches, other: Launches, scatter: Scatter = UNKNOWN) -> Interval:
    """Return how much longer one takes than the other, paired within each cycle."""
    return of_launches(ratios(one, other), scatter)


def ratio(one: Launches, other: Launches) -> float:
    """Return how much longer one takes than the other; a single launch is enough for it."""
    return math.exp(statistics.fmean(log_means(ratios(one, other))))


def ratios(one: Launches, other: Launches) -> list[list[float]]:
    """Return one's times as ratios to the other's, launch by launch."""
    return [
        [mine / its for mine, its in zip(*launches, strict=True)]
        for launches in zip(one, other, strict=True)
    ]


def scatter_of(times: Mapping[str, Launches]) -> Scatter:
    """Return how the launches of a page scatter, from all pairs that were timed on it."""
    launches = min((len(taken) for taken in times.values()), default=0)
    if launches < 2:
        return UNKNOWN
    variances = [
        statistics.variance(log_means(ratios(*pair))) for pair in combinations(times.values(), 2)
    ]
    return common(variances, launches, len(times))


def pairs(times: Mapping[str, Launches], scatter: Scatter = UNKNOWN) -> Pairs:
    """Return, for each name, how much longer each later one takes, both in order of speed."""
    order = by_speed(times)
    return {
        one: {other: compared(times[other], times[one], scatter) for other in order[place + 1 :]}
        for place, one in enumerate(order)
    }


def quicker_than(found: Pairs, least: float) -> dict[str, list[str]]:
    """Return, for each name, the names it is shown to be quicker than, both in order of speed."""
    least = max(least, LEAST_RATIO)
    return {
        one: [other for other, over in slower.items() if over.verdict(least) == "slower"]
        for one, slower in found.items()
    }


def by_speed(times: Mapping[str, Launches]) -> list[str]:
    """Return the names, the quickest first."""

    def mean_log(name: str) -> float:
        logs = [math.log(time) for launch in times[name] for time in launch]
        return sum(logs) / len(logs)

    return sorted(times, key=mean_log)


def ties(quicker: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Return the largest groups in which nobody is shown to differ, each in order of speed.

    A framework may stand in several: a tie is no equality. Found by inserting each difference and
    absorbing what is then part of a larger group (Piepho, Journal of Computational and Graphical
    Statistics 13, 2004: the compact letter display).
    """
    groups = [frozenset(quicker)] if quicker else []
    for one, others in quicker.items():
        for other in others:
            both = [group for group in groups if {one, other} <= group]
            parts = [group - {name} for group in both for name in (one, other)]
            groups = absorbed([group for group in groups if group not in both] + parts)
    place = {name: number for number, name in enumerate(quicker)}
    return sorted((sorted(group, key=place.__getitem__) for group in groups),
                  key=lambda group: [place[name] for name in group])  # fmt: skip


def absorbed(groups: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    """Return the groups that are no part of another, each once."""
    found = list(dict.fromkeys(groups))
    return [group for group in found if not any(group < other for other in found)]
