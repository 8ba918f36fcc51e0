"""Announce how long a load takes, and show the remaining time while the load runs."""

import time

from bench.core.progress import Progress, format_duration, format_time_left
from bench.core.words import format_count

SERVER_START_SECONDS = 1.5  # approximate time to start one server


class LoadProgress:
    """The seconds of load that remain, scaled by how long the earlier load really took."""

    def __init__(self, progress: Progress, planned_seconds: float):
        self.progress, self.planned_seconds = progress, planned_seconds
        self.done_seconds, self.started_seconds = 0.0, time.monotonic()

    def step(self, what: str, number: int, of: int) -> None:
        """Show the step that starts, its round, and the remaining time of the whole load."""
        self.progress.start_step(what, f"round {number} of {of}, {self.format_remaining()}")

    def record_done(self, seconds: float) -> None:
        """Count a piece of load as done, by the seconds that were planned for the piece."""
        self.done_seconds += seconds
        self.planned_seconds -= seconds

    def skip(self, seconds: float) -> None:
        """Remove a piece of load from the plan."""
        self.planned_seconds -= seconds

    def format_remaining(self) -> str:
        """Return the remaining time in words."""
        spent = time.monotonic() - self.started_seconds
        scale = spent / self.done_seconds if self.done_seconds else 1.0
        return format_time_left(max(0.0, self.planned_seconds) * scale)


def announce_duration(
    progress: Progress, servers: int, rounds: int, seconds: float, extra_seconds: float = 0
) -> None:
    """Print how long a load takes: some rounds on each server, and `extra_seconds` in addition."""
    total_seconds = servers * (SERVER_START_SECONDS + rounds * seconds) + extra_seconds
    progress.print_note(
        f"cookoff: {format_count(servers, 'server')}, {format_count(rounds, 'round')} "
        f"of {seconds:g} s on each: "
        f"{format_duration(total_seconds)}"
    )
