"""How is the cost of a page measured on several machines? In cells of one launch of one page each.

A cell holds all that is compared: the frameworks, the baseline and its twin, in turns on one
machine.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bench.core import entrypoints
from bench.core.files import hold_lock
from bench.core.paths import Paths
from bench.frameworks import environments, manifest
from bench.measure.cluster.checkout import Checkout
from bench.measure.cluster.postgres_schema import isolated_database
from bench.measure.cluster.tasks import Task
from bench.measure.cost.budget import SamplingBudget
from bench.measure.cost.interleaved_timing import Measurement
from bench.measure.cost.noise import NoiseMonitor
from bench.measure.workload.entries import Testbed
from bench.measure.workload.scenarios import Page, select_pages
from bench.measure.workload.testbed import fresh_testbed
from shared_db import open_larder

COST_TASK = f"{entrypoints.COST_TASKS}:measure"
LOCK_TIMEOUT_SECONDS = 3600.0  # other workers of this machine may come first, for minutes each


def build_tasks(
    ground: Testbed, pages: Sequence[Page], effort: SamplingBudget, seed: int, checkout: Checkout
) -> list[Task]:
    """Return the cells of a measurement, every page's first launch before any second one."""
    names = [one.framework.name for one in ground.environments]
    same = {"names": names, "baseline": ground.baseline, "cycles": effort.cycles, "seed": seed}
    return [
        Task(f"{page.name}, launch {launch + 1}", COST_TASK,
             {**same, "page": page.name, "launch": launch}, checkout)
        for launch in range(effort.launches)
        for page in pages
    ]  # fmt: skip


def measure(inputs: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Time one launch of one page on this machine; raise NotBuilt where an environment cannot be.

    Workers that share a checkout's run-time state take turns: they are on one machine.
    """
    places = Paths.from_environ()
    shelf = manifest.discover_frameworks(places.apps)
    ready = [environments.ensure_environment(shelf.get(name), places) for name in inputs["names"]]
    own = replace(places, state=places.state / "cluster" / key)
    with (
        hold_lock(places.state / "cluster.lock", LOCK_TIMEOUT_SECONDS),
        isolated_database(key) as database,
        fresh_testbed(ready, own, inputs["baseline"], database) as ground,
    ):
        watch, pages = NoiseMonitor(), select_pages([inputs["page"]])
        measured = Measurement(ground, pages, inputs["seed"], inputs["launch"])
        measured.run_launch(inputs["cycles"])
        larder = open_larder(ground.database_url, ground.photos_folder)
        label = larder.database
        larder.close()
    if not measured.failed:  # whose logs are there
        shutil.rmtree(own.state)
    return {
        "times": measured.times[inputs["page"]],
        "failed": {name: reason for (name, _), reason in measured.failed.items()},
        "noise": watch.read_noise(),
        "larder": label,
    }
