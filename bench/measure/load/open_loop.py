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

from bench.core.cpu_affinity import can_pin_cores
from bench.core.errors import CookoffError
from bench.core.progress import Progress
from bench.measure.load import wrk
from bench.measure.load.generator_capacity import REQUIRED_HEADROOM
from bench.measure.load.latency_summary import generator_lagged, lag_reason, summarize_rounds
from bench.measure.load.open_loop_generator import LoadResult
from bench.measure.load.pace import LoadProgress, announce_duration
from bench.measure.load.sources import LoadRound, LoadSource, LocalSource, RoundFailedError
from bench.measure.load.targets import (
    Failures,
    Target,
    record_failure,
    running_targets,
    validate_targets,
)
from bench.measure.workload.entries import Testbed
from bench.measure.workload.scenarios import Page
from bench.measure.workload.worker import Request
from bench.runtime.host import LOOPBACK

ROUNDS = 3
ROUND_SECONDS = 10.0
PEAK_SECONDS, PEAK_SLICES = 1.0, 3
MAX_TRIES = 3  # of a round in which the generator was late


def measure(
    ground: Testbed,
    page: Page,
    rate: float | None,
    share: float | None,
    rounds: int,
    seconds: float,
    progress: Progress,
    source: LoadSource | None = None,
    host: str = LOOPBACK,
) -> dict[str, Any]:
    """Return the part at one rate, or at a share of each target's own capacity.

    The load comes from this process or another source; the sites listen on an address of this
    machine. Raises Missing where a share is asked for without wrk, which finds out the capacity,
    and Trouble where nobody bears the load.
    """
    if share:
        wrk.require_wrk()
    source = source or LocalSource()
    servers, looking = len(ground.environments) + 1, PEAK_SLICES * PEAK_SECONDS if share else 0.0
    announce_duration(progress, servers, rounds, seconds, extra_seconds=servers * looking)
    progress.start_step("capacity of the generator")
    own_rps = source.capacity_rps(ground.paths.prepare_log_path("load-trivial"))
    with running_targets(ground, page, host) as (targets, failed):
        baseline, well = validate_targets(targets, page, ground.baseline, failed)
        pace = LoadProgress(progress, len(well) * (looking + rounds * seconds))
        peaks = measure_peaks(targets, well, page, failed, pace) if share else {}
        rates = {name: rate or (share or 0.0) * peaks[name] for name in well if name not in failed}
        outcomes = run_rounds(source, targets, page, rates, rounds, seconds, failed, pace)
        baseline, well = validate_targets(
            {name: targets[name] for name in rates}, page, baseline, failed
        )
    kept = {name: outcomes[name] for name in well if name != ground.control}
    return {
        "page": page.name,
        "share": share,
        "baseline": baseline,
        "failed": failed,
        "pinned": can_pin_cores(),
        "capacity_rps": round(own_rps),
        "bottleneck": format_bottleneck_warning(own_rps, max(rates.values(), default=0.0)),
        "rounds": rounds,
        "seconds": seconds,
        "too_busy": {
            name: lag_reason(taken)
            for name, taken in kept.items()
            if all(map(generator_lagged, taken))
        },
        "frameworks": {
            name: summarize_rounds(rates[name], peaks.get(name), taken)
            for name, taken in kept.items()
        },
    }


def run_rounds(
    source: LoadSource,
    targets: Mapping[str, Target],
    page: Page,
    rates: Mapping[str, float],
    rounds: int,
    seconds: float,
    failed: Failures,
    pace: LoadProgress,
) -> dict[str, list[LoadResult]]:
    """Return the outcomes of all rounds of each target; one that fails is noted and left alone."""
    outcomes: dict[str, list[LoadResult]] = {name: [] for name in rates}
    for number in range(rounds):
        for name in random.Random(number).sample(list(rates), len(rates)):
            if name in failed:
                pace.skip(seconds)
                continue
            pace.step(f"{name} at {rates[name]:.0f}/s", number + 1, rounds)
            try:
                outcomes[name] += run_round(
                    source, targets[name], page, rates[name], seconds, number
                )
            except RoundFailedError as error:
                record_failure(failed, name, str(error))
            pace.record_done(seconds)
    return outcomes


def measure_peaks(
    targets: Mapping[str, Target],
    names: Sequence[str],
    page: Page,
    failed: Failures,
    pace: LoadProgress,
) -> dict[str, float]:
    """Return the requests a second that each target bears at most; one that fails is noted.

    It is the median of some slices, taken in turns.
    """
    assert isinstance(page.request, Request)
    peaks: dict[str, list[float]] = {name: [] for name in names}
    for number in range(PEAK_SLICES):
        pace.step(f"peaks of {len(peaks)} servers", number + 1, PEAK_SLICES)
        for name in list(peaks):
            pace.progress.update_detail(name)
            try:
                peak = wrk.measure_slice(targets[name], page.request.target, 16, PEAK_SECONDS)
                peaks[name].append(peak.rps)
            except CookoffError as error:
                record_failure(failed, name, str(error))
                del peaks[name]
            pace.record_done(PEAK_SECONDS)
    return {name: statistics.median(taken) for name, taken in peaks.items()}


def format_bottleneck_warning(own_rps: float, quickest_rps: float) -> str:
    """Return a warning where the generator is not far quicker than what it measures."""
    if own_rps >= REQUIRED_HEADROOM * quickest_rps:
        return ""
    return (
        f"the generator reaches {own_rps:.0f}/s, which is less than "
        f"{REQUIRED_HEADROOM} times the rate of "
        f"{quickest_rps:.0f}/s: what it tells may be its own latency"
    )


def run_round(
    source: LoadSource, target: Target, page: Page, rate: float, seconds: float, number: int
) -> list[LoadResult]:
    """Return the outcome of a round, and before it those in which the generator was late.

    Raises RoundFailedError where no request was answered.
    """
    outcomes: list[LoadResult] = []
    while len(outcomes) < MAX_TRIES:
        taken = LoadRound(target, page, rate, seconds, number, len(outcomes))
        outcomes.append(source.run(taken))
        if is_unanswered(outcomes[-1]):
            raise RoundFailedError(f"{target.name}: under load no request was answered")
        if not generator_lagged(outcomes[-1]):
            break
    return outcomes


def is_unanswered(outcome: LoadResult) -> bool:
    """Tell whether requests were sent and none was answered: every round would wait in vain."""
    return bool(outcome.due) and not outcome.answered
