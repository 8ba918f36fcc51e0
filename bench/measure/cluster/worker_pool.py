"""Which workers take part? Those behind one scheduler that run the same state of the project."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

import click
from distributed import Client

from bench.core.errors import CookoffError, DependencyError, UsageError, collapse_whitespace
from bench.measure.cluster import task_runner
from bench.measure.cluster.checkout import Checkout, describe_checkout

CONNECT_TIMEOUT_SECONDS = 30
WORKER_COMMAND = ".venv/bin/dask worker {} --nthreads 1 --resources bench=1"
SCHEDULER_COMMAND = ".venv/bin/dask scheduler --host 127.0.0.1 --dashboard-address 127.0.0.1:8787"


@dataclass
class WorkerPool:
    """The workers that may have cells, and how the scheduler is told which they are."""

    client: Client
    address: str
    checkout: Checkout
    machine_by_worker: dict[str, str] = field(
        default_factory=dict
    )  # of each worker, when it was admitted

    def admit_workers(self) -> None:
        """Look at every worker; refuse those that do not fit, by name.

        Raises Missing where none is left.
        """
        offered = [one for one, has in self.read_capacities().items() if has is not None]
        ask = partial(
            self.client.run, task_runner.describe_worker, self.checkout, on_error="return"
        )
        for worker, facts in (ask(workers=offered) if offered else {}).items():
            if isinstance(facts, Exception):
                self.reject_worker(
                    worker, f"it does not run this project: {collapse_whitespace(facts)}"
                )
            elif facts["unfit"]:
                self.reject_worker(worker, facts["unfit"])
            else:
                self.set_capacity(worker, 1)
                self.machine_by_worker[worker] = facts["machine"]
        if not self.machine_by_worker:
            raise DependencyError(f"no worker fits; {self.format_start_hint()}")

    def reject_worker(self, worker: str, reason: str) -> None:
        """Give a worker no more cells, and say why."""
        click.echo(f"cookoff: worker {worker} is refused: {reason}", err=True)
        self.machine_by_worker.pop(worker, None)
        self.set_capacity(worker, 0)

    def set_capacity(self, worker: str, quantity: int) -> None:
        """Set how many cells at once the scheduler may give a worker."""
        told = {task_runner.RESOURCE: quantity}
        if worker in self.read_capacities() and (scheduler := self.client.scheduler):
            self.client.sync(scheduler.set_resources, worker=worker, resources=told)

    def read_capacities(self) -> dict[str, float | None]:
        """Return how many cells at once each worker offers, None where it never offered any."""
        workers = self.client.scheduler_info()["workers"]
        return {one: facts["resources"].get(task_runner.RESOURCE) for one, facts in workers.items()}

    def list_usable_workers(self) -> list[str]:
        """Return the addresses of the workers that may have cells."""
        return [one for one, has in self.read_capacities().items() if has]

    def require_scheduler(self) -> None:
        """Raise Trouble where the scheduler is gone."""
        if self.client.status != "running":
            raise self.build_lost_error()

    def build_lost_error(self) -> CookoffError:
        """Return what to raise where the scheduler is gone."""
        return CookoffError(f"the scheduler at {self.address} is gone")

    def format_start_hint(self) -> str:
        """Return what makes one more worker."""
        return f"start one from a checkout of this commit: {WORKER_COMMAND.format(self.address)}"


@contextmanager
def open_worker_pool(address: str) -> Iterator[WorkerPool]:
    """Give the workers behind a scheduler's address.

    Raises Misuse for what is no address, Missing where no scheduler answers or no worker fits.
    """
    # What it has to say of lost workers and connections, this command says in its own words.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        # Dask would try a closed port again and again.
        socket.create_connection(parse_address(address), CONNECT_TIMEOUT_SECONDS).close()
        client = Client(address, timeout=CONNECT_TIMEOUT_SECONDS)
    except OSError as error:
        raise DependencyError(
            f"no scheduler answers at {address}; start one: {SCHEDULER_COMMAND}"
        ) from error
    with client:
        found = WorkerPool(client, address, describe_checkout())
        found.admit_workers()
        yield found


def parse_address(address: str) -> tuple[str, int]:
    """Return host and port of a scheduler's address; raise Misuse for what is none."""
    with suppress(ValueError):  # a port that is no number
        parts = urlsplit(address)
        if parts.scheme in ("tcp", "tls") and parts.hostname and parts.port:
            return parts.hostname, parts.port
    raise UsageError(f"{address!r} is no scheduler's address, such as tcp://127.0.0.1:8786")
