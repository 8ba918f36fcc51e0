"""How does a measurement run: launch by launch, until it is sure enough or its time is up?"""

import time
from collections.abc import Sequence
from typing import Any

from bench.core.progress import Progress, left
from bench.measure.cost.budget import TWINS_APART, Effort
from bench.measure.cost.interleaved_timing import Measurement
from bench.measure.cost.noise import Watch
from bench.measure.cost.summary import floors, ranked, summary, twins_apart
from bench.measure.workload.entries import Ground
from bench.measure.workload.scenarios import Page
from bench.stats.pairwise import pairs, quicker_than, scatter_of


class Run:
    """One measurement under way; what it has so far can be had at any time."""

    def __init__(self, ground: Ground, pages: Sequence[Page], effort: Effort, seed: int = 1):
        self.measurement = Measurement(ground, pages, seed)
        self.effort, self.watch = effort, Watch()
        self.noise: dict[str, Any] = {"noisy": []}

    def go(self, progress: Progress, within: str = "") -> None:
        """Launch until it is enough; what was finished is kept when this is broken off.

        within says of what this run is a part.
        """
        began, noisy = time.monotonic(), False
        while self.effort.goes_on(done := self.measurement.launches, noisy, spent(began)):
            wanted = max(self.effort.launches, done + 1)
            so_far = [self.sureness()] if done > 1 else []
            rest = [left(spent(began) / done * (wanted - done))] if done else []
            progress.step(f"{within}launch {done + 1} of {wanted}", ", ".join([*so_far, *rest]))
            cycles = self.effort.cycles_next(done, spent(began), self.measurement.last)
            self.measurement.launch(cycles, progress.detail)
            self.noise = self.watch.seen()
            noisy = bool(self.noise["noisy"]) or self.twins_apart() > TWINS_APART

    def twins_apart(self) -> float:
        """Return how far the twins are apart on the worst page, as a ratio; 1 with one launch."""
        if self.measurement.launches < 2:
            return 1.0
        return max(twins_apart(self.measurement).values())

    def sureness(self) -> str:
        """Return how far the twins are apart, and how many pairs are told apart so far."""
        measurement, told, of = self.measurement, 0, 0
        apart = twins_apart(measurement)
        least = floors(apart)
        for page, times in measurement.times.items():
            found = pairs(ranked(times, measurement.ground.beside), scatter_of(times))
            quicker = quicker_than(found, least[page])
            told += sum(map(len, quicker.values()))
            of += len(quicker) * (len(quicker) - 1) // 2
        worst = (max(apart.values()) - 1) * 100
        return f"twins {worst:.1f} % apart, {told} of {of} pairs told apart"

    def summary(self) -> dict[str, Any] | None:
        """Return the part of results.json, None while there are fewer than two launches."""
        if self.measurement.launches < 2:
            return None
        return summary(self.measurement, self.noise)


def spent(began: float) -> float:
    """Return the seconds since then."""
    return time.monotonic() - began
