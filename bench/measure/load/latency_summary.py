"""Summarize the latency of one server over its rounds, and detect a late generator."""

from collections.abc import Sequence

from hdrh.histogram import HdrHistogram

from bench.measure.load.open_loop_generator import LoadResult, create_histogram
from bench.results.schema import Bounds, Latency
from bench.stats.intervals import confidence_interval

MAX_LATENESS_MICROSECONDS = 1000
CURVE_PERCENTS = (0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99)
MIN_TAIL_SAMPLES = 10  # requests beyond a percentile, without which the percentile means nothing


def generator_lagged(result: LoadResult) -> bool:
    """Return whether the generator itself was too late for the latencies to be valid."""
    lateness = float(result.lateness.get_value_at_percentile(99))
    return lateness > MAX_LATENESS_MICROSECONDS


def lag_reason(results: Sequence[LoadResult]) -> str:
    """Return a sentence about rounds in all of which the generator was late."""
    worst = max(compute_percentile_ms(result.lateness, 99) for result in results)
    return (
        f"the generator itself was late in each of {len(results)} tries (p99 up to {worst:.1f} "
        f"ms): other programs used its core"
    )


def summarize_rounds(rate: float, peak_rps: float | None, results: Sequence[LoadResult]) -> Latency:
    """Return the summary of one target's rounds, without the rounds with a late generator.

    If the generator was late in every round, all rounds are reported, without intervals.
    """
    in_time = [result for result in results if not generator_lagged(result)]
    valid = in_time or list(results)
    latency, lateness = (
        merge_histograms([result.latency for result in valid]),
        merge_histograms([result.lateness for result in valid]),
    )
    answered = sum(result.answered for result in valid)
    percentiles = {
        percent: compute_percentile_ms(latency, percent)
        for percent in CURVE_PERCENTS
        if has_enough_samples(answered, percent)
    }
    return Latency(
        rate_rps=round(rate, 1),
        peak_rps=None if peak_rps is None else round(peak_rps, 1),
        scheduled=sum(result.due for result in valid),
        answered=answered,
        wrong=sum(result.wrong for result in valid),
        unanswered=sum(result.failed for result in valid),
        p50_ms=percentiles.get(50),
        p90_ms=percentiles.get(90),
        p99_ms=percentiles.get(99),
        p999_ms=percentiles.get(99.9),
        max_ms=compute_percentile_ms(latency, 100),
        p50_interval_ms=compute_interval(in_time, 50),
        p90_interval_ms=compute_interval(in_time, 90),
        percentiles_ms=list(percentiles.items()),
        lateness_p99_ms=compute_percentile_ms(lateness, 99),
        discarded_tries=sum(map(generator_lagged, results)),
    )


def merge_histograms(histograms: Sequence[HdrHistogram]) -> HdrHistogram:
    """Return the sum of the histograms."""
    total = create_histogram()
    for histogram in histograms:
        total.add(histogram)
    return total


def has_enough_samples(requests: int, percent: float) -> bool:
    """Return whether this number of requests is enough for a percentile."""
    return requests * (100 - percent) / 100 >= MIN_TAIL_SAMPLES


def compute_percentile_ms(histogram: HdrHistogram, percent: float) -> float:
    """Return a percentile of a histogram in milliseconds."""
    return round(float(histogram.get_value_at_percentile(percent)) / 1000, 3)


def compute_interval(results: Sequence[LoadResult], percent: float) -> Bounds | None:
    """Return a percentile's 99 % interval over rounds in milliseconds, None below two rounds."""
    answered = [result for result in results if result.answered]
    if len(answered) < 2:
        return None
    values = [[max(compute_percentile_ms(result.latency, percent), 0.001)] for result in answered]
    interval = confidence_interval(values)
    return Bounds(round(interval.low, 3), round(interval.high, 3))
