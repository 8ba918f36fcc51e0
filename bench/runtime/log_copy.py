"""Copy what a process writes to its log to the terminal, too.

The process writes to a file alone, so that neither a slow terminal nor the end of the command can
stop it.
"""

import re
from pathlib import Path

import click

# A terminal would obey these, and a log may hold what a client sent.
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class LogCopy:
    """The lines that are written to a log from now on, as they come."""

    def __init__(self, log: Path):
        self.log = log
        self.position = log.stat().st_size if log.exists() else 0

    def print_new(self, whole_lines: bool = True) -> None:
        """Print on standard error what is new: whole lines, or also the beginning of the next."""
        if text := self.read_new(whole_lines):
            click.echo(escape_controls(text), nl=False, err=True)

    def read_new(self, whole_lines: bool) -> str:
        """Return what is new; a log that somebody has emptied begins anew."""
        try:
            with self.log.open("rb") as file:
                if file.seek(0, 2) < self.position:
                    self.position = 0
                file.seek(self.position)
                data = file.read()
        except FileNotFoundError:
            return ""
        if whole_lines:
            data = data[: data.rfind(b"\n") + 1]
        self.position += len(data)
        return data.decode("utf-8", errors="replace")


def escape_controls(text: str) -> str:
    """Return the text with what a terminal would obey written out."""
    return CONTROL_CHARACTERS.sub(lambda mark: f"\\x{ord(mark[0]):02x}", text)
