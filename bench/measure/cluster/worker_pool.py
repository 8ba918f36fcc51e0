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

from bench.core.errors import Missing, Misuse, Trouble, one_line
from bench.measure.cluster import task_runner
from bench.measure.cluster.checkout import Checkout, checkout

CONNECT_SECONDS = 30
WORKER = ".venv/bin/dask worker {} --nthreads 1 --resources bench=1"
SCHEDULER = ".venv/bin/dask scheduler --host 127.0.0.1 --dashboard-address 127.0.0.1:8787"


@dataclass
class Crew:
    """The workers that may have cells, and how the scheduler is told which they are."""

    client: Client
    address: str
    checkout: Checkout
    machines: dict[str, str] = field(default_factory=dict)  # of each worker, when it was admitted

    def admit(self) -> None:
        """Look at every worker; refuse those that do not fit, by name.

        Raises Missing where none is left.
        """
        offered = [one for one, has in self.offers().items() if has is not None]
        ask = partial(self.client.run, task_runner.facts, self.checkout, on_error="return")
        for worker, facts in (ask(workers=offered) if offered else {}).items():
            if isinstance(facts, Exception):
                self.refuse(worker, f"it does not run this project: {one_line(facts)}")
            elif facts["unfit"]:
                self.refuse(worker, facts["unfit"])
            else:
                self.offer(worker, 1)
                self.machines[worker] = facts["machine"]
        if not self.machines:
            raise Missing(f"no worker fits; {self.how_to_start()}")

    def refuse(self, worker: str, reason: str) -> None:
        """Give a worker no more cells, and say why."""
        click.echo(f"cookoff: worker {worker} is refused: {reason}", err=True)
        self.machines.pop(worker, None)
        self.offer(worker, 0)

    def offer(self, worker: str, quantity: int) -> None:
        """Set how many cells at once the scheduler may give a worker."""
        told = {task_runner.RESOURCE: quantity}
        if worker in self.offers() and (scheduler := self.client.scheduler):
            self.client.sync(scheduler.set_resources, worker=worker, resources=told)

    def offers(self) -> dict[str, float | None]:
        """Return how many cells at once each worker offers, None where it never offered any."""
        workers = self.client.scheduler_info()["workers"]
        return {one: facts["resources"].get(task_runner.RESOURCE) for one, facts in workers.items()}

    def fit(self) -> list[str]:
        """Return the addresses of the workers that may have cells."""
        return [one for one, has in self.offers().items() if has]

    def require_scheduler(self) -> None:
        """Raise Trouble where the scheduler is gone."""
        if self.client.status != "running":
            raise self.gone()

    def gone(self) -> Trouble:
        """Return what to raise where the scheduler is gone."""
        return Trouble(f"the scheduler at {self.address} is gone")

    def how_to_start(self) -> str:
        """Return what makes one more worker."""
        return f"start one from a checkout of this commit: {WORKER.format(self.address)}"


@contextmanager
def crew(address: str) -> Iterator[Crew]:
    """Give the workers behind a scheduler's address.

    Raises Misuse for what is no address, Missing where no scheduler answers or no worker fits.
    """
    # What it has to say of lost workers and connections, this command says in its own words.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        # Dask would try a closed port again and again.
        socket.create_connection(parts_of(address), CONNECT_SECONDS).close()
        client = Client(address, timeout=CONNECT_SECONDS)
    except OSError as error:
        raise Missing(f"no scheduler answers at {address}; start one: {SCHEDULER}") from error
    with client:
        found = Crew(client, address, checkout())
        found.admit()
        yield found


def parts_of(address: str) -> tuple[str, int]:
    """Return host and port of a scheduler's address; raise Misuse for what is none."""
    with suppress(ValueError):  # a port that is no number
        parts = urlsplit(address)
        if parts.scheme in ("tcp", "tls") and parts.hostname and parts.port:
            return parts.hostname, parts.port
    raise Misuse(f"{address!r} is no scheduler's address, such as tcp://127.0.0.1:8786")
