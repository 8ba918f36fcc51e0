"""Select the workers of one Dask scheduler that run the same checkout as this command."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

from distributed import Client

from bench.core.errors import CookoffError, DependencyError, UsageError, collapse_whitespace
from bench.core.hints import print_error
from bench.measure.cluster import task_runner
from bench.measure.cluster.checkout import Checkout, describe_checkout

CONNECT_TIMEOUT_SECONDS = 30
WORKER_COMMAND = ".venv/bin/dask worker {} --nthreads 1 --resources bench=1"
SCHEDULER_COMMAND = ".venv/bin/dask scheduler --host 127.0.0.1 --dashboard-address 127.0.0.1:8787"


@dataclass
class WorkerPool:
    """The workers that may run tasks, as set in the scheduler."""

    client: Client
    address: str
    checkout: Checkout
    machine_by_worker: dict[str, str] = field(default_factory=dict)  # of each admitted worker

    def admit_workers(self) -> None:
        """Check every worker, and reject by name each worker that cannot run the tasks.

        Raise DependencyError when no worker is left.
        """
        offered = [
            worker for worker, capacity in self.read_capacities().items() if capacity is not None
        ]
        describe = partial(
            self.client.run, task_runner.describe_worker, self.checkout, on_error="return"
        )
        for worker, facts in (describe(workers=offered) if offered else {}).items():
            if isinstance(facts, Exception):
                reason = f"the worker does not run this project: {collapse_whitespace(facts)}"
                self.reject_worker(worker, reason)
            elif facts["unfit"]:
                self.reject_worker(worker, facts["unfit"])
            else:
                self.set_capacity(worker, 1)
                self.machine_by_worker[worker] = facts["machine"]
        if not self.machine_by_worker:
            raise DependencyError(f"no usable worker; {self.format_start_hint()}")

    def reject_worker(self, worker: str, reason: str) -> None:
        """Give a worker no more tasks, and print the reason."""
        print_error(f"worker {worker} rejected: {reason}")
        self.machine_by_worker.pop(worker, None)
        self.set_capacity(worker, 0)

    def set_capacity(self, worker: str, quantity: int) -> None:
        """Set how many tasks at once the scheduler may give a worker."""
        resources = {task_runner.RESOURCE: quantity}
        if worker in self.read_capacities() and (scheduler := self.client.scheduler):
            self.client.sync(scheduler.set_resources, worker=worker, resources=resources)

    def read_capacities(self) -> dict[str, float | None]:
        """Return how many tasks at once each worker takes, None without the resource."""
        workers = self.client.scheduler_info()["workers"]
        return {
            worker: facts["resources"].get(task_runner.RESOURCE)
            for worker, facts in workers.items()
        }

    def list_usable_workers(self) -> list[str]:
        """Return the addresses of the workers that may run tasks."""
        return [worker for worker, capacity in self.read_capacities().items() if capacity]

    def require_scheduler(self) -> None:
        """Raise CookoffError when the scheduler is lost."""
        if self.client.status != "running":
            raise self.build_lost_error()

    def build_lost_error(self) -> CookoffError:
        """Return the error to raise when the scheduler is lost."""
        return CookoffError(
            f"lost the scheduler at {self.address}; start a scheduler: {SCHEDULER_COMMAND}"
        )

    def format_start_hint(self) -> str:
        """Return how to start one more worker."""
        return (
            f"start a worker from a checkout of this commit: {WORKER_COMMAND.format(self.address)}"
        )


@contextmanager
def open_worker_pool(address: str) -> Iterator[WorkerPool]:
    """Connect to a scheduler, and yield the pool of its usable workers.

    Raise UsageError for an invalid address, and DependencyError when no scheduler answers or no
    worker is usable.
    """
    # This command prints its own messages about lost workers and connections.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        # Dask would retry a closed port for a long time.
        socket.create_connection(parse_address(address), CONNECT_TIMEOUT_SECONDS).close()
        client = Client(address, timeout=CONNECT_TIMEOUT_SECONDS)
    except OSError as error:
        raise DependencyError(
            f"no scheduler answers at {address}; start a scheduler: {SCHEDULER_COMMAND}"
        ) from error
    with client:
        pool = WorkerPool(client, address, describe_checkout())
        pool.admit_workers()
        yield pool


def parse_address(address: str) -> tuple[str, int]:
    """Return host and port of a scheduler's address; raise UsageError for an invalid address."""
    with suppress(ValueError):  # the port is not a number
        parts = urlsplit(address)
        if parts.scheme in ("tcp", "tls") and parts.hostname and parts.port:
            return parts.hostname, parts.port
    raise UsageError(f"{address!r} is not a scheduler's address such as tcp://127.0.0.1:8786")
