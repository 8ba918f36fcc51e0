"""How does one load come from several processes? Each sends its share, and histograms are added.

Poisson processes add up: n shards at a rate of r/n each are one load at r, if they run at once. A
shard that began too late counts its delay as the lateness of all it sent, so that the round is
rejected as one whose generator was late.
"""

from collections.abc import Sequence
from typing import Any

from hdrh.histogram import HdrHistogram

from bench.measure.load.open_loop_generator import MICROSECONDS, Outcome, histogram

TOGETHER_SECONDS = 0.1  # within which all shards of a load have to begin
HISTOGRAMS = ("latency", "lateness")


def as_dict(outcome: Outcome) -> dict[str, Any]:
    """Return what came of a load, fit for JSON."""
    counts = {key: value for key, value in vars(outcome).items() if key not in HISTOGRAMS}
    return counts | {key: getattr(outcome, key).encode().decode("ascii") for key in HISTOGRAMS}


def from_dict(told: dict[str, Any]) -> Outcome:
    """Return the outcome again."""
    return Outcome(**told | {key: HdrHistogram.decode(told[key]) for key in HISTOGRAMS})


def merged(outcomes: Sequence[Outcome]) -> Outcome:
    """Return what came of all shards together."""
    total = Outcome(seconds=max(one.seconds for one in outcomes))
    for one in outcomes:
        for count in ("due", "answered", "wrong", "failed", "connections"):
            setattr(total, count, getattr(total, count) + getattr(one, count))
        for name in HISTOGRAMS:
            getattr(total, name).add(getattr(one, name))
    return total


def delayed(outcome: Outcome, seconds: float) -> Outcome:
    """Return the outcome of a shard that began so much later than agreed."""
    if seconds > TOGETHER_SECONDS:
        outcome.lateness = histogram()
        if outcome.due:
            outcome.lateness.record_value(round(seconds * MICROSECONDS), outcome.due)
    return outcome
