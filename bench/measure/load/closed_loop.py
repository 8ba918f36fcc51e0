"""How many requests a second does each framework answer at its peak? The part "load_closed".

    {"page", "baseline", "twin", "pinned", "seconds", "rounds", "failed", "connections": {count: {
        name: {"rps", "cpu_microseconds",         medians over the rounds
               "ratio", "low", "high",            of the time per request to the baseline's
               "verdict"}}},
     "growth": {name: {"points": [[connections, rps], ...], "exponent"}}}   with several counts

All servers are up at once and take turns in slices of a second, in an order shuffled every round;
a round counts as a launch does in bench/cost: intervals are Student's over rounds. Where the
baseline fails, another one takes its place.
"""

import random
import statistics
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bench.core.cpu_affinity import can_pin_cores
from bench.core.errors import CookoffError
from bench.core.progress import Progress
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
from bench.stats.intervals import MIN_EFFECT, confidence_interval
from bench.stats.power_law import fit_exponent

SLICE_SECONDS = 1.0
ROUNDS, GROWTH_ROUNDS = 5, 3
CONNECTIONS = (16,)
GROWTH_CONNECTIONS = (1, 4, 16, 64, 256)
SlicesByTarget = dict[str, list[wrk.Slice]]


def measure(
    ground: Testbed, page: Page, connections: Sequence[int], rounds: int, progress: Progress
) -> dict[str, Any]:
    """Return the part; raise Missing without wrk, Trouble where nobody bears the load."""
    wrk.require_wrk()
    slices = rounds * len(connections)
    announce_duration(progress, len(ground.environments) + 1, slices, SLICE_SECONDS)
    with running_targets(ground, page) as (targets, failed):
        baseline, well = validate_targets(targets, page, ground.baseline, failed)
        pace = LoadProgress(progress, len(well) * slices * SLICE_SECONDS)
        found = {
            count: measure_interleaved(
                {n: targets[n] for n in well}, page, count, rounds, failed, pace
            )
            for count in connections
        }
        baseline, well = validate_targets({n: targets[n] for n in well}, page, baseline, failed)
    found = {count: select_slices(slices, well) for count, slices in found.items()}
    return {
        "page": page.name,
        "baseline": baseline,
        "twin": ground.control,
        "pinned": can_pin_cores(),
        "seconds": SLICE_SECONDS,
        "rounds": rounds,
        "failed": failed,
        "connections": {
            str(count): summarize_targets(slices, baseline) for count, slices in found.items()
        },
        "growth": fit_growth(found),
    }


def measure_interleaved(
    targets: Mapping[str, Target],
    page: Page,
    count: int,
    rounds: int,
    failed: Failures,
    pace: LoadProgress,
) -> SlicesByTarget:
    """Return each target's slices; one that fails is noted and asked no more."""
    assert isinstance(page.request, Request)
    slices: SlicesByTarget = {name: [] for name in targets}
    shuffled = random.Random(count).sample
    for number in range(rounds):
        pace.step(f"{page.name} at {count} connections", number + 1, rounds)
        for name in shuffled(list(targets), len(targets)):
            if name in failed:
                pace.skip(SLICE_SECONDS)
                continue
            pace.progress.update_detail(name)
            try:
                taken = wrk.measure_slice(targets[name], page.request.target, count, SLICE_SECONDS)
            except CookoffError as error:
                record_failure(failed, name, str(error))
            else:
                slices[name].append(taken)
            pace.record_done(SLICE_SECONDS)
    return slices


def select_slices(slices: SlicesByTarget, names: Collection[str]) -> SlicesByTarget:
    """Return the slices of these names: of those who did not fail."""
    return {name: taken for name, taken in slices.items() if name in names}


def summarize_targets(slices: SlicesByTarget, baseline: str) -> dict[str, Any]:
    """Return what each target did, as against the baseline."""
    return {name: summarize_target(taken, slices[baseline]) for name, taken in slices.items()}


def summarize_target(taken: Sequence[wrk.Slice], baseline: Sequence[wrk.Slice]) -> dict[str, Any]:
    """Return what one target did."""
    ratios = [[base.rps / mine.rps] for mine, base in zip(taken, baseline, strict=True)]
    interval = confidence_interval(ratios)
    return {
        "rps": round(statistics.median(one.rps for one in taken), 1),
        "cpu_microseconds": round(statistics.median(one.cpu_microseconds for one in taken), 1),
        **interval.as_dict(),
        "verdict": interval.classify(MIN_EFFECT),
    }


def fit_growth(found: Mapping[int, SlicesByTarget]) -> dict[str, Any]:
    """Return how the rate grows with the connections, nothing for a single count."""
    names = list(next(iter(found.values()))) if len(found) > 1 else []
    points = {
        name: [
            (count, round(statistics.median(one.rps for one in slices[name]), 1))
            for count, slices in found.items()
        ]
        for name in names
    }
    return {name: {"points": one, "exponent": fit_exponent(one)} for name, one in points.items()}
