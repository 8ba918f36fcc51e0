"""What can go wrong, and with which exit code does the command end?"""

import difflib
from collections.abc import Iterable


class CookoffError(Exception):
    """Something the reader should know, in one line; the command ends with `exit_code`."""

    exit_code = 1


class UsageError(CookoffError):
    """The command was asked for something that does not exist."""

    exit_code = 2


class DependencyError(CookoffError):
    """The environment lacks something the command needs."""

    exit_code = 3


def strip_log_path(error: CookoffError) -> str:
    """Return what happened, without the path of a log, which is another elsewhere."""
    return str(error).partition(" (log: ")[0]


def suggest_names(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return a question with the names nearest to a word, or what to say where none is near."""
    near = difflib.get_close_matches(word, list(known), n=3, cutoff=0.4)
    return f"did you mean {' or '.join(near)}?" if near else otherwise


def collapse_whitespace(text: object) -> str:
    """Return the text without line breaks or runs of blanks."""
    return " ".join(str(text).split())


def find_last_line(text: str) -> str:
    """Return the last line that is not blank: of a traceback, the one that says what happened."""
    lines = [line for line in text.split("\n") if line.strip()]
    return collapse_whitespace(lines[-1]) if lines else "it said nothing"
