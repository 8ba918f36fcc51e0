"""Simulated times of entries with known speeds."""

import math
import random
from collections.abc import Mapping
from types import SimpleNamespace

from bench.measure.cost.budget import SamplingBudget
from bench.results.schema import CONTROL_PREFIX

# The scatter of the menu's slices on two busy cores: of each slice, and of the core's speed, which
# is common to all. On a quiet machine the scatter is a third of this.
SLICE_SCATTER, DRIFT, LAUNCH_SCATTER = 0.095, 0.3, 0.005
NANOSECONDS = 300_000


def simulate(
    speeds: Mapping[str, float], budget: SamplingBudget, seed: int, environments: object = ()
) -> SimpleNamespace:
    """Return a simulated measurement of the menu by bare, its control, and other entries.

    `speeds` has the time of each other entry, in times of bare.
    """
    draw = random.Random(seed).gauss
    speeds = {"bare": 1.0, CONTROL_PREFIX + "bare": 1.0, **speeds}
    times: dict[str, list[list[float]]] = {name: [] for name in speeds}
    for _ in range(budget.launches):
        drift = [draw(0, DRIFT) for _ in range(budget.cycles)]
        for name, speed in speeds.items():
            shift = draw(0, LAUNCH_SCATTER)
            slices = [math.exp(d + shift + draw(0, SLICE_SCATTER)) for d in drift]
            times[name].append([NANOSECONDS * speed * factor for factor in slices])
    testbed = SimpleNamespace(
        baseline="bare", control=CONTROL_PREFIX + "bare", environments=environments
    )
    return SimpleNamespace(
        testbed=testbed, times={"menu": times}, launches=budget.launches, seed=seed, failed={}
    )
