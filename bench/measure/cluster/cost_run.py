"""Run `cookoff cost --cluster`: time pages on the workers of a Dask scheduler."""

from collections.abc import Sequence
from pathlib import Path

from bench.core.errors import CookoffError
from bench.core.hints import print_error
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.core.words import format_count
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
from bench.results.schema import Results


def build_testbed(ready: Sequence[Environment], paths: Paths, baseline: str) -> Testbed:
    """Return the testbed without a database: each worker uses its own."""
    baseline = resolve_baseline([environment.framework.name for environment in ready], baseline)
    return Testbed(ready, paths, "sqlite://", Path(), baseline)


def measure_cluster_cost(
    address: str, testbed: Testbed, pages: Sequence[Page], budget: SamplingBudget, seed: int
) -> Results:
    """Time the pages on the workers of a scheduler; write and return the part "cost".

    Results of finished tasks are stored until all tasks are finished, so that the same command
    continues an interrupted run. Raise CookoffError when tasks failed, after the results of the
    other tasks are written.
    """
    cache = TaskCache(testbed.paths.ensure_folder("cells"))
    with open_worker_pool(address) as pool, Progress() as progress:
        tasks = build_tasks(testbed, pages, budget, seed, pool.checkout)
        dispatcher = Dispatcher(pool, cache)
        try:
            dispatcher.run(tasks, progress.start_step)
        except BaseException:
            finished = f"{len(dispatcher.result.results)} of {format_count(len(tasks), 'task')}"
            print_error(
                f"interrupted after {finished}; run the same command to continue from there"
            )
            raise
    results = Results()
    cost_merge = CostMerge.from_results(testbed, pages, seed, tasks, dispatcher.result.results)
    if part := cost_merge.build_part():
        results.cost = part
        merge.write_parts(results, testbed.environments, testbed.paths)
        measurement = cost_merge.build_measurement()
        raw_times.write_raw_times(measurement.times, measurement.seed)
    raise_for_failures(dispatcher.result)
    cache.remove(tasks)
    return results


def raise_for_failures(result: DispatchResult) -> None:
    """Print a line for each failed task, then raise CookoffError; return without failed tasks."""
    for name, reason in result.failures.items():
        print_error(f"{name}: {reason}")
    if result.failures:
        failed = format_count(len(result.failures), "task")
        counts = f"{failed} failed; results stored: {len(result.results)}"
        raise CookoffError(f"{counts}; run the same command to repeat the failed tasks")
