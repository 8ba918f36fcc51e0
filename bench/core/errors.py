"""Define the errors that a command reports in one line, with its exit codes."""

import difflib
from collections.abc import Iterable


class CookoffError(Exception):
    """An error for the user, in one line; the command ends with `exit_code`."""

    exit_code = 1


class UsageError(CookoffError):
    """The command line names something that does not exist."""

    exit_code = 2


class DependencyError(CookoffError):
    """The environment lacks something that the command needs."""

    exit_code = 3


def strip_log_path(error: CookoffError) -> str:
    """Return an error's message without the path of its log, which differs between machines."""
    return str(error).partition(" (log: ")[0]


def suggest_names(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return "did you mean …?" with the known names nearest to `word`, else `otherwise`."""
    names = difflib.get_close_matches(word, list(known), n=3, cutoff=0.4)
    return f"did you mean {' or '.join(names)}?" if names else otherwise


def collapse_whitespace(text: object) -> str:
    """Return the text in one line, each run of whitespace as one space."""
    return " ".join(str(text).split())


def find_last_line(text: str) -> str:
    """Return the last line that is not blank: in a traceback, the line that names the error."""
    lines = [line for line in text.split("\n") if line.strip()]
    return collapse_whitespace(lines[-1]) if lines else "no output"
