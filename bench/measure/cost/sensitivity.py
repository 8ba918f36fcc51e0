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
from bench.measure.cost.adaptive_run import AdaptiveRun
from bench.measure.cost.budget import SamplingBudget
from bench.measure.cost.interleaved_timing import Measurement
from bench.measure.cost.summary import compute_aa_differences, compute_noise_floors
from bench.measure.workload.entries import Testbed
from bench.measure.workload.scenarios import Page
from bench.results import merge
from bench.results.schema import REPEAT_SUFFIX, SLOWED_SUFFIX
from bench.stats.intervals import MIN_EFFECT, Interval
from bench.stats.pairwise import LaunchTimes, compare_launches, estimate_prior

DECISIONS_PER_ERROR = 20  # one repetition in so many may be missed, and one may be a false alarm
DEFAULT_REPETITIONS = 5


@dataclass
class DetectionCounts:
    """What was made of a framework's copies on a page, repetition by repetition."""

    told: int = 0
    false_alarms: int = 0
    added_percent: list[float] = field(default_factory=list)
    twins_percent: list[float] = field(default_factory=list)

    def add_repetition(self, slowed: Interval, again: Interval, least: float) -> None:
        """Take down one repetition; least is the ratio up to which nothing is claimed."""
        self.told += slowed.classify(least) == "slower"
        self.false_alarms += again.classify(least) != "no difference shown"
        self.added_percent.append(ratio_to_percent(slowed))
        self.twins_percent.append(ratio_to_percent(again))


@dataclass
class SensitivityRun:
    """Planted differences under test, repetition by repetition."""

    testbed: Testbed
    pages: Sequence[Page]
    budget: SamplingBudget
    slowdown_percent: float
    seed: int = 1
    detection_counts: dict[tuple[str, str], DetectionCounts] = field(
        default_factory=dict
    )  # by page and name
    noise_floors: list[float] = field(default_factory=list)

    def run(self, progress: Progress, repetitions: int) -> dict[str, Any]:
        """Repeat a whole measurement; return the part. On Ctrl-C write that of what is finished."""
        began, ground = (
            time.monotonic(),
            replace(self.testbed, slowdown_percent=self.slowdown_percent),
        )
        whole = replace(self.budget, budget_seconds=math.inf, more_if_noisy=False)
        try:
            for number in range(repetitions):
                run = AdaptiveRun(ground, self.pages, whole, self.seed + number)
                run.run(progress, f"repetition {number + 1} of {repetitions}, ")
                self.record_repetition(run.measurement)
        except BaseException:
            if done := len(self.noise_floors):
                finished_part = {"planted": self.build_part(time.monotonic() - began)}
                merge.write_parts(finished_part, ground.environments, ground.paths)
            progress.print_note(f"cookoff: broken off; kept: {done} repetitions")
            raise
        return {"planted": self.build_part(time.monotonic() - began)}

    def record_repetition(self, measurement: Measurement) -> None:
        """Decide on everyone's copies, as any measurement would."""
        apart = compute_aa_differences(measurement)
        self.noise_floors.append(round(max(apart.values()), 4))
        for page, least in compute_noise_floors(apart).items():
            times = measurement.times[page]
            for environment in self.testbed.environments:
                name = environment.framework.name
                if {name, name + REPEAT_SUFFIX, name + SLOWED_SUFFIX} <= set(times):
                    tally = self.detection_counts.setdefault((page, name), DetectionCounts())
                    tally.add_repetition(*compare_copies(times, name), max(least, MIN_EFFECT))

    def build_part(self, seconds: float) -> dict[str, Any]:
        """Return the part of results.json."""
        pages: dict[str, Any] = {page.name: {} for page in self.pages}
        for (page, name), tally in self.detection_counts.items():
            pages[page][name] = vars(tally)
        return {
            "percent": self.slowdown_percent,
            "repetitions": len(self.noise_floors),
            "seconds": round(seconds),
            "noise_floors": self.noise_floors,
            "pages": pages,
        }


def compare_copies(times: Mapping[str, LaunchTimes], name: str) -> tuple[Interval, Interval]:
    """Return how much longer a framework's slowed copy takes than it, and its other copy."""
    scatter = estimate_prior(times)
    slowed, again = (
        compare_launches(times[name + copy], times[name], scatter)
        for copy in (SLOWED_SUFFIX, REPEAT_SUFFIX)
    )
    return slowed, again


def ratio_to_percent(interval: Interval) -> float:
    """Return a ratio as a difference in percent."""
    return round(100 * (interval.ratio - 1), 2)


def is_reliable(part: Mapping[str, Any]) -> bool:
    """Tell whether nearly all planted differences were told, and nearly no others."""
    of = part["repetitions"]
    found = [one for by_name in part["pages"].values() for one in by_name.values()]
    decisions: int = of * len(found)
    missed: int = decisions - sum(one["told"] for one in found)
    alarms: int = sum(one["false_alarms"] for one in found)
    return max(missed, alarms) <= decisions / DECISIONS_PER_ERROR
