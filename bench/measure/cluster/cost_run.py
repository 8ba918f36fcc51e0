"""What does `cookoff cost --cluster` do?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from bench.core.errors import Trouble
from bench.core.paths import Places
from bench.core.progress import Progress
from bench.frameworks.environments import Environment
from bench.measure.cluster.cost_merge import Gathered
from bench.measure.cluster.cost_tasks import cells
from bench.measure.cluster.dispatcher import Outcome, Sharing
from bench.measure.cluster.tasks import Kept
from bench.measure.cluster.worker_pool import crew
from bench.measure.cost.budget import Effort
from bench.measure.workload.entries import Ground
from bench.measure.workload.scenarios import Page
from bench.measure.workload.testbed import baseline_among
from bench.results import merge, raw_times


def ground_of(ready: Sequence[Environment], places: Places, baseline: str) -> Ground:
    """Return who takes part; the larders are the workers'."""
    baseline = baseline_among([one.framework.name for one in ready], baseline)
    return Ground(ready, places, "sqlite://", Path(), baseline)


def timed(
    address: str, ground: Ground, pages: Sequence[Page], effort: Effort, seed: int
) -> dict[str, Any]:
    """Time the pages on the workers of a scheduler; write, and return, the part "cost".

    Finished cells are kept until all are: the same command goes on where one was broken off.
    Raises Trouble where cells failed, once the others are written.
    """
    kept = Kept(ground.places.folder("cells"))
    with crew(address) as workers, Progress() as progress:
        todo = cells(ground, pages, effort, seed, workers.checkout)
        sharing = Sharing(workers, kept)
        try:
            sharing.run(todo, progress.step)
        except BaseException:
            done = f"{len(sharing.outcome.results)} of {len(todo)} cells are kept"
            click.echo(f"cookoff: broken off; {done}: the same command does the rest", err=True)
            raise
    outcome, told = sharing.outcome, dict[str, Any]()
    gathered = Gathered.of(ground, pages, seed, todo, outcome.results)
    if found := gathered.summary():
        told = {"cost": found}
        merge.write(told, ground.environments, ground.places)
        measurement = gathered.measurement()
        raw_times.write(measurement.times, measurement.seed)
    require_all(outcome)
    kept.forget(todo)
    return told


def require_all(outcome: Outcome) -> None:
    """Raise Trouble where cells failed, after a line for each."""
    for name, reason in outcome.failed.items():
        click.echo(f"cookoff: {name}: {reason}", err=True)
    if outcome.failed:
        lost = f"{len(outcome.failed)} cells failed; {len(outcome.results)} are kept"
        raise Trouble(f"{lost}: the same command tries the failed ones again")
