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

from bench.core.cpu_affinity import pinned
from bench.core.errors import Trouble
from bench.core.progress import Progress
from bench.measure.load import wrk
from bench.measure.load.generator_capacity import FACTOR
from bench.measure.load.latency_summary import busy, late, row
from bench.measure.load.open_loop_generator import Outcome
from bench.measure.load.pace import Pace, announce
from bench.measure.load.sources import Here, Round, RoundFailedError, Source
from bench.measure.load.targets import Failed, Target, fail, hosted, sound
from bench.measure.workload.entries import Ground
from bench.measure.workload.scenarios import Page
from bench.measure.workload.worker import Request
from bench.runtime.host import LOOPBACK

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
    machine. Raises Missing where a share is asked for without wrk, which finds out the capacity,
    and Trouble where nobody bears the load.
    """
    if share:
        wrk.require_wrk()
    source = source or Here()
    servers, looking = len(ground.environments) + 1, PEAKS * PEAK_SECONDS if share else 0.0
    announce(progress, servers, rounds, seconds, more=servers * looking)
    progress.step("capacity of the generator")
    own_rps = source.capacity_rps(ground.places.log("load-trivial"))
    with hosted(ground, page, host) as (targets, failed):
        baseline, well = sound(targets, page, ground.baseline, failed)
        pace = Pace(progress, len(well) * (looking + rounds * seconds))
        peaks = peaks_of(targets, well, page, failed, pace) if share else {}
        rates = {name: rate or (share or 0.0) * peaks[name] for name in well if name not in failed}
        outcomes = loaded(source, targets, page, rates, rounds, seconds, failed, pace)
        baseline, well = sound({name: targets[name] for name in rates}, page, baseline, failed)
    kept = {name: outcomes[name] for name in well if name != ground.twin}
    return {
        "page": page.name,
        "share": share,
        "baseline": baseline,
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


def loaded(
    source: Source,
    targets: Mapping[str, Target],
    page: Page,
    rates: Mapping[str, float],
    rounds: int,
    seconds: float,
    failed: Failed,
    pace: Pace,
) -> dict[str, list[Outcome]]:
    """Return the outcomes of all rounds of each target; one that fails is noted and left alone."""
    outcomes: dict[str, list[Outcome]] = {name: [] for name in rates}
    for number in range(rounds):
        for name in random.Random(number).sample(list(rates), len(rates)):
            if name in failed:
                pace.skip(seconds)
                continue
            pace.step(f"{name} at {rates[name]:.0f}/s", number + 1, rounds)
            try:
                outcomes[name] += one_round(
                    source, targets[name], page, rates[name], seconds, number
                )
            except RoundFailedError as error:
                fail(failed, name, str(error))
            pace.done(seconds)
    return outcomes


def peaks_of(
    targets: Mapping[str, Target],
    names: Sequence[str],
    page: Page,
    failed: Failed,
    pace: Pace,
) -> dict[str, float]:
    """Return the requests a second that each target bears at most; one that fails is noted.

    It is the median of some slices, taken in turns.
    """
    assert isinstance(page.request, Request)
    peaks: dict[str, list[float]] = {name: [] for name in names}
    for number in range(PEAKS):
        pace.step(f"peaks of {len(peaks)} servers", number + 1, PEAKS)
        for name in list(peaks):
            pace.progress.detail(name)
            try:
                peak = wrk.load(targets[name], page.request.target, 16, PEAK_SECONDS)
                peaks[name].append(peak.rps)
            except Trouble as error:
                fail(failed, name, str(error))
                del peaks[name]
            pace.done(PEAK_SECONDS)
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
    """Return the outcome of a round, and before it those in which the generator was late.

    Raises RoundFailedError where no request was answered.
    """
    outcomes: list[Outcome] = []
    while len(outcomes) < TRIES:
        taken = Round(target, page, rate, seconds, number, len(outcomes))
        outcomes.append(source.run(taken))
        if silent(outcomes[-1]):
            raise RoundFailedError(f"{target.name}: under load no request was answered")
        if not late(outcomes[-1]):
            break
    return outcomes


def silent(outcome: Outcome) -> bool:
    """Tell whether requests were sent and none was answered: every round would wait in vain."""
    return bool(outcome.due) and not outcome.answered
