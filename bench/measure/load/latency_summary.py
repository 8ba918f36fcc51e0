"""What do the rounds of one server say of its latency, and was the generator in time?"""

from collections.abc import Mapping, Sequence
from typing import Any

from hdrh.histogram import HdrHistogram

from bench.measure.load.open_loop_generator import Outcome, histogram
from bench.stats.intervals import of_launches

MOST_LATENESS_MICROSECONDS = 1000
CURVE_PERCENTS = (0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99)
BEYOND = 10  # requests that must lie beyond a percentile for it to mean anything


def late(outcome: Outcome) -> bool:
    """Tell whether the generator itself was too late to be believed."""
    lateness = float(outcome.lateness.get_value_at_percentile(99))
    return lateness > MOST_LATENESS_MICROSECONDS


def busy(outcomes: Sequence[Outcome]) -> str:
    """Return a sentence about rounds in all of which the generator was late."""
    worst = max(milliseconds(one.lateness, 99) for one in outcomes)
    return (
        f"in each of {len(outcomes)} tries the generator itself was late (p99 up to {worst:.1f} "
        f"ms): other programs had its core"
    )


def row(rate: float, peak_rps: float | None, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return what came of one target's rounds; those in which the generator was late are left out.

    Where it was late in all, they are told all the same, without intervals.
    """
    in_time = [one for one in outcomes if not late(one)]
    good = in_time or list(outcomes)
    latency, lateness = added([one.latency for one in good]), added([one.lateness for one in good])
    answered = sum(one.answered for one in good)
    return {
        "rate": round(rate, 1),
        "peak_rps": None if peak_rps is None else round(peak_rps, 1),
        "due": sum(one.due for one in good),
        "answered": answered,
        "wrong": sum(one.wrong for one in good),
        "unanswered": sum(one.failed for one in good),
        **{
            key: milliseconds(latency, percent) if enough(answered, percent) else None
            for key, percent in (("p50", 50), ("p90", 90), ("p99", 99), ("p999", 99.9))
        },
        "max": milliseconds(latency, 100),
        **{f"p{percent}_interval": interval(in_time, percent) for percent in (50, 90)},
        "curve": [
            (percent, milliseconds(latency, percent))
            for percent in CURVE_PERCENTS
            if enough(answered, percent)
        ],
        "lateness_p99": milliseconds(lateness, 99),
        "rejected": sum(map(late, outcomes)),
    }


def added(histograms: Sequence[HdrHistogram]) -> HdrHistogram:
    """Return the sum of histograms."""
    total = histogram()
    for one in histograms:
        total.add(one)
    return total


def enough(requests: int, percent: float) -> bool:
    """Tell whether so many requests say anything of a percentile."""
    return requests * (100 - percent) / 100 >= BEYOND


def milliseconds(found: HdrHistogram, percent: float) -> float:
    """Return a percentile in milliseconds."""
    return round(float(found.get_value_at_percentile(percent)) / 1000, 3)


def interval(outcomes: Sequence[Outcome], percent: float) -> Mapping[str, float] | None:
    """Return a percentile's 99 % interval over rounds in milliseconds, None for fewer than 2."""
    answered = [one for one in outcomes if one.answered]
    if len(answered) < 2:
        return None
    values = [[max(milliseconds(one.latency, percent), 0.001)] for one in answered]
    found = of_launches(values)
    return {"low": round(found.low, 3), "high": round(found.high, 3)}
