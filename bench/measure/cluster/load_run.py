"""What does `cookoff load --cluster` do?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click

from bench.core.paths import Places
from bench.core.progress import Progress
from bench.frameworks.environments import Environment
from bench.measure.cluster.load_tasks import Shards, require_reach
from bench.measure.cluster.postgres_schema import own_database
from bench.measure.cluster.tasks import Kept
from bench.measure.cluster.worker_pool import crew
from bench.measure.load import open_loop
from bench.measure.workload.scenarios import Page
from bench.measure.workload.testbed import fresh_ground


@dataclass(frozen=True)
class Wanted:
    """The load that is asked for."""

    page: Page
    rate: float | None
    share: float | None
    rounds: int
    seconds: float


def sent(
    address: str,
    ready: Sequence[Environment],
    places: Places,
    baseline: str,
    wanted: Wanted,
    host: str,
) -> dict[str, Any]:
    """Put the sites on this machine under a load from all workers; return the part "load_open".

    To it comes "cluster": the host that the load went to, and how many workers and which machines
    sent it. Finished rounds are kept until all are.
    """
    with crew(address) as workers, Progress() as progress:
        require_reach(workers, host)
        shards = Shards(workers, Kept(places.folder("cells")))
        try:
            with (
                own_database("load") as database,
                fresh_ground(ready, places, baseline, database) as ground,
            ):
                load = (wanted.rate, wanted.share, wanted.rounds, wanted.seconds)
                part = open_loop.measure(ground, wanted.page, *load, progress, shards, host)
        except BaseException:
            kept = "finished rounds are kept: the same command does the rest"
            click.echo(f"cookoff: broken off; {kept}", err=True)
            raise
        shards.kept.forget(shards.rounds)
    return {"load_open": {**part, "cluster": shards.as_dict(host)}}
