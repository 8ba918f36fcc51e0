"""How long does a guest wait when requests come at a fixed rate? The part "load_open".

    {"page", "share", "baseline", "failed", "pinned", "capacity_rps", "bottleneck": warning or "",
     "rounds", "seconds",
     "too_busy": {name: reason},                      whose figures say nothing of the server
     "frameworks": {name: {
        "rate",                                       requests a second, as intended
        "peak_rps",                                   of which it is the share, null with a rate
        "due", "answered", "wrong", "unanswered",     counts over all rounds
        "p50", "p90", "p99", "p999", "max",           milliseconds, null where too few requests
        "p50_interval", "p90_interval",               99 % over rounds, or null; null if too busy
        "curve": [[percent, milliseconds], ...],
        "lateness_p99",                               milliseconds, of the generator itself
        "rejected"}}}                                 tries in which the generator was late

A try in which the generator itself was late is made again, twice at most. Where no try was good,
the machine was too busy: the figures are kept, said to be so, and never ranked.
p99 and p99.9 are shown and never ranked: they scatter by a quarter from run to run.
"""

import random
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from bench.cost.entries import Ground
from bench.cost.pages import Page
from bench.cost.progress import Progress
from bench.cost.workers import Request
from bench.hosting import LOOPBACK
from bench.load import wrk
from bench.load.capacity import FACTOR
from bench.load.cores import pinned
from bench.load.generator import Outcome
from bench.load.latency import busy, late, row
from bench.load.sources import Here, Round, Source
from bench.load.targets import Target, hosted, sound
from bench.troubles import Trouble

ROUNDS = 3
SECONDS = 10.0
PEAK_SECONDS, PEAKS = 1.0, 3
TRIES = 3  # of a round in which the generator was late


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
        peaks = peaks_of(targets, well, page, failed, progress) if share else {}
        rates = {name: rate or (share or 0.0) * peaks[name] for name in well if name not in failed}
        outcomes: dict[str, list[Outcome]] = {name: [] for name in rates}
        for number in range(rounds):
            for name in random.Random(number).sample(list(rates), len(rates)):
                progress.step(f"{name} at {rates[name]:.0f}/s", f"round {number + 1} of {rounds}")
                outcomes[name] += one_round(
                    source, targets[name], page, rates[name], seconds, number
                )
        failed |= sound(targets, page, ground.baseline)[1]
    kept = {
        name: taken
        for name, taken in outcomes.items()
        if name not in failed and name != ground.twin
    }
    return {
        "page": page.name,
        "share": share,
        "baseline": ground.baseline,
        "failed": failed,
        "pinned": pinned(),
        "capacity_rps": round(own_rps),
        "bottleneck": bottleneck(own_rps, max(rates.values(), default=0.0)),
        "rounds": rounds,
        "seconds": seconds,
        "too_busy": {name: busy(taken) for name, taken in kept.items() if all(map(late, taken))},
        "frameworks": {
            name: row(rates[name], peaks.get(name), taken) for name, taken in kept.items()
        },
    }


def peaks_of(
    targets: Mapping[str, Target],
    names: Sequence[str],
    page: Page,
    failed: dict[str, str],
    progress: Progress,
) -> dict[str, float]:
    """Return the requests a second that each target bears at most; one that fails is noted.

    It is the median of some slices, taken in turns.
    """
    assert isinstance(page.request, Request)
    peaks: dict[str, list[float]] = {name: [] for name in names}
    for number in range(PEAKS):
        progress.step(f"peaks of {len(peaks)} servers", f"{number + 1} of {PEAKS}")
        for name in list(peaks):
            try:
                peak = wrk.load(targets[name], page.request.target, 16, PEAK_SECONDS)
                peaks[name].append(peak.rps)
            except Trouble as error:
                failed[name] = str(error)
                del peaks[name]
    return {name: statistics.median(taken) for name, taken in peaks.items()}


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
