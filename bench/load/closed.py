"""How many requests a second does each framework answer at its peak? The part "load_closed".

    {"page", "baseline", "twin", "pinned", "seconds", "rounds", "failed", "connections": {count: {
        name: {"rps", "cpu_microseconds",         medians over the rounds
               "ratio", "low", "high",            of the time per request to the baseline's
               "verdict"}}},
     "growth": {name: {"points": [[connections, rps], ...], "exponent"}}}   with several counts

All servers are up at once and take turns in slices of a second, in an order shuffled every round;
a round counts as a launch does in bench/cost: intervals are Student's over rounds.
"""

import random
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from bench.cost.entries import Ground
from bench.cost.growth import exponent
from bench.cost.pages import Page
from bench.cost.progress import Progress
from bench.cost.workers import Request
from bench.intervals import LEAST_RATIO, of_launches
from bench.load import wrk
from bench.load.cores import pinned
from bench.load.targets import Target, hosted, sound
from bench.troubles import Trouble

SLICE_SECONDS = 1.0
ROUNDS, GROWTH_ROUNDS = 5, 3
CONNECTIONS = (16,)
GROWTH_CONNECTIONS = (1, 4, 16, 64, 256)
Slices = dict[str, list[wrk.Slice]]


def measure(
    ground: Ground, page: Page, connections: Sequence[int], rounds: int, progress: Progress
) -> dict[str, Any]:
    """Return the part; raise Missing without wrk, Trouble when the baseline answers wrongly."""
    wrk.require_wrk()
    with hosted(ground, page) as targets:
        well, failed = sound(targets, page, ground.baseline)
        found: dict[int, Slices] = {}
        for count in connections:
            progress.step(f"{page.name} at {count} connections")
            found[count] = in_turns({n: targets[n] for n in well}, page, count, rounds, failed)
        failed |= sound(targets, page, ground.baseline)[1]
    return {
        "page": page.name,
        "baseline": ground.baseline,
        "twin": ground.twin,
        "pinned": pinned(),
        "seconds": SLICE_SECONDS,
        "rounds": rounds,
        "failed": failed,
        "connections": {
            str(count): rows(without(slices, failed), ground) for count, slices in found.items()
        },
        "growth": growth({count: without(slices, failed) for count, slices in found.items()}),
    }


def in_turns(
    targets: Mapping[str, Target], page: Page, count: int, rounds: int, failed: dict[str, str]
) -> Slices:
    """Return each target's slices; one that fails is noted and asked no more."""
    assert isinstance(page.request, Request)
    slices: Slices = {name: [] for name in targets}
    shuffled = random.Random(count).sample
    for _ in range(rounds):
        for name in shuffled(list(targets), len(targets)):
            if name in failed:
                continue
            try:
                taken = wrk.load(targets[name], page.request.target, count, SLICE_SECONDS)
            except Trouble as error:
                failed[name] = str(error)
            else:
                slices[name].append(taken)
    return slices


def without(slices: Slices, failed: Mapping[str, str]) -> Slices:
    """Return the slices of those who did not fail."""
    return {name: taken for name, taken in slices.items() if name not in failed}


def rows(slices: Slices, ground: Ground) -> dict[str, Any]:
    """Return what each target did, as against the baseline."""
    if ground.baseline not in slices:
        raise Trouble(f"the baseline, {ground.baseline}, failed under load")
    return {name: row(taken, slices[ground.baseline]) for name, taken in slices.items()}


def row(taken: Sequence[wrk.Slice], baseline: Sequence[wrk.Slice]) -> dict[str, Any]:
    """Return what one target did."""
    ratios = [[base.rps / mine.rps] for mine, base in zip(taken, baseline, strict=True)]
    interval = of_launches(ratios)
    return {
        "rps": round(statistics.median(one.rps for one in taken), 1),
        "cpu_microseconds": round(statistics.median(one.cpu_microseconds for one in taken), 1),
        **interval.as_dict(),
        "verdict": interval.verdict(LEAST_RATIO),
    }


def growth(found: Mapping[int, Slices]) -> dict[str, Any]:
    """Return how the rate grows with the connections, nothing for a single count."""
    names = list(next(iter(found.values()))) if len(found) > 1 else []
    points = {
        name: [
            (count, round(statistics.median(one.rps for one in slices[name]), 1))
            for count, slices in found.items()
        ]
        for name in names
    }
    return {name: {"points": one, "exponent": exponent(one)} for name, one in points.items()}
