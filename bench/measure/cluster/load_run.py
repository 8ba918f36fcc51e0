"""What does `cookoff load --cluster` do?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click

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


@dataclass(frozen=True)
class LoadSettings:
    """The load that is asked for."""

    page: Page
    rate: float | None
    share: float | None
    rounds: int
    seconds: float


def measure_cluster_load(
    address: str,
    ready: Sequence[Environment],
    places: Paths,
    baseline: str,
    wanted: LoadSettings,
    host: str,
) -> dict[str, Any]:
    """Put the sites on this machine under a load from all workers; return the part "load_open".

    To it comes "cluster": the host that the load went to, and how many workers and which machines
    sent it. Finished rounds are kept until all are.
    """
    with open_worker_pool(address) as workers, Progress() as progress:
        require_reachable(workers, host)
        shards = ClusterSource(workers, TaskCache(places.ensure_folder("cells")))
        try:
            with (
                isolated_database("load") as database,
                fresh_testbed(ready, places, baseline, database) as ground,
            ):
                load = (wanted.rate, wanted.share, wanted.rounds, wanted.seconds)
                part = open_loop.measure(ground, wanted.page, *load, progress, shards, host)
        except BaseException:
            kept = "finished rounds are kept: the same command does the rest"
            click.echo(f"cookoff: broken off; {kept}", err=True)
            raise
        shards.cache.remove(shards.round_tasks)
    return {"load_open": {**part, "cluster": shards.describe_origin(host)}}
