"""Test whether a run detects a known slowdown on this machine, and raises no false alarm.

Each framework enters three times: under its name, as an unchanged copy ("again"), and as a copy
that is slowed on purpose. Every repetition has exactly the launches that the budget wants, and as
many cycles as a launch without a time limit. The part "sensitivity":

    {"slowdown_percent", "repetitions", "duration_seconds",     of all repetitions
     "max_control_ratios": [one for each repetition],
     "pages": {page: {name: {
        "detected",                 repetitions in which the slowed copy was called slower
        "false_alarms",             in which the other copy was called slower or faster
        "slowed_percent": [...],    the measured difference of the slowed copy
        "control_percent": [...]}}}}    the measured difference of the unchanged copy
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bench.core.progress import Progress
from bench.core.words import format_count
from bench.measure.cost.adaptive_run import AdaptiveRun, seconds_since
from bench.measure.cost.budget import SamplingBudget
from bench.measure.cost.interleaved_timing import Measurement
from bench.measure.cost.summary import compute_aa_differences, compute_noise_floors
from bench.measure.workload.entries import Testbed
from bench.measure.workload.scenarios import Page
from bench.results import merge
from bench.results.schema import (
    REPEAT_SUFFIX,
    SLOWED_SUFFIX,
    Detection,
    Results,
    Sensitivity,
)
from bench.stats.intervals import MIN_EFFECT, Interval
from bench.stats.pairwise import LaunchTimes, compare_launches, estimate_prior

DECISIONS_PER_ERROR = 20  # so many decisions allow one missed slowdown and one false alarm
DEFAULT_REPETITIONS = 5


@dataclass
class SensitivityRun:
    """Repetitions of a measurement in which a copy of each framework is slowed by a known share."""

    testbed: Testbed
    pages: Sequence[Page]
    budget: SamplingBudget
    slowdown_percent: float
    seed: int = 1
    # By page and framework.
    detections: dict[tuple[str, str], Detection] = field(default_factory=dict)
    max_control_ratios: list[float] = field(default_factory=list)

    def run(self, progress: Progress, repetitions: int) -> Results:
        """Repeat a whole measurement and return the part "sensitivity".

        An interrupted run writes the part with the finished repetitions to results.json.
        """
        start = time.monotonic()
        testbed = replace(self.testbed, slowdown_percent=self.slowdown_percent)
        budget = replace(self.budget, budget_seconds=math.inf, more_if_noisy=False)
        try:
            for number in range(repetitions):
                run = AdaptiveRun(testbed, self.pages, budget, self.seed + number)
                run.run(progress, f"repetition {number + 1} of {repetitions}, ")
                self.record_repetition(run.measurement)
        except BaseException:
            if finished := len(self.max_control_ratios):
                results = self.build_results(seconds_since(start))
                merge.write_parts(results, testbed.environments, testbed.paths)
            saved = f"{finished} of {format_count(repetitions, 'repetition')}"
            progress.print_note(f"cookoff: interrupted after {saved}; they are stored")
            raise
        return self.build_results(seconds_since(start))

    def record_repetition(self, measurement: Measurement) -> None:
        """Compare the copies of each framework by the rules of an ordinary measurement."""
        differences = compute_aa_differences(measurement)
        self.max_control_ratios.append(round(max(differences.values()), 4))
        for page, floor in compute_noise_floors(differences).items():
            times = measurement.times[page]
            for environment in self.testbed.environments:
                name = environment.framework.name
                if {name, name + REPEAT_SUFFIX, name + SLOWED_SUFFIX} <= set(times):
                    detection = self.detections.setdefault((page, name), Detection(0, 0, [], []))
                    copies = compare_copies(times, name)
                    add_repetition(detection, *copies, max(floor, MIN_EFFECT))

    def build_results(self, seconds: float) -> Results:
        """Return the part "sensitivity"; `seconds` is the duration of all repetitions."""
        pages: dict[str, dict[str, Detection]] = {page.name: {} for page in self.pages}
        for (page, name), detection in self.detections.items():
            pages[page][name] = detection
        return Results(
            sensitivity=Sensitivity(
                slowdown_percent=self.slowdown_percent,
                repetitions=len(self.max_control_ratios),
                duration_seconds=round(seconds),
                max_control_ratios=self.max_control_ratios,
                pages=pages,
            )
        )


def add_repetition(
    detection: Detection, slowed: Interval, unchanged: Interval, min_ratio: float
) -> None:
    """Add one repetition; a ratio up to `min_ratio` is no difference."""
    detection.detected += slowed.classify(min_ratio) == "slower"
    detection.false_alarms += unchanged.classify(min_ratio) != "no difference shown"
    detection.slowed_percent.append(ratio_to_percent(slowed))
    detection.control_percent.append(ratio_to_percent(unchanged))


def compare_copies(times: Mapping[str, LaunchTimes], name: str) -> tuple[Interval, Interval]:
    """Return the ratios of a framework's slowed copy and unchanged copy to the framework."""
    prior = estimate_prior(times)
    slowed, unchanged = (
        compare_launches(times[name + suffix], times[name], prior)
        for suffix in (SLOWED_SUFFIX, REPEAT_SUFFIX)
    )
    return slowed, unchanged


def ratio_to_percent(interval: Interval) -> float:
    """Return an interval's ratio as a difference in percent."""
    return round(100 * (interval.ratio - 1), 2)


def is_reliable(part: Sensitivity) -> bool:
    """Return whether the run detected nearly all slowdowns, with nearly no false alarms.

    At most one decision in DECISIONS_PER_ERROR may be wrong of each kind.
    """
    detections = [each for by_name in part.pages.values() for each in by_name.values()]
    decisions = part.repetitions * len(detections)
    missed = decisions - sum(each.detected for each in detections)
    false_alarms = sum(each.false_alarms for each in detections)
    return max(missed, false_alarms) <= decisions / DECISIONS_PER_ERROR
