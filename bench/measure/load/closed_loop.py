"""Measure the peak throughput of each framework with a closed loop of connections.

The part "closed_loop" of results.json:

    {"page", "baseline", "control", "pinned", "slice_seconds", "rounds", "failed",
     "connections": {count: {
        name: {"rps", "cpu_microseconds",         medians over the rounds
               "ratio", "low", "high",            of the time per request to the baseline's
               "verdict", "peak_mib"}}},         memory of the server, null where unknown
     "scaling": {name: {"points": [[connections, rps], ...], "exponent"}}}   with several counts

All servers run at once and take turns in slices of one second, in an order that is shuffled in each
round. A round counts as a launch does in bench/measure/cost: the intervals are Student's over
rounds. When the baseline fails, another framework becomes the baseline.
"""

import random
import statistics
from collections.abc import Collection, Mapping, Sequence

from bench.core.cpu_affinity import can_pin_cores
from bench.core.errors import CookoffError
from bench.core.progress import Progress
from bench.core.words import format_count
from bench.measure.load import wrk
from bench.measure.load.pace import LoadProgress, announce_duration
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
from bench.results.schema import ClosedLoad, ScalingCurve, Throughput
from bench.stats.intervals import MIN_EFFECT, confidence_interval
from bench.stats.power_law import fit_exponent

SLICE_SECONDS = 1.0
ROUNDS, GROWTH_ROUNDS = 5, 3
CONNECTIONS = (16,)
GROWTH_CONNECTIONS = (1, 4, 16, 64, 256)
SlicesByTarget = dict[str, list[wrk.Slice]]


def measure(
    testbed: Testbed, page: Page, connections: Sequence[int], rounds: int, progress: Progress
) -> ClosedLoad:
    """Return the part; raise DependencyError without wrk, CookoffError when every target fails."""
    wrk.require_wrk()
    slice_count = rounds * len(connections)
    announce_duration(progress, len(testbed.environments) + 1, slice_count, SLICE_SECONDS)
    with running_targets(testbed, page) as (targets, failed):
        baseline, valid = validate_targets(targets, page, testbed.baseline, failed)
        load_progress = LoadProgress(progress, len(valid) * slice_count * SLICE_SECONDS)
        by_count = {
            count: measure_interleaved(
                {n: targets[n] for n in valid}, page, count, rounds, failed, load_progress
            )
            for count in connections
        }
        baseline, valid = validate_targets({n: targets[n] for n in valid}, page, baseline, failed)
    by_count = {count: select_slices(slices, valid) for count, slices in by_count.items()}
    return ClosedLoad(
        page=page.name,
        baseline=baseline,
        control=testbed.control,
        pinned=can_pin_cores(),
        slice_seconds=SLICE_SECONDS,
        rounds=rounds,
        failed=failed,
        connections={
            str(count): summarize_targets(slices, baseline) for count, slices in by_count.items()
        },
        scaling=fit_scaling(by_count),
    )


def measure_interleaved(
    targets: Mapping[str, Target],
    page: Page,
    count: int,
    rounds: int,
    failed: Failures,
    load_progress: LoadProgress,
) -> SlicesByTarget:
    """Return the slices of each target; a target that fails is recorded and skipped from then on.

    `count` is the number of connections.
    """
    assert isinstance(page.request, Request)
    slices: SlicesByTarget = {name: [] for name in targets}
    sample = random.Random(count).sample
    for number in range(rounds):
        load_progress.step(
            f"{page.name} at {format_count(count, 'connection')}", number + 1, rounds
        )
        for name in sample(list(targets), len(targets)):
            if name in failed:
                load_progress.skip(SLICE_SECONDS)
                continue
            load_progress.progress.update_detail(name)
            try:
                measured = wrk.measure_slice(
                    targets[name], page.request.target, count, SLICE_SECONDS
                )
            except CookoffError as error:
                record_failure(failed, name, str(error))
            else:
                slices[name].append(measured)
            load_progress.record_done(SLICE_SECONDS)
    return slices


def select_slices(slices: SlicesByTarget, names: Collection[str]) -> SlicesByTarget:
    """Return the slices of these names, which are the targets that did not fail."""
    return {name: of_target for name, of_target in slices.items() if name in names}


def summarize_targets(slices: SlicesByTarget, baseline: str) -> dict[str, Throughput]:
    """Return the summary of each target, compared with the baseline."""
    return {name: summarize_target(of_name, slices[baseline]) for name, of_name in slices.items()}


def summarize_target(slices: Sequence[wrk.Slice], baseline: Sequence[wrk.Slice]) -> Throughput:
    """Return the medians of one target, and the ratio of the time per request to the baseline's."""
    ratios = [[base.rps / target.rps] for target, base in zip(slices, baseline, strict=True)]
    interval = confidence_interval(ratios)
    return Throughput(
        **summarize_rates(slices),
        **interval.as_dict(),
        verdict=interval.classify(MIN_EFFECT),
        peak_mib=max((each.peak_mib for each in slices if each.peak_mib), default=None),
    )


def summarize_rates(slices: Sequence[wrk.Slice]) -> dict[str, float]:
    """Return the medians over slices: requests a second, and processor time per request."""
    return {
        "rps": round(statistics.median(each.rps for each in slices), 1),
        "cpu_microseconds": round(statistics.median(each.cpu_microseconds for each in slices), 1),
    }


def fit_scaling(by_count: Mapping[int, SlicesByTarget]) -> dict[str, ScalingCurve]:
    """Return how the rate grows with the connections, or {} for a single count of connections."""
    names = list(next(iter(by_count.values()))) if len(by_count) > 1 else []
    points = {
        name: [(count, summarize_rates(slices[name])["rps"]) for count, slices in by_count.items()]
        for name in names
    }
    return {name: ScalingCurve(of_name, fit_exponent(of_name)) for name, of_name in points.items()}
