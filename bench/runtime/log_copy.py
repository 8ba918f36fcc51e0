"""Copy new lines of a process's log to the terminal.

The process itself writes only to a file, so that neither a slow terminal nor the end of the command
can block the process.
"""

import re
from pathlib import Path

import click

# A terminal interprets these characters, and a log may contain data from a client.
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class LogCopy:
    """The lines that a process appends to a log from now on."""

    def __init__(self, log: Path):
        self.log = log
        self.position = log.stat().st_size if log.exists() else 0

    def print_new(self, whole_lines: bool = True) -> None:
        """Print new lines on standard error; whole_lines=False includes an incomplete last line."""
        if text := self.read_new(whole_lines):
            click.echo(escape_controls(text), nl=False, err=True)

    def read_new(self, whole_lines: bool) -> str:
        """Return the new text; after a truncation, read the log from its beginning."""
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
    """Return the text with control characters as escape sequences."""
    return CONTROL_CHARACTERS.sub(lambda mark: f"\\x{ord(mark[0]):02x}", text)
