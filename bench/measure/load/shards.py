"""Split one load into shards that several processes send, and merge their results.

Poisson processes add up: n shards at a rate of r/n each make one load at r, if they run at the same
time. A shard that starts too late records its delay as the lateness of all its requests, so that
the round is rejected as a round with a late generator.
"""

from collections.abc import Sequence
from typing import Any

from hdrh.histogram import HdrHistogram

from bench.measure.load.open_loop_generator import MICROSECONDS, LoadResult, create_histogram

MAX_START_SKEW_SECONDS = 0.1  # within which all shards of a load have to start
HISTOGRAM_FIELDS = ("latency", "lateness")


def encode_result(result: LoadResult) -> dict[str, Any]:
    """Return a result as JSON values."""
    counts = {key: value for key, value in vars(result).items() if key not in HISTOGRAM_FIELDS}
    return counts | {key: getattr(result, key).encode().decode("ascii") for key in HISTOGRAM_FIELDS}


def decode_result(encoded: dict[str, Any]) -> LoadResult:
    """Return the result that encode_result() encoded."""
    histograms = {key: HdrHistogram.decode(encoded[key]) for key in HISTOGRAM_FIELDS}
    return LoadResult(**encoded | histograms)


def merge_shards(results: Sequence[LoadResult]) -> LoadResult:
    """Return the result of all shards together."""
    total = LoadResult(seconds=max(result.seconds for result in results))
    for result in results:
        for count in ("due", "answered", "wrong", "failed", "connections"):
            setattr(total, count, getattr(total, count) + getattr(result, count))
        for name in HISTOGRAM_FIELDS:
            getattr(total, name).add(getattr(result, name))
    return total


def apply_start_delay(result: LoadResult, seconds: float) -> LoadResult:
    """Return the result of a shard that started this many seconds later than agreed."""
    if seconds > MAX_START_SKEW_SECONDS:
        result.lateness = create_histogram()
        if result.due:
            result.lateness.record_value(round(seconds * MICROSECONDS), result.due)
    return result
