"""How is the cost of a page measured on several machines? In cells of one launch of one page each.

A cell holds all that is compared: the frameworks, the baseline and its twin, in turns on one
machine.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bench.core import entrypoints
from bench.core.files import locked
from bench.core.paths import Places
from bench.frameworks import environments, manifest
from bench.measure.cluster.checkout import Checkout
from bench.measure.cluster.postgres_schema import own_database
from bench.measure.cluster.tasks import Cell
from bench.measure.cost.budget import Effort
from bench.measure.cost.interleaved_timing import Measurement
from bench.measure.cost.noise import Watch
from bench.measure.workload.entries import Ground
from bench.measure.workload.scenarios import Page, pages_called
from bench.measure.workload.testbed import fresh_ground
from shared_db import open_larder

WORK = f"{entrypoints.COST_TASKS}:measure"
TURN_SECONDS = 3600.0  # other workers of this machine may come first, for minutes each


def cells(
    ground: Ground, pages: Sequence[Page], effort: Effort, seed: int, checkout: Checkout
) -> list[Cell]:
    """Return the cells of a measurement, every page's first launch before any second one."""
    names = [one.framework.name for one in ground.environments]
    same = {"names": names, "baseline": ground.baseline, "cycles": effort.cycles, "seed": seed}
    return [
        Cell(f"{page.name}, launch {launch + 1}", WORK,
             {**same, "page": page.name, "launch": launch}, checkout)
        for launch in range(effort.launches)
        for page in pages
    ]  # fmt: skip


def measure(inputs: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Time one launch of one page on this machine; raise NotBuilt where an environment cannot be.

    Workers that share a checkout's run-time state take turns: they are on one machine.
    """
    places = Places.from_environ()
    shelf = manifest.discover(places.apps)
    ready = [environments.ensure(shelf.one(name), places) for name in inputs["names"]]
    own = replace(places, state=places.state / "cluster" / key)
    with (
        locked(places.state / "cluster.lock", TURN_SECONDS),
        own_database(key) as database,
        fresh_ground(ready, own, inputs["baseline"], database) as ground,
    ):
        watch, pages = Watch(), pages_called([inputs["page"]])
        measured = Measurement(ground, pages, inputs["seed"], inputs["launch"])
        measured.launch(inputs["cycles"])
        larder = open_larder(ground.database, ground.photos)
        label = larder.database
        larder.close()
    if not measured.failed:  # whose logs are there
        shutil.rmtree(own.state)
    return {
        "times": measured.times[inputs["page"]],
        "failed": {name: reason for (name, _), reason in measured.failed.items()},
        "noise": watch.seen(),
        "larder": label,
    }
