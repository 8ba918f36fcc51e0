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

from bench.core.errors import CookoffError, collapse_whitespace
from bench.measure.cluster import task_runner
from bench.measure.cluster.tasks import Task, TaskCache, TaskResult
from bench.measure.cluster.worker_pool import WorkerPool

POLL_SECONDS = 1.0  # at the workers, while no cell ends
WORKER_WAIT_SECONDS = 60.0  # without any worker: a nanny may start a dead one again
SCHEDULER_LOST_ERRORS = (
    CancelledError,
    asyncio.CancelledError,
)  # what waits for a scheduler that is gone gets
ProgressCallback = Callable[[str], None]


@dataclass
class DispatchResult:
    """What came of some cells: results by key, and why others have none, by name."""

    results: dict[str, TaskResult] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


@dataclass
class Dispatcher:
    """Some cells on their way through the workers; a cell that fails stops no other."""

    pool: WorkerPool
    cache: TaskCache | None = None
    result: DispatchResult = field(default_factory=DispatchResult)
    pending: dict["Future[Any]", Task] = field(default_factory=dict)

    def run(
        self, cells: Sequence[Task], on_progress: ProgressCallback = lambda what: None
    ) -> DispatchResult:
        """Have all cells done that are not kept already, and return what came of all.

        Raises Trouble where the scheduler, or every worker, is gone for good; what was finished
        is kept then, too.
        """
        for cell in cells:
            if self.cache and (done := self.cache.get(cell)):
                self.result.results[cell.key] = done
            else:
                self.submit(cell)
        try:
            while self.pending:
                on_progress(f"{len(self.result.results)} of {len(cells)} cells finished")
                for future in self.wait_for_finished():
                    self.collect(future, self.pending.pop(future))
        finally:
            for future in self.pending:
                future.cancel()
        return self.result

    def submit(self, cell: Task) -> None:
        """Hand a cell to the scheduler."""
        future = self.pool.client.submit(
            task_runner.run_task,
            cell.as_dict(),
            key=f"{cell.name}-{uuid4().hex}",
            resources={task_runner.RESOURCE: 1},
        )
        self.pending[future] = cell

    def wait_for_finished(self) -> Sequence["Future[Any]"]:
        """Return the futures that have ended, as soon as one has."""
        seen = time.monotonic()
        while time.monotonic() - seen < WORKER_WAIT_SECONDS:
            try:
                return list(wait(list(self.pending), POLL_SECONDS, "FIRST_COMPLETED").done)
            except TimeoutError:
                self.pool.require_scheduler()
            except SCHEDULER_LOST_ERRORS as error:
                raise self.pool.build_lost_error() from error
            if self.pool.list_usable_workers():
                seen = time.monotonic()
        raise CookoffError(f"no worker is left; {self.pool.format_start_hint()}")

    def collect(self, future: "Future[Any]", cell: Task) -> None:
        """Keep what a worker found, or why it found nothing, or have another one do it."""
        try:
            found = future.result()
        except task_runner.WorkerRejectedError as error:
            self.pool.reject_worker(error.worker, error.reason)
            self.submit(cell)
        except KilledWorker as error:
            self.result.failures[cell.name] = describe_lost_workers(error.allowed_failures + 1)
        except SCHEDULER_LOST_ERRORS as error:
            raise self.pool.build_lost_error() from error
        except Exception as error:  # noqa: BLE001  # whatever a cell raises is its failure
            self.result.failures[cell.name] = describe_error(error)
        else:
            self.result.results[cell.key] = found
            if self.cache:
                self.cache.save(cell, found)


def describe_error(error: Exception) -> str:
    """Return an error in one line; a Trouble says all by itself."""
    words = collapse_whitespace(error)
    return words if isinstance(error, CookoffError) else f"{type(error).__name__}: {words}"


def describe_lost_workers(workers: int) -> str:
    """Return why a cell is given up after so many workers."""
    who = "1 worker died while it" if workers == 1 else f"{workers} workers died while they"
    return f"{who} had it; see what they wrote, and start new ones"
