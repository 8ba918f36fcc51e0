"""Measure latency at a fixed request rate with an open loop.

The part "open_loop" of results.json:

    {"page", "peak_fraction", "baseline", "failed", "pinned", "generator_capacity_rps",
     "generator_warning": why the generator may be too slow, or "",
     "rounds", "round_seconds",
     "too_busy": {name: reason},                      figures that say nothing about the server
     "frameworks": {name: {
        "rate_rps",                                   as intended
        "peak_rps",                                   the peak for a peak_fraction, else null
        "scheduled", "answered", "wrong", "unanswered",     requests of all rounds
        "p50_ms", "p90_ms", "p99_ms", "p999_ms", "max_ms",  null with too few requests
        "p50_interval_ms", "p90_interval_ms",         99 % over rounds, or null; null if too busy
        "percentiles_ms": [[percent, milliseconds], ...],
        "lateness_p99_ms",                            of the generator itself
        "discarded_tries"}}}                          tries in which the generator was late

A round in which the generator itself was late is repeated, at most twice. If the generator was late
in every try, the machine was too busy: the figures are stored and marked, and never ranked.
p99 and p99.9 are shown and never ranked, because they vary by a quarter from run to run.
"""

import random
import statistics
from collections.abc import Mapping, Sequence

from bench.core.cpu_affinity import can_pin_cores
from bench.core.errors import CookoffError
from bench.core.progress import Progress
from bench.core.words import format_count
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
from bench.results.schema import OpenLoad
from bench.runtime.host import LOOPBACK

ROUNDS = 3
ROUND_SECONDS = 10.0
PEAK_SECONDS, PEAK_SLICES = 1.0, 3
MAX_TRIES = 3  # of a round in which the generator was late


def measure(
    testbed: Testbed,
    page: Page,
    rate: float | None,
    share: float | None,
    rounds: int,
    seconds: float,
    progress: Progress,
    source: LoadSource | None = None,
    host: str = LOOPBACK,
) -> OpenLoad:
    """Return the part at one rate, or at a share of each target's own peak.

    The load comes from this process or from another source. The sites listen on `host`, an address
    of this machine. Raise DependencyError for a share without wrk, which measures the peaks, and
    CookoffError when every target fails.
    """
    if share:
        wrk.require_wrk()
    source = source or LocalSource()
    servers = len(testbed.environments) + 1
    peak_seconds = PEAK_SLICES * PEAK_SECONDS if share else 0.0
    announce_duration(progress, servers, rounds, seconds, extra_seconds=servers * peak_seconds)
    progress.start_step("capacity of the generator")
    own_rps = source.capacity_rps(testbed.paths.prepare_log_path("load-null-server"))
    with running_targets(testbed, page, host) as (targets, failed):
        baseline, valid = validate_targets(targets, page, testbed.baseline, failed)
        load_progress = LoadProgress(progress, len(valid) * (peak_seconds + rounds * seconds))
        peaks = measure_peaks(targets, valid, page, failed, load_progress) if share else {}
        rates = {name: rate or (share or 0.0) * peaks[name] for name in valid if name not in failed}
        results = run_rounds(source, targets, page, rates, rounds, seconds, failed, load_progress)
        baseline, valid = validate_targets(
            {name: targets[name] for name in rates}, page, baseline, failed
        )
    ranked = {name: results[name] for name in valid if name != testbed.control}
    return OpenLoad(
        page=page.name,
        peak_fraction=share,
        baseline=baseline,
        failed=failed,
        pinned=can_pin_cores(),
        generator_capacity_rps=round(own_rps),
        generator_warning=format_bottleneck_warning(own_rps, max(rates.values(), default=0.0)),
        rounds=rounds,
        round_seconds=seconds,
        too_busy={
            name: lag_reason(of_name)
            for name, of_name in ranked.items()
            if all(map(generator_lagged, of_name))
        },
        frameworks={
            name: summarize_rounds(rates[name], peaks.get(name), of_name)
            for name, of_name in ranked.items()
        },
    )


def run_rounds(
    source: LoadSource,
    targets: Mapping[str, Target],
    page: Page,
    rates: Mapping[str, float],
    rounds: int,
    seconds: float,
    failed: Failures,
    load_progress: LoadProgress,
) -> dict[str, list[LoadResult]]:
    """Return the results of all rounds by target; a target that fails is recorded and skipped."""
    results: dict[str, list[LoadResult]] = {name: [] for name in rates}
    for number in range(rounds):
        for name in random.Random(number).sample(list(rates), len(rates)):
            if name in failed:
                load_progress.skip(seconds)
                continue
            load_progress.step(f"{name} at {rates[name]:.0f}/s", number + 1, rounds)
            try:
                results[name] += run_round(
                    source, targets[name], page, rates[name], seconds, number
                )
            except RoundFailedError as error:
                record_failure(failed, name, str(error))
            load_progress.record_done(seconds)
    return results


def measure_peaks(
    targets: Mapping[str, Target],
    names: Sequence[str],
    page: Page,
    failed: Failures,
    load_progress: LoadProgress,
) -> dict[str, float]:
    """Return the peak of each target in requests a second; a target that fails is recorded.

    A peak is the median of some slices; the targets take turns.
    """
    assert isinstance(page.request, Request)
    peaks: dict[str, list[float]] = {name: [] for name in names}
    for number in range(PEAK_SLICES):
        load_progress.step(
            f"peaks of {format_count(len(peaks), 'server')}", number + 1, PEAK_SLICES
        )
        for name in list(peaks):
            load_progress.progress.update_detail(name)
            try:
                peak = wrk.measure_slice(targets[name], page.request.target, 16, PEAK_SECONDS)
                peaks[name].append(peak.rps)
            except CookoffError as error:
                record_failure(failed, name, str(error))
                del peaks[name]
            load_progress.record_done(PEAK_SECONDS)
    return {name: statistics.median(rates) for name, rates in peaks.items()}


def format_bottleneck_warning(own_rps: float, highest_rps: float) -> str:
    """Return a warning if the generator lacks headroom over the highest measured rate, else ""."""
    if own_rps >= REQUIRED_HEADROOM * highest_rps:
        return ""
    return (
        f"the generator reaches {own_rps:.0f}/s, less than {REQUIRED_HEADROOM} times the rate of "
        f"{highest_rps:.0f}/s: the latency may be the generator's own"
    )


def run_round(
    source: LoadSource, target: Target, page: Page, rate: float, seconds: float, number: int
) -> list[LoadResult]:
    """Return the result of a round, after the results of the tries with a late generator.

    Raise RoundFailedError when no request was answered.
    """
    results: list[LoadResult] = []
    while len(results) < MAX_TRIES:
        load_round = LoadRound(target, page, rate, seconds, number, len(results))
        results.append(source.run(load_round))
        if is_unanswered(results[-1]):
            raise RoundFailedError(f"{target.name}: no request was answered under load")
        if not generator_lagged(results[-1]):
            break
    return results


def is_unanswered(result: LoadResult) -> bool:
    """Return whether requests were sent and none was answered: more rounds would wait in vain."""
    return bool(result.due) and not result.answered
