"""Would a difference be told, on this machine, and is none told where there is none?

Each framework enters three times: as it is, once more ("again"), and slowed on purpose. Every
repetition has the launches that such a run wants, no more and no fewer, and as many cycles as one
has whose time is not short. The part "planted":

    {"percent", "repetitions", "seconds",       of all of them
     "noise_floors": [one for each repetition],
     "pages": {page: {name: {
        "told",                     repetitions in which the slowed copy was called slower
        "false_alarms",             in which the other copy was called slower or faster
        "added_percent": [...],     what the slowed copy came out at
        "twins_percent": [...]}}}}  what the other copy came out at
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bench.core.progress import Progress
from bench.measure.cost.adaptive_run import Run
from bench.measure.cost.budget import Effort
from bench.measure.cost.interleaved_timing import Measurement
from bench.measure.cost.summary import floors, twins_apart
from bench.measure.workload.entries import Ground
from bench.measure.workload.scenarios import Page
from bench.results import merge
from bench.results.schema import AGAIN, SLOWED
from bench.stats.intervals import LEAST_RATIO, Interval
from bench.stats.pairwise import Launches, compared, scatter_of

MOST_MISSED = 20  # one repetition in so many may be missed, and one may be a false alarm
REPETITIONS = 5


@dataclass
class Tally:
    """What was made of a framework's copies on a page, repetition by repetition."""

    told: int = 0
    false_alarms: int = 0
    added_percent: list[float] = field(default_factory=list)
    twins_percent: list[float] = field(default_factory=list)

    def add(self, slowed: Interval, again: Interval, least: float) -> None:
        """Take down one repetition; least is the ratio up to which nothing is claimed."""
        self.told += slowed.verdict(least) == "slower"
        self.false_alarms += again.verdict(least) != "no difference shown"
        self.added_percent.append(percent(slowed))
        self.twins_percent.append(percent(again))


@dataclass
class Planted:
    """Planted differences under test, repetition by repetition."""

    ground: Ground
    pages: Sequence[Page]
    effort: Effort
    percent: float
    seed: int = 1
    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)  # by page and name
    noise_floors: list[float] = field(default_factory=list)

    def go(self, progress: Progress, repetitions: int) -> dict[str, Any]:
        """Repeat a whole measurement; return the part. On Ctrl-C write that of what is finished."""
        began, ground = time.monotonic(), replace(self.ground, planted_percent=self.percent)
        whole = replace(self.effort, budget_seconds=math.inf, more_if_noisy=False)
        try:
            for number in range(repetitions):
                run = Run(ground, self.pages, whole, self.seed + number)
                run.go(progress, f"repetition {number + 1} of {repetitions}, ")
                self.take(run.measurement)
        except BaseException:
            if done := len(self.noise_floors):
                part = {"planted": self.part(time.monotonic() - began)}
                merge.write(part, ground.environments, ground.places)
            progress.note(f"cookoff: broken off; kept: {done} repetitions")
            raise
        return {"planted": self.part(time.monotonic() - began)}

    def take(self, measurement: Measurement) -> None:
        """Decide on everyone's copies, as any measurement would."""
        apart = twins_apart(measurement)
        self.noise_floors.append(round(max(apart.values()), 4))
        for page, least in floors(apart).items():
            times = measurement.times[page]
            for environment in self.ground.environments:
                name = environment.framework.name
                if {name, name + AGAIN, name + SLOWED} <= set(times):
                    tally = self.tallies.setdefault((page, name), Tally())
                    tally.add(*copies(times, name), max(least, LEAST_RATIO))

    def part(self, seconds: float) -> dict[str, Any]:
        """Return the part of results.json."""
        pages: dict[str, Any] = {page.name: {} for page in self.pages}
        for (page, name), tally in self.tallies.items():
            pages[page][name] = vars(tally)
        return {
            "percent": self.percent,
            "repetitions": len(self.noise_floors),
            "seconds": round(seconds),
            "noise_floors": self.noise_floors,
            "pages": pages,
        }


def copies(times: Mapping[str, Launches], name: str) -> tuple[Interval, Interval]:
    """Return how much longer a framework's slowed copy takes than it, and its other copy."""
    scatter = scatter_of(times)
    slowed, again = (compared(times[name + copy], times[name], scatter) for copy in (SLOWED, AGAIN))
    return slowed, again


def percent(interval: Interval) -> float:
    """Return a ratio as a difference in percent."""
    return round(100 * (interval.ratio - 1), 2)


def holds(part: Mapping[str, Any]) -> bool:
    """Tell whether nearly all planted differences were told, and nearly no others."""
    of = part["repetitions"]
    found = [one for by_name in part["pages"].values() for one in by_name.values()]
    decisions: int = of * len(found)
    missed: int = decisions - sum(one["told"] for one in found)
    alarms: int = sum(one["false_alarms"] for one in found)
    return max(missed, alarms) <= decisions / MOST_MISSED
