"""Split a cost measurement into tasks of one launch of one page each.

A task contains everything that is compared: the frameworks, the baseline and its control copy, in
turns on one machine.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from msgspec import to_builtins

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
LOCK_TIMEOUT_SECONDS = 3600.0  # earlier workers of this machine may take minutes each


def build_tasks(
    testbed: Testbed, pages: Sequence[Page], budget: SamplingBudget, seed: int, checkout: Checkout
) -> list[Task]:
    """Return the tasks of a measurement: first launches of all pages before second launches."""
    names = [environment.framework.name for environment in testbed.environments]
    shared = {"names": names, "baseline": testbed.baseline, "cycles": budget.cycles, "seed": seed}
    return [
        Task(f"{page.name}, launch {launch + 1}", COST_TASK,
             {**shared, "page": page.name, "launch": launch}, checkout)
        for launch in range(budget.launches)
        for page in pages
    ]  # fmt: skip


def measure(inputs: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Time one launch of one page on this machine.

    Workers that share a checkout's run-time state run one after another, because they share a
    machine. Raise EnvironmentBuildError when an environment cannot be built.
    """
    paths = Paths.from_environ()
    registry = manifest.discover_frameworks(paths.apps)
    ready = [environments.ensure_environment(registry.get(n), paths) for n in inputs["names"]]
    task_paths = replace(paths, state=paths.state / "cluster" / key)
    with (
        hold_lock(paths.state / "cluster.lock", LOCK_TIMEOUT_SECONDS),
        isolated_database(key) as database_url,
        fresh_testbed(ready, task_paths, inputs["baseline"], database_url) as testbed,
    ):
        monitor, pages = NoiseMonitor(), select_pages([inputs["page"]])
        measurement = Measurement(testbed, pages, inputs["seed"], inputs["launch"])
        measurement.run_launch(inputs["cycles"])
        database = open_larder(testbed.database_url, testbed.photos_folder)
        label = database.database
        database.close()
    if not measurement.failed:  # the folder holds the logs of the entries that failed
        shutil.rmtree(task_paths.state)
    return {
        "times": measurement.times[inputs["page"]],
        "failed": {name: reason for (name, _), reason in measurement.failed.items()},
        "noise": to_builtins(monitor.read_noise()),
        "database": label,
    }
