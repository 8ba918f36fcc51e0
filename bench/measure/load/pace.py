"""How long a load takes, told before it starts, and how much of it is left, told while it runs."""

import time

from bench.core.progress import Progress, format_duration, format_time_left

SERVER_START_SECONDS = 1.5  # what starting one server takes, roughly


class LoadProgress:
    """The seconds of load that are still to come, stretched by what those so far really took."""

    def __init__(self, progress: Progress, planned_seconds: float):
        self.progress, self.planned_seconds = progress, planned_seconds
        self.done_seconds, self.started_seconds = 0.0, time.monotonic()

    def step(self, what: str, number: int, of: int) -> None:
        """Say what begins: the step, which round of how many, and what is left of the whole."""
        self.progress.start_step(what, f"round {number} of {of}, {self.format_remaining()}")

    def record_done(self, seconds: float) -> None:
        """Count a piece of load, by the seconds that were planned for it, as done."""
        self.done_seconds += seconds
        self.planned_seconds -= seconds

    def skip(self, seconds: float) -> None:
        """Take a piece of load out of the plan."""
        self.planned_seconds -= seconds

    def format_remaining(self) -> str:
        """Return in words what is left."""
        spent = time.monotonic() - self.started_seconds
        stretch = spent / self.done_seconds if self.done_seconds else 1.0
        return format_time_left(max(0.0, self.planned_seconds) * stretch)


def announce_duration(
    progress: Progress, servers: int, rounds: int, seconds: float, extra_seconds: float = 0
) -> None:
    """Say how long a load of some rounds on each server takes, with `more` seconds beside them."""
    takes = servers * (SERVER_START_SECONDS + rounds * seconds) + extra_seconds
    progress.print_note(
        f"cookoff: {servers} servers, {rounds} rounds of {seconds:g} s on each: "
        f"{format_duration(takes)}"
    )
