"""Distribute tasks over the workers of a pool, without losing results.

Dask's scheduler gives each worker one task at a time, and gives the task of a dead worker to
another worker. The result of a finished task is written to disk at once.
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
from bench.core.words import format_count
from bench.measure.cluster import task_runner
from bench.measure.cluster.tasks import Task, TaskCache, TaskResult
from bench.measure.cluster.worker_pool import WorkerPool

POLL_SECONDS = 1.0  # how often the workers are checked while no task ends
WORKER_WAIT_SECONDS = 60.0  # without any worker; a Dask nanny may restart a dead worker
# What a call raises that waits for a lost scheduler.
SCHEDULER_LOST_ERRORS = (CancelledError, asyncio.CancelledError)
ProgressCallback = Callable[[str], None]


@dataclass
class DispatchResult:
    """The results of finished tasks by key, and the reasons of failed tasks by name."""

    results: dict[str, TaskResult] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


@dataclass
class Dispatcher:
    """A run of tasks on the workers of a pool; a task that fails does not stop the others."""

    pool: WorkerPool
    cache: TaskCache | None = None
    result: DispatchResult = field(default_factory=DispatchResult)
    pending: dict["Future[Any]", Task] = field(default_factory=dict)

    def run(
        self, tasks: Sequence[Task], on_progress: ProgressCallback = lambda what: None
    ) -> DispatchResult:
        """Run all tasks whose results are not in the cache, and return the results of all tasks.

        Raise CookoffError when the scheduler, or every worker, is lost; finished results stay in
        the cache.
        """
        for task in tasks:
            if self.cache and (cached := self.cache.get(task)):
                self.result.results[task.key] = cached
            else:
                self.submit(task)
        try:
            while self.pending:
                on_progress(
                    f"{len(self.result.results)} of {format_count(len(tasks), 'task')} finished"
                )
                for future in self.wait_for_finished():
                    self.collect(future, self.pending.pop(future))
        finally:
            for future in self.pending:
                future.cancel()
        return self.result

    def submit(self, task: Task) -> None:
        """Send a task to the scheduler."""
        future = self.pool.client.submit(
            task_runner.run_task,
            task.as_dict(),
            key=f"{task.name}-{uuid4().hex}",
            resources={task_runner.RESOURCE: 1},
        )
        self.pending[future] = task

    def wait_for_finished(self) -> Sequence["Future[Any]"]:
        """Wait until at least one future has ended, and return the futures that have ended."""
        last_seen = time.monotonic()
        while time.monotonic() - last_seen < WORKER_WAIT_SECONDS:
            try:
                return list(wait(list(self.pending), POLL_SECONDS, "FIRST_COMPLETED").done)
            except TimeoutError:
                self.pool.require_scheduler()
            except SCHEDULER_LOST_ERRORS as error:
                raise self.pool.build_lost_error() from error
            if self.pool.list_usable_workers():
                last_seen = time.monotonic()
        raise CookoffError(f"no worker is left; {self.pool.format_start_hint()}")

    def collect(self, future: "Future[Any]", task: Task) -> None:
        """Record the result or the failure of a task, or submit it again for another worker."""
        try:
            result = future.result()
        except task_runner.WorkerRejectedError as error:
            self.pool.reject_worker(error.worker, error.reason)
            self.submit(task)
        except KilledWorker as error:
            self.result.failures[task.name] = describe_lost_workers(error.allowed_failures + 1)
        except SCHEDULER_LOST_ERRORS as error:
            raise self.pool.build_lost_error() from error
        except Exception as error:  # noqa: BLE001  # whatever a task raises is its failure
            self.result.failures[task.name] = describe_error(error)
        else:
            self.result.results[task.key] = result
            if self.cache:
                self.cache.save(task, result)


def describe_error(error: Exception) -> str:
    """Return an error in one line, with its type unless the error is a CookoffError."""
    message = collapse_whitespace(error)
    return message if isinstance(error, CookoffError) else f"{type(error).__name__}: {message}"


def describe_lost_workers(workers: int) -> str:
    """Return why a task failed after this number of workers died."""
    subject = format_count(workers, "worker")
    return f"{subject} died during this task; read the workers' output, then start new workers"
