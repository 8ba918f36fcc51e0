"""How does one load come from several processes? Each sends its share, and histograms are added.

Poisson processes add up: n shards at a rate of r/n each are one load at r, if they run at once. A
shard that began too late counts its delay as the lateness of all it sent, so that the round is
rejected as one whose generator was late.
"""

from collections.abc import Sequence
from typing import Any

from hdrh.histogram import HdrHistogram

from bench.measure.load.open_loop_generator import MICROSECONDS, LoadResult, create_histogram

MAX_START_SKEW_SECONDS = 0.1  # within which all shards of a load have to begin
HISTOGRAM_FIELDS = ("latency", "lateness")


def encode_result(outcome: LoadResult) -> dict[str, Any]:
    """Return what came of a load, fit for JSON."""
    counts = {key: value for key, value in vars(outcome).items() if key not in HISTOGRAM_FIELDS}
    return counts | {
        key: getattr(outcome, key).encode().decode("ascii") for key in HISTOGRAM_FIELDS
    }


def decode_result(told: dict[str, Any]) -> LoadResult:
    """Return the outcome again."""
    return LoadResult(**told | {key: HdrHistogram.decode(told[key]) for key in HISTOGRAM_FIELDS})


def merge_shards(outcomes: Sequence[LoadResult]) -> LoadResult:
    """Return what came of all shards together."""
    total = LoadResult(seconds=max(one.seconds for one in outcomes))
    for one in outcomes:
        for count in ("due", "answered", "wrong", "failed", "connections"):
            setattr(total, count, getattr(total, count) + getattr(one, count))
        for name in HISTOGRAM_FIELDS:
            getattr(total, name).add(getattr(one, name))
    return total


def apply_start_delay(outcome: LoadResult, seconds: float) -> LoadResult:
    """Return the outcome of a shard that began so much later than agreed."""
    if seconds > MAX_START_SKEW_SECONDS:
        outcome.lateness = create_histogram()
        if outcome.due:
            outcome.lateness.record_value(round(seconds * MICROSECONDS), outcome.due)
    return outcome
