"""What does `cookoff cost --cluster` do?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from bench.core.errors import CookoffError
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.frameworks.environments import Environment
from bench.measure.cluster.cost_merge import CostMerge
from bench.measure.cluster.cost_tasks import build_tasks
from bench.measure.cluster.dispatcher import Dispatcher, DispatchResult
from bench.measure.cluster.tasks import TaskCache
from bench.measure.cluster.worker_pool import open_worker_pool
from bench.measure.cost.budget import SamplingBudget
from bench.measure.workload.entries import Testbed
from bench.measure.workload.scenarios import Page
from bench.measure.workload.testbed import resolve_baseline
from bench.results import merge, raw_times


def build_testbed(ready: Sequence[Environment], places: Paths, baseline: str) -> Testbed:
    """Return who takes part; the larders are the workers'."""
    baseline = resolve_baseline([one.framework.name for one in ready], baseline)
    return Testbed(ready, places, "sqlite://", Path(), baseline)


def measure_cluster_cost(
    address: str, ground: Testbed, pages: Sequence[Page], effort: SamplingBudget, seed: int
) -> dict[str, Any]:
    """Time the pages on the workers of a scheduler; write, and return, the part "cost".

    Finished cells are kept until all are: the same command goes on where one was broken off.
    Raises Trouble where cells failed, once the others are written.
    """
    kept = TaskCache(ground.paths.ensure_folder("cells"))
    with open_worker_pool(address) as workers, Progress() as progress:
        todo = build_tasks(ground, pages, effort, seed, workers.checkout)
        sharing = Dispatcher(workers, kept)
        try:
            sharing.run(todo, progress.start_step)
        except BaseException:
            done = f"{len(sharing.result.results)} of {len(todo)} cells are kept"
            click.echo(f"cookoff: broken off; {done}: the same command does the rest", err=True)
            raise
    outcome, told = sharing.result, dict[str, Any]()
    gathered = CostMerge.from_results(ground, pages, seed, todo, outcome.results)
    if found := gathered.build_part():
        told = {"cost": found}
        merge.write_parts(told, ground.environments, ground.paths)
        measurement = gathered.build_measurement()
        raw_times.write_raw_times(measurement.times, measurement.seed)
    raise_for_failures(outcome)
    kept.remove(todo)
    return told


def raise_for_failures(outcome: DispatchResult) -> None:
    """Raise Trouble where cells failed, after a line for each."""
    for name, reason in outcome.failures.items():
        click.echo(f"cookoff: {name}: {reason}", err=True)
    if outcome.failures:
        lost = f"{len(outcome.failures)} cells failed; {len(outcome.results)} are kept"
        raise CookoffError(f"{lost}: the same command tries the failed ones again")
