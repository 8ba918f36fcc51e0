"""How long a load takes, told before it starts, and how much of it is left, told while it runs."""

import time

from bench.core.progress import Progress, about, left

START_SECONDS = 1.5  # what starting one server takes, roughly


class Pace:
    """The seconds of load that are still to come, stretched by what those so far really took."""

    def __init__(self, progress: Progress, planned_seconds: float):
        self.progress, self.planned_seconds = progress, planned_seconds
        self.done_seconds, self.began = 0.0, time.monotonic()

    def step(self, what: str, number: int, of: int) -> None:
        """Say what begins: the step, which round of how many, and what is left of the whole."""
        self.progress.step(what, f"round {number} of {of}, {self.left()}")

    def done(self, seconds: float) -> None:
        """Count a piece of load, by the seconds that were planned for it, as done."""
        self.done_seconds += seconds
        self.planned_seconds -= seconds

    def skip(self, seconds: float) -> None:
        """Take a piece of load out of the plan."""
        self.planned_seconds -= seconds

    def left(self) -> str:
        """Return in words what is left."""
        spent = time.monotonic() - self.began
        stretch = spent / self.done_seconds if self.done_seconds else 1.0
        return left(max(0.0, self.planned_seconds) * stretch)


def announce(
    progress: Progress, servers: int, rounds: int, seconds: float, more: float = 0
) -> None:
    """Say how long a load of some rounds on each server takes, with `more` seconds beside them."""
    takes = servers * (START_SECONDS + rounds * seconds) + more
    progress.note(
        f"cookoff: {servers} servers, {rounds} rounds of {seconds:g} s on each: {about(takes)}"
    )
