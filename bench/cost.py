"""What does a framework add to a request?

Every framework's application is called in a process of its own, with no server. All processes are
alive at once and take turns in slices of a few milliseconds, in an order that is shuffled every
cycle, so that what the machine does meanwhile hits all alike. A page is timed only after the reply
to it was found right. The baseline enters twice, under two names: what tells the twins apart is
noise, and no difference smaller than that is claimed.
"""

import random
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from bench.environments import Environment
from bench.intervals import LEAST_RATIO, Interval, of_launches
from bench.larders import order_for, settings_for
from bench.places import Places
from bench.troubles import Trouble
from bench.workers import Page, Worker, start

BASELINE = "bare"
TWIN = "the twin of "
SLICE_SECONDS = 0.004
WARM = 2  # requests before each slice that are not timed: another process had the caches
Times = dict[str, dict[str, list[list[float]]]]  # page: name: launch: nanoseconds of each cycle


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    launches: int = 5
    cycles: int = 20


@dataclass(frozen=True)
class Cost:
    """What one framework takes for one page, as against the baseline."""

    microseconds: float
    added_microseconds: float
    interval: Interval

    def as_dict(self, noise: float) -> dict[str, Any]:
        """Return it as results.json has it; noise is the ratio under which nothing is claimed."""
        return {
            "microseconds": round(self.microseconds, 2),
            "added_microseconds": round(self.added_microseconds, 2),
            "ratio": round(self.interval.ratio, 4),
            "low": round(self.interval.low, 4),
            "high": round(self.interval.high, 4),
            "verdict": self.interval.verdict(max(noise, LEAST_RATIO)),
        }


class Measurement:
    """Times of all frameworks on all pages, gathered launch by launch."""

    def __init__(
        self,
        environments: Sequence[Environment],
        pages: Sequence[Page],
        places: Places,
        database: str,
        baseline: str = BASELINE,
        seed: int = 1,
    ):
        self.pages, self.places, self.database, self.seed = pages, places, database, seed
        by_name = {one.framework.name: one for one in environments}
        self.baseline = baseline if baseline in by_name else next(iter(by_name))
        self.twin = TWIN + self.baseline
        self.entries: dict[str, Environment] = {**by_name, self.twin: by_name[self.baseline]}
        self.times: Times = {page.name: {} for page in pages}
        self.failed: dict[str, str] = {}
        self._shuffle = random.Random(seed).shuffle

    def run(self, effort: Effort, told: Callable[[int, int], None]) -> None:
        """Do all launches; `told` hears the launches done and those to do after each."""
        for launch in range(effort.launches):
            self.launch(launch, effort.cycles)
            told(launch + 1, effort.launches)

    def launch(self, number: int, cycles: int) -> None:
        """Start every worker anew, under a hash seed of its own, and time all pages in turns."""
        with ExitStack() as stack:
            workers = self._workers(number, stack)
            turns = [(name, page) for name in workers for page in self.pages]
            for _ in range(cycles):
                self._shuffle(turns)
                for name, page in turns:
                    if name not in self.failed:
                        self._time(workers[name], name, page, number)

    def _workers(self, launch: int, stack: ExitStack) -> dict[str, Worker]:
        workers: dict[str, Worker] = {}
        for name, environment in self.entries.items():
            if name not in self.failed:
                try:
                    workers[name] = self._worker(name, environment, launch, stack)
                except Trouble as error:
                    self.fail(name, error)
        return workers

    def _worker(self, name: str, environment: Environment, launch: int, stack: ExitStack) -> Worker:
        settings = settings_for(environment.title, self.places, self.database)
        order = order_for(environment, settings)
        order = replace(order, environ={"PYTHONHASHSEED": str(1000 * self.seed + launch)})
        worker = start(order, self.places.log(f"worker-{environment.framework.name}"))
        stack.callback(worker.kill)
        for page in self.pages:
            worker.prepare(page)
        return worker

    def _time(self, worker: Worker, name: str, page: Page, launch: int) -> None:
        try:
            nanoseconds = worker.slice(page, SLICE_SECONDS, WARM)
        except Trouble as error:
            self.fail(name, error)
            return
        launches = self.times[page.name].setdefault(name, [])
        while len(launches) <= launch:
            launches.append([])
        launches[launch].append(nanoseconds)

    def fail(self, name: str, error: Trouble) -> None:
        """Leave a framework out from here on, with what it measured, and keep the reason."""
        if self.baseline in (name, name.removeprefix(TWIN)):
            raise error
        self.failed[name] = str(error)
        for times in self.times.values():
            times.pop(name, None)

    def results(self) -> dict[str, dict[str, Cost]]:
        """Return the cost of every page under every framework that did not fail."""
        return {
            page: {name: cost_of(taken, times[self.baseline]) for name, taken in times.items()}
            for page, times in self.times.items()
        }

    def noise(self) -> float:
        """Return the noise floor: how far the twins are apart on the worst page, as a ratio."""
        twins = [costs[self.twin].interval.ratio for costs in self.results().values()]
        return max(max(ratio, 1 / ratio) for ratio in twins)


def cost_of(taken: list[list[float]], baseline: list[list[float]]) -> Cost:
    """Return the cost for nanoseconds by launch and cycle, as against the baseline's."""
    ratios = [
        [mine / base for mine, base in zip(*pair, strict=True)]
        for pair in zip(taken, baseline, strict=True)
    ]
    interval = of_launches(ratios)
    added = middle_of(baseline) * (interval.ratio - 1)
    return Cost(middle_of(taken) / 1000, added / 1000, interval)


def middle_of(launches: Iterable[Iterable[float]]) -> float:
    """Return the median over all slices of all launches."""
    return statistics.median(time for launch in launches for time in launch)


def summary(measurement: Measurement, effort: Effort) -> Mapping[str, Any]:
    """Return everything about a measurement, as results.json has it."""
    noise = measurement.noise()
    return {
        "baseline": measurement.baseline,
        "twin": measurement.twin,
        "launches": effort.launches,
        "cycles": effort.cycles,
        "slice_seconds": SLICE_SECONDS,
        "seed": measurement.seed,
        "noise_floor": round(noise, 4),
        "failed": measurement.failed,
        "pages": {
            page: {name: cost.as_dict(noise) for name, cost in costs.items()}
            for page, costs in measurement.results().items()
        },
    }
