"""How long does a guest wait when requests come at a fixed rate? The part "load_open".

    {"page", "share", "baseline", "failed", "pinned", "capacity_rps", "bottleneck": warning or "",
     "rounds", "seconds", "frameworks": {name: {
        "rate",                                       requests a second, as intended
        "due", "answered", "wrong", "unanswered",     counts over all rounds
        "p50", "p90", "p99", "p999", "max",           milliseconds, null where too few requests
        "p50_interval", "p90_interval",               99 % over rounds, or null
        "curve": [[percent, milliseconds], ...],
        "lateness_p99",                               milliseconds, of the generator itself
        "rejected"}}}                                 rounds in which the generator was late

p99 and p99.9 are shown and never ranked: they scatter by a quarter from run to run.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from hdrh.histogram import HdrHistogram

from bench.cost.entries import Ground
from bench.cost.pages import Page
from bench.cost.progress import Progress
from bench.cost.workers import Request
from bench.hosting import LOOPBACK
from bench.intervals import of_launches
from bench.load import wrk
from bench.load.capacity import FACTOR
from bench.load.cores import pinned
from bench.load.generator import Outcome, histogram
from bench.load.sources import Here, Round, Source
from bench.load.targets import Target, hosted, sound

ROUNDS = 3
SECONDS = 10.0
TRIES = 2  # of a round in which the generator was late
MOST_LATENESS_MICROSECONDS = 1000
CURVE_PERCENTS = (0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99)
BEYOND = 10  # requests that must lie beyond a percentile for it to mean anything


def measure(
    ground: Ground,
    page: Page,
    rate: float | None,
    share: float | None,
    rounds: int,
    seconds: float,
    progress: Progress,
    source: Source | None = None,
    host: str = LOOPBACK,
) -> dict[str, Any]:
    """Return the part at one rate, or at a share of each target's own capacity.

    The load comes from this process or another source; the sites listen on an address of this
    machine. Raises Missing where a share is asked for without wrk, which finds out the capacity.
    """
    if share:
        wrk.require_wrk()
    source = source or Here()
    progress.step("capacity of the generator")
    own_rps = source.capacity_rps(ground.places.log("load-trivial"))
    with hosted(ground, page, host) as targets:
        well, failed = sound(targets, page, ground.baseline)
        rates = {name: rate or share_of(targets[name], page, share or 0.0) for name in well}
        outcomes: dict[str, list[Outcome]] = {name: [] for name in well}
        for number in range(rounds):
            for name in random.Random(number).sample(well, len(well)):
                progress.step(f"{name} at {rates[name]:.0f}/s", f"round {number + 1} of {rounds}")
                outcomes[name] += one_round(
                    source, targets[name], page, rates[name], seconds, number
                )
        failed |= sound(targets, page, ground.baseline)[1]
    return {
        "page": page.name,
        "share": share,
        "baseline": ground.baseline,
        "failed": failed,
        "pinned": pinned(),
        "capacity_rps": round(own_rps),
        "bottleneck": bottleneck(own_rps, max(rates.values())),
        "rounds": rounds,
        "seconds": seconds,
        "frameworks": {
            name: row(rates[name], taken, seconds)
            for name, taken in outcomes.items()
            if name not in failed and name != ground.twin
        },
    }


def share_of(target: Target, page: Page, share: float) -> float:
    """Return the rate that is a share of what a target bears."""
    assert isinstance(page.request, Request)
    return share * wrk.load(target, page.request.target, 16, 2.0).rps


def bottleneck(own_rps: float, quickest_rps: float) -> str:
    """Return a warning where the generator is not far quicker than what it measures."""
    if own_rps >= FACTOR * quickest_rps:
        return ""
    return (
        f"the generator reaches {own_rps:.0f}/s, which is less than {FACTOR} times the rate of "
        f"{quickest_rps:.0f}/s: what it tells may be its own latency"
    )


def one_round(
    source: Source, target: Target, page: Page, rate: float, seconds: float, number: int
) -> list[Outcome]:
    """Return the outcome of a round, and before it those in which the generator was late."""
    outcomes: list[Outcome] = []
    while len(outcomes) < TRIES:
        taken = Round(target, page, rate, seconds, number, len(outcomes))
        outcomes.append(source.run(taken))
        if not late(outcomes[-1]):
            break
    return outcomes


def late(outcome: Outcome) -> bool:
    """Tell whether the generator itself was too late to be believed."""
    lateness = float(outcome.lateness.get_value_at_percentile(99))
    return lateness > MOST_LATENESS_MICROSECONDS


def row(rate: float, outcomes: Sequence[Outcome], seconds: float) -> dict[str, Any]:
    """Return what came of one target's rounds; those in which the generator was late are left out.

    Where it was late in all, they are told all the same: "rejected" says so.
    """
    good = [one for one in outcomes if not late(one)] or list(outcomes)
    latency, lateness = added([one.latency for one in good]), added([one.lateness for one in good])
    answered = sum(one.answered for one in good)
    return {
        "rate": round(rate, 1),
        "due": sum(one.due for one in good),
        "answered": answered,
        "wrong": sum(one.wrong for one in good),
        "unanswered": sum(one.failed for one in good),
        **{
            key: milliseconds(latency, percent) if enough(answered, percent) else None
            for key, percent in (("p50", 50), ("p90", 90), ("p99", 99), ("p999", 99.9))
        },
        "max": milliseconds(latency, 100),
        **{f"p{percent}_interval": interval(good, percent) for percent in (50, 90)},
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
    if len(outcomes) < 2:
        return None
    values = [[max(milliseconds(one.latency, percent), 0.001)] for one in outcomes]
    found = of_launches(values)
    return {"low": round(found.low, 3), "high": round(found.high, 3)}
