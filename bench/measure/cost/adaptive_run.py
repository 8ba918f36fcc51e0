"""How does a measurement run: launch by launch, until it is sure enough or its time is up?"""

import time
from collections.abc import Sequence
from typing import Any

from bench.core.progress import Progress, format_time_left
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
from bench.stats.pairwise import compare_all_pairs, estimate_prior, significantly_faster


class AdaptiveRun:
    """One measurement under way; what it has so far can be had at any time."""

    def __init__(
        self, testbed: Testbed, pages: Sequence[Page], budget: SamplingBudget, seed: int = 1
    ):
        self.measurement = Measurement(testbed, pages, seed)
        self.budget, self.noise_monitor = budget, NoiseMonitor()
        self.noise: dict[str, Any] = {"noisy": []}

    def run(self, progress: Progress, prefix: str = "") -> None:
        """Launch until it is enough; what was finished is kept when this is broken off.

        within says of what this run is a part.
        """
        began, noisy = time.monotonic(), False
        while self.budget.should_continue(
            done := self.measurement.launches, noisy, seconds_since(began)
        ):
            wanted = max(self.budget.launches, done + 1)
            so_far = [self.progress_summary()] if done > 1 else []
            rest = [format_time_left(seconds_since(began) / done * (wanted - done))] if done else []
            progress.start_step(
                f"{prefix}launch {done + 1} of {wanted}", ", ".join([*so_far, *rest])
            )
            cycles = self.budget.next_cycles(
                done, seconds_since(began), self.measurement.last_timing
            )
            self.measurement.run_launch(cycles, progress.update_detail)
            self.noise = self.noise_monitor.read_noise()
            noisy = bool(self.noise["noisy"]) or self.max_aa_difference() > MAX_AA_DIFFERENCE

    def max_aa_difference(self) -> float:
        """Return how far the twins are apart on the worst page, as a ratio; 1 with one launch."""
        if self.measurement.launches < 2:
            return 1.0
        return max(compute_aa_differences(self.measurement).values())

    def progress_summary(self) -> str:
        """Return how far the twins are apart, and how many pairs are told apart so far."""
        measurement, told, of = self.measurement, 0, 0
        apart = compute_aa_differences(measurement)
        least = compute_noise_floors(apart)
        for page, times in measurement.times.items():
            found = compare_all_pairs(
                select_ranked(times, measurement.testbed.controls), estimate_prior(times)
            )
            quicker = significantly_faster(found, least[page])
            told += sum(map(len, quicker.values()))
            of += len(quicker) * (len(quicker) - 1) // 2
        worst = (max(apart.values()) - 1) * 100
        return f"twins {worst:.1f} % apart, {told} of {of} pairs told apart"

    def summarize(self) -> dict[str, Any] | None:
        """Return the part of results.json, None while there are fewer than two launches."""
        if self.measurement.launches < 2:
            return None
        return summarize_measurement(self.measurement, self.noise)


def seconds_since(began: float) -> float:
    """Return the seconds since then."""
    return time.monotonic() - began
