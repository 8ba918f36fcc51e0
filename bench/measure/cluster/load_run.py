"""Run `cookoff load --cluster`: put the sites on this machine under a load from all workers."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.core.hints import print_error
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.frameworks.environments import Environment
from bench.measure.cluster.load_tasks import ClusterSource, require_reachable
from bench.measure.cluster.postgres_schema import isolated_database
from bench.measure.cluster.tasks import TaskCache
from bench.measure.cluster.worker_pool import open_worker_pool
from bench.measure.load import open_loop
from bench.measure.workload.scenarios import Page
from bench.measure.workload.testbed import fresh_testbed
from bench.results.schema import OpenLoad


@dataclass(frozen=True)
class LoadSettings:
    """The load that the command line describes."""

    page: Page
    rate: float | None
    peak_fraction: float | None
    rounds: int
    seconds: float


def measure_cluster_load(
    address: str,
    ready: Sequence[Environment],
    paths: Paths,
    baseline: str,
    settings: LoadSettings,
    host: str,
) -> OpenLoad:
    """Put the sites on this machine under a load from all workers; return the part "open_loop".

    The key "cluster" is added to the part: the host that received the load, and the number of
    workers and the machines that sent the load. Finished rounds are stored until all rounds are
    finished.
    """
    with open_worker_pool(address) as pool, Progress() as progress:
        require_reachable(pool, host)
        source = ClusterSource(pool, TaskCache(paths.ensure_folder("cells")))
        try:
            with (
                isolated_database("load") as database_url,
                fresh_testbed(ready, paths, baseline, database_url) as testbed,
            ):
                load = (settings.rate, settings.peak_fraction, settings.rounds, settings.seconds)
                part = open_loop.measure(testbed, settings.page, *load, progress, source, host)
        except BaseException:
            state = "finished rounds are stored; run the same command to continue"
            print_error(f"interrupted; {state}")
            raise
        source.cache.remove(source.round_tasks)
    part.cluster = source.describe_origin(host)
    return part
