"""Where does a load at a fixed rate come from? From this process, or from any other source."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.core.cpu_affinity import pin_load
from bench.core.errors import CookoffError
from bench.measure.load.generator_capacity import capacity_rps
from bench.measure.load.open_loop_generator import LoadGenerator, LoadResult, schedule
from bench.measure.load.targets import Target
from bench.measure.workload.scenarios import Page
from bench.measure.workload.worker import Request


@dataclass(frozen=True)
class LoadRound:
    """One load on one target."""

    target: Target
    page: Page
    rate: float  # requests a second
    seconds: float
    number: int
    attempt: int = 0

    @property
    def request(self) -> bytes:
        """Return the request as it is sent."""
        assert isinstance(self.page.request, Request)
        host, port = self.target.address
        path = self.page.request.target
        return f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()


class RoundFailedError(CookoffError):
    """A round that could not be made; other rounds can."""


class LoadSource(Protocol):
    """Where a load comes from."""

    def capacity_rps(self, log: Path) -> float:
        """Return how many requests a second it can send at most."""

    def run(self, taken: LoadRound) -> LoadResult:
        """Send the requests of a round, and return what came of them.

        Raises RoundFailedError where that is not known, another Trouble where no round can be made.
        """


class LocalSource:
    """The process that asks."""

    def capacity_rps(self, log: Path) -> float:
        """Return the generator's capacity, from here on kept off the servers' core."""
        pin_load()
        return capacity_rps(log)

    def run(self, taken: LoadRound) -> LoadResult:
        """Generate the whole load."""
        moments = schedule(taken.rate, taken.seconds, seed=taken.number)
        return LoadGenerator(taken.target.address, taken.request, moments).run()
