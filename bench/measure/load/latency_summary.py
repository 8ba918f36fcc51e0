"""What do the rounds of one server say of its latency, and was the generator in time?"""

from collections.abc import Mapping, Sequence
from typing import Any

from hdrh.histogram import HdrHistogram

from bench.measure.load.open_loop_generator import LoadResult, create_histogram
from bench.stats.intervals import confidence_interval

MAX_LATENESS_MICROSECONDS = 1000
CURVE_PERCENTS = (0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99)
MIN_TAIL_SAMPLES = 10  # requests that must lie beyond a percentile for it to mean anything


def generator_lagged(outcome: LoadResult) -> bool:
    """Tell whether the generator itself was too late to be believed."""
    lateness = float(outcome.lateness.get_value_at_percentile(99))
    return lateness > MAX_LATENESS_MICROSECONDS


def lag_reason(outcomes: Sequence[LoadResult]) -> str:
    """Return a sentence about rounds in all of which the generator was late."""
    worst = max(compute_percentile_ms(one.lateness, 99) for one in outcomes)
    return (
        f"in each of {len(outcomes)} tries the generator itself was late (p99 up to {worst:.1f} "
        f"ms): other programs had its core"
    )


def summarize_rounds(
    rate: float, peak_rps: float | None, outcomes: Sequence[LoadResult]
) -> dict[str, Any]:
    """Return what came of one target's rounds; those in which the generator was late are left out.

    Where it was late in all, they are told all the same, without intervals.
    """
    in_time = [one for one in outcomes if not generator_lagged(one)]
    good = in_time or list(outcomes)
    latency, lateness = (
        merge_histograms([one.latency for one in good]),
        merge_histograms([one.lateness for one in good]),
    )
    answered = sum(one.answered for one in good)
    return {
        "rate": round(rate, 1),
        "peak_rps": None if peak_rps is None else round(peak_rps, 1),
        "due": sum(one.due for one in good),
        "answered": answered,
        "wrong": sum(one.wrong for one in good),
        "unanswered": sum(one.failed for one in good),
        **{
            key: compute_percentile_ms(latency, percent)
            if has_enough_samples(answered, percent)
            else None
            for key, percent in (("p50", 50), ("p90", 90), ("p99", 99), ("p999", 99.9))
        },
        "max": compute_percentile_ms(latency, 100),
        **{f"p{percent}_interval": compute_interval(in_time, percent) for percent in (50, 90)},
        "curve": [
            (percent, compute_percentile_ms(latency, percent))
            for percent in CURVE_PERCENTS
            if has_enough_samples(answered, percent)
        ],
        "lateness_p99": compute_percentile_ms(lateness, 99),
        "rejected": sum(map(generator_lagged, outcomes)),
    }


def merge_histograms(histograms: Sequence[HdrHistogram]) -> HdrHistogram:
    """Return the sum of histograms."""
    total = create_histogram()
    for one in histograms:
        total.add(one)
    return total


def has_enough_samples(requests: int, percent: float) -> bool:
    """Tell whether so many requests say anything of a percentile."""
    return requests * (100 - percent) / 100 >= MIN_TAIL_SAMPLES


def compute_percentile_ms(found: HdrHistogram, percent: float) -> float:
    """Return a percentile in milliseconds."""
    return round(float(found.get_value_at_percentile(percent)) / 1000, 3)


def compute_interval(outcomes: Sequence[LoadResult], percent: float) -> Mapping[str, float] | None:
    """Return a percentile's 99 % interval over rounds in milliseconds, None for fewer than 2."""
    answered = [one for one in outcomes if one.answered]
    if len(answered) < 2:
        return None
    values = [[max(compute_percentile_ms(one.latency, percent), 0.001)] for one in answered]
    found = confidence_interval(values)
    return {"low": round(found.low, 3), "high": round(found.high, 3)}
