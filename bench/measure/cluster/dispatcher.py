"""How is work shared out among workers, and none of it lost?

Dask's scheduler gives each worker one cell at a time, and what a dead worker held to another one.
A finished cell is kept on disk at once.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from distributed import Future, KilledWorker, wait

from bench.core.errors import Trouble, one_line
from bench.measure.cluster import task_runner
from bench.measure.cluster.tasks import Cell, Kept, Result
from bench.measure.cluster.worker_pool import Crew

LOOK_SECONDS = 1.0  # at the workers, while no cell ends
PATIENCE_SECONDS = 60.0  # without any worker: a nanny may start a dead one again
LOST = (CancelledError, asyncio.CancelledError)  # what waits for a scheduler that is gone gets
Told = Callable[[str], None]


@dataclass
class Outcome:
    """What came of some cells: results by key, and why others have none, by name."""

    results: dict[str, Result] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


@dataclass
class Sharing:
    """Some cells on their way through the workers; a cell that fails stops no other."""

    crew: Crew
    kept: Kept | None = None
    outcome: Outcome = field(default_factory=Outcome)
    pending: dict["Future[Any]", Cell] = field(default_factory=dict)

    def run(self, cells: Sequence[Cell], told: Told = lambda what: None) -> Outcome:
        """Have all cells done that are not kept already, and return what came of all.

        Raises Trouble where the scheduler, or every worker, is gone for good; what was finished
        is kept then, too.
        """
        for cell in cells:
            if self.kept and (done := self.kept.get(cell)):
                self.outcome.results[cell.key] = done
            else:
                self.submit(cell)
        try:
            while self.pending:
                told(f"{len(self.outcome.results)} of {len(cells)} cells finished")
                for future in self.ended():
                    self.take(future, self.pending.pop(future))
        finally:
            for future in self.pending:
                future.cancel()
        return self.outcome

    def submit(self, cell: Cell) -> None:
        """Hand a cell to the scheduler."""
        future = self.crew.client.submit(
            task_runner.run,
            cell.as_dict(),
            key=f"{cell.name}-{uuid4().hex}",
            resources={task_runner.RESOURCE: 1},
        )
        self.pending[future] = cell

    def ended(self) -> Sequence["Future[Any]"]:
        """Return the futures that have ended, as soon as one has."""
        seen = time.monotonic()
        while time.monotonic() - seen < PATIENCE_SECONDS:
            try:
                return list(wait(list(self.pending), LOOK_SECONDS, "FIRST_COMPLETED").done)
            except TimeoutError:
                self.crew.require_scheduler()
            except LOST as error:
                raise self.crew.gone() from error
            if self.crew.fit():
                seen = time.monotonic()
        raise Trouble(f"no worker is left; {self.crew.how_to_start()}")

    def take(self, future: "Future[Any]", cell: Cell) -> None:
        """Keep what a worker found, or why it found nothing, or have another one do it."""
        try:
            found = future.result()
        except task_runner.Unfit as error:
            self.crew.refuse(error.worker, error.reason)
            self.submit(cell)
        except KilledWorker as error:
            self.outcome.failed[cell.name] = lost_with(error.allowed_failures + 1)
        except LOST as error:
            raise self.crew.gone() from error
        except Exception as error:  # noqa: BLE001  # whatever a cell raises is its failure
            self.outcome.failed[cell.name] = told_of(error)
        else:
            self.outcome.results[cell.key] = found
            if self.kept:
                self.kept.put(cell, found)


def told_of(error: Exception) -> str:
    """Return an error in one line; a Trouble says all by itself."""
    words = one_line(error)
    return words if isinstance(error, Trouble) else f"{type(error).__name__}: {words}"


def lost_with(workers: int) -> str:
    """Return why a cell is given up after so many workers."""
    who = "1 worker died while it" if workers == 1 else f"{workers} workers died while they"
    return f"{who} had it; see what they wrote, and start new ones"
