"""Define where a load at a fixed rate comes from: this process, or any other source."""

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
        """Return the bytes of the request."""
        assert isinstance(self.page.request, Request)
        host, port = self.target.address
        path = self.page.request.target
        return f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()


class RoundFailedError(CookoffError):
    """A round without a result; other rounds may still succeed."""


class LoadSource(Protocol):
    """A sender of load."""

    def capacity_rps(self, log: Path) -> float:
        """Return how many requests a second the source can send at most."""

    def run(self, load_round: LoadRound) -> LoadResult:
        """Send the requests of a round, and return their result.

        Raise RoundFailedError when this round has no result, and another CookoffError when no
        round can have one.
        """


class LocalSource:
    """The harness process as the sender."""

    def capacity_rps(self, log: Path) -> float:
        """Return the generator's capacity, and keep this process off the servers' core from now."""
        pin_load()
        return capacity_rps(log)

    def run(self, load_round: LoadRound) -> LoadResult:
        """Send the whole load."""
        due_times = schedule(load_round.rate, load_round.seconds, seed=load_round.number)
        return LoadGenerator(load_round.target.address, load_round.request, due_times).run()
