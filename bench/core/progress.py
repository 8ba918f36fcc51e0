"""Report the progress of a command on standard error."""

import sys
import time
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Protocol, Self

import click
from rich.console import Console


class Display(Protocol):
    """What shows the progress on a terminal: rich's Status, or its Live."""

    def start(self) -> None:
        """Begin to show it."""

    def stop(self) -> None:
        """Remove it."""


class Progress(AbstractContextManager["Progress"]):
    """A status line on a terminal; elsewhere one line for each step."""

    _display: Display | None

    def __init__(self) -> None:
        self._status = Console(stderr=True).status("") if sys.stderr.isatty() else None
        self._display = self._status
        self._step, self._state = "", ""

    def __enter__(self) -> Self:
        """Show the progress."""
        if self._display:
            self._display.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the progress from the terminal."""
        if self._display:
            self._display.stop()

    def start_step(self, step: str, state: str = "") -> None:
        """Report that a step starts, and the state of the measurement so far."""
        self._step, self._state = step, state
        if self._status:
            self._update("")
        else:
            line = f"{step} ({state})" if state else step
            click.echo(f"{time.strftime('%H:%M:%S')} {line}", err=True)

    def update_detail(self, detail: str) -> None:
        """Show a detail of the step, on a terminal only: details change many times a second."""
        if self._status:
            self._update(detail)

    def print_note(self, note: str) -> None:
        """Print a line that stays above the status line."""
        if self._status:
            self._status.console.print(note, markup=False, highlight=False, soft_wrap=True)
        else:
            click.echo(note, err=True)

    def _update(self, detail: str) -> None:
        assert self._status
        self._status.update(", ".join(part for part in (self._step, detail, self._state) if part))


def format_time_left(seconds: float) -> str:
    """Return a remaining time in words: "about 3 min left"."""
    return f"{format_duration(seconds)} left"


def format_duration(seconds: float) -> str:
    """Return an estimated time in words: "about 3 min"."""
    if seconds < 90:
        return f"about {max(5, round(seconds / 5) * 5)} s"
    return f"about {round(seconds / 60)} min"
