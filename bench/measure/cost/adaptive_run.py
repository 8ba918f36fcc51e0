"""Run a timing launch by launch, until the precision suffices or the time budget is spent."""

import time
from collections.abc import Callable, Sequence

from bench.core.progress import Progress, format_time_left
from bench.core.words import format_count
from bench.measure.cost.budget import MAX_AA_DIFFERENCE, SamplingBudget
from bench.measure.cost.interleaved_timing import Measurement
from bench.measure.cost.noise import NoiseMonitor
from bench.measure.cost.summary import (
    compute_aa_differences,
    compute_noise_floors,
    select_ranked,
    summarize_measurement,
)
from bench.measure.workload.entries import Testbed
from bench.measure.workload.scenarios import Page
from bench.results.schema import Cost, Noise
from bench.stats.pairwise import compare_all_pairs, estimate_prior, significantly_faster


class AdaptiveRun:
    """A running measurement; its results so far are available at any time."""

    def __init__(
        self, testbed: Testbed, pages: Sequence[Page], budget: SamplingBudget, seed: int = 1
    ):
        self.measurement = Measurement(testbed, pages, seed)
        self.budget, self.noise_monitor = budget, NoiseMonitor()
        self.noise = Noise()

    def run(
        self,
        progress: Progress,
        prefix: str = "",
        on_launch: Callable[[float], None] = lambda seconds_left: None,
    ) -> None:
        """Run launches until the budget stops them; an interrupt keeps the finished launches.

        `prefix` is put before the name of each progress step; `on_launch` is called after each
        launch with the remaining seconds.
        """
        start, noisy = time.monotonic(), False
        while self.budget.should_continue(
            done := self.measurement.launches, noisy, seconds_since(start)
        ):
            self.report_progress(progress, prefix, seconds_since(start))
            cycles = self.budget.next_cycles(
                done, seconds_since(start), self.measurement.last_timing
            )
            self.measurement.run_launch(cycles, progress.update_detail)
            self.noise = self.noise_monitor.read_noise()
            noisy = bool(self.noise.warnings) or self.max_aa_difference() > MAX_AA_DIFFERENCE
            on_launch(self.estimate_seconds_left(seconds_since(start)))

    def report_progress(self, progress: Progress, prefix: str, spent_seconds: float) -> None:
        """Start the progress step of the next launch: its number, the precision, the time left."""
        done = self.measurement.launches
        wanted = max(self.budget.launches, done + 1)
        notes = [self.progress_summary()] if done > 1 else []
        if done:
            notes.append(format_time_left(self.estimate_seconds_left(spent_seconds, 1)))
        progress.start_step(f"{prefix}launch {done + 1} of {wanted}", ", ".join(notes))

    def estimate_seconds_left(self, spent_seconds: float, min_launches: int = 0) -> float:
        """Return the time that the wanted launches still take, and at least some launches."""
        done = self.measurement.launches
        return spent_seconds / done * max(self.budget.launches - done, min_launches)

    def max_aa_difference(self) -> float:
        """Return the largest ratio of baseline and control on any page; 1 before two launches."""
        if self.measurement.launches < 2:
            return 1.0
        return max(compute_aa_differences(self.measurement).values())

    def progress_summary(self) -> str:
        """Return the largest difference of baseline and control, and the count of decided pairs."""
        measurement, decided, pairs = self.measurement, 0, 0
        differences = compute_aa_differences(measurement)
        floors = compute_noise_floors(differences)
        for page, times in measurement.times.items():
            intervals = compare_all_pairs(
                select_ranked(times, measurement.testbed.controls), estimate_prior(times)
            )
            faster_than = significantly_faster(intervals, floors[page])
            decided += sum(map(len, faster_than.values()))
            pairs += len(faster_than) * (len(faster_than) - 1) // 2
        percent = (max(differences.values()) - 1) * 100
        baseline, count = measurement.testbed.baseline, format_count(pairs, "pair")
        return (
            f"the two copies of {baseline} differ by {percent:.1f} %; "
            f"a difference is shown for {decided} of {count}"
        )

    def summarize(self) -> Cost | None:
        """Return the part "cost" of results.json; None before two launches."""
        if self.measurement.launches < 2:
            return None
        return summarize_measurement(self.measurement, self.noise)


def seconds_since(start: float) -> float:
    """Return the seconds since `start`, a value of time.monotonic()."""
    return time.monotonic() - start
