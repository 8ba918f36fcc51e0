"""Find in a host's log which line of the learner's code raised the last error."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.core.errors import collapse_whitespace

HEAD = "Traceback (most recent call last):"
FRAME = re.compile(r'^\s+File "(?P<file>[^"]+)", line (?P<line>\d+), in (?P<name>\S+)')
ERROR = re.compile(r"^(?P<kind>[A-Za-z_][\w.]*)(?:: (?P<text>.*))?$")
# The lines between two linked tracebacks.
LINKS = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)
COPIED = re.compile(r"/[^\s'\"]*/app/(?=\w)")  # the folder in which the site runs
INSTALLED = "/site-packages/"  # a framework may have an app.py, too
MAX_TEXT_CHARACTERS = 160


@dataclass(frozen=True)
class RaisedError:
    """An error, and the innermost line of the learner's code in its traceback."""

    kind: str  # "NameError"
    text: str
    file: Path | None = None  # relative to the working copy
    line: int = 0
    name: str = ""  # of the function

    def describe(self) -> str:
        """Return the error in words: "NameError: name 'x' is not defined"."""
        text = COPIED.sub("", self.text)[:MAX_TEXT_CHARACTERS].rstrip(".")
        return f"{self.kind}: {text}" if text else self.kind


def find_errors(log: str, files: list[Path]) -> Iterator[RaisedError]:
    """Yield the error of each traceback of a log, the last first.

    `files` are the files of the working copy, relative to it.
    """
    for block in reversed(log.split(HEAD)[1:]):
        if error := read_traceback(block, files):
            yield error


def find_linked_errors(log: str, files: list[Path]) -> Iterator[RaisedError]:
    """Yield the last error of a log, and the errors that led to it."""
    blocks = log.split(HEAD)[1:]
    while blocks:
        if error := read_traceback(blocks.pop(), files):
            yield error
        if not (blocks and blocks[-1].rstrip().endswith(LINKS)):
            return


def read_traceback(block: str, files: list[Path]) -> RaisedError | None:
    """Return the error of one traceback, None if it has no end."""
    place: tuple[Path | None, int, str] = (None, 0, "")
    for line in block.splitlines():
        if frame := FRAME.match(line):
            path = frame["file"]
            is_own = INSTALLED not in path
            matches = [file for file in files if is_own and path.endswith(f"/{file}")]
            if matches:
                longest = max(matches, key=lambda file: len(file.parts))
                place = (longest, int(frame["line"]), frame["name"])
        elif line and not line[0].isspace() and (match := ERROR.match(line)):
            kind = match["kind"].rpartition(".")[2]
            return RaisedError(kind, collapse_whitespace(match["text"] or ""), *place)
    return None
