"""What runs now, how sure is it so far, and how long is left? Told on standard error."""

import sys
import time
from contextlib import AbstractContextManager
from types import TracebackType

import click
from rich.console import Console


class Progress(AbstractContextManager["Progress"]):
    """One line that is kept up to date on a terminal; elsewhere a line for each step."""

    def __init__(self) -> None:
        self._status = Console(stderr=True).status("") if sys.stderr.isatty() else None
        self._step, self._rest = "", ""

    def __enter__(self) -> "Progress":
        """Begin to show."""
        if self._status:
            self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Show no more."""
        if self._status:
            self._status.stop()

    def start_step(self, what: str, rest: str = "") -> None:
        """Say what begins, and what is known so far."""
        self._step, self._rest = what, rest
        if self._status:
            self._update("")
        else:
            shown = f"{what} ({rest})" if rest else what
            click.echo(f"{time.strftime('%H:%M:%S')} {shown}", err=True)

    def update_detail(self, what: str) -> None:
        """Say what is done within the step, on a terminal only: it changes many times a second."""
        if self._status:
            self._update(what)

    def print_note(self, what: str) -> None:
        """Say something that stays."""
        if self._status:
            self._status.console.print(what, markup=False, highlight=False, soft_wrap=True)
        else:
            click.echo(what, err=True)

    def _update(self, what: str) -> None:
        assert self._status
        self._status.update(", ".join(part for part in (self._step, what, self._rest) if part))


def format_time_left(seconds: float) -> str:
    """Return a time to wait in words: "about 3 min left"."""
    return f"{format_duration(seconds)} left"


def format_duration(seconds: float) -> str:
    """Return a time in words, as exact as an estimate can be: "about 3 min"."""
    if seconds < 90:
        return f"about {max(5, round(seconds / 5) * 5)} s"
    return f"about {round(seconds / 60)} min"
