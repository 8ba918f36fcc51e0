"""Store how far a learner has come, in the working copy."""

from pathlib import Path

import msgspec

from bench.core.errors import CookoffError, UsageError
from bench.core.files import write_file

STATE_FOLDER = ".learn"  # in the working copy
PROGRESS_FILE = "progress.json"


class Progress(msgspec.Struct, forbid_unknown_fields=True):
    """The exercises of a working copy, by the ids of their features, and their state."""

    framework: str
    blank: str  # handlers, templates, whole
    exercises: list[str]
    known: str = ""  # the framework that the learner knows
    kata: str = ""  # the only exercise is this change request
    done: list[str] = []
    skipped: list[str] = []
    hints: dict[str, int] = {}  # how many hints of an exercise were shown
    # Clauses that an exercise could not meet yet, each with the exercises that it waits for.
    waiting: dict[str, list[str]] = {}
    has_blank_error_page: bool = False  # blank from its own exercise on

    @property
    def current(self) -> str:
        """Return the exercise to write next, "" when all are done or skipped."""
        finished = {*self.done, *self.skipped}
        return next((each for each in self.exercises if each not in finished), "")

    def describe(self, exercise: str) -> str:
        """Return the state of an exercise in a word."""
        if exercise in self.done:
            return "done"
        if exercise in self.skipped:
            return "skipped"
        return "current" if exercise == self.current else "open"


def get_progress_path(folder: Path) -> Path:
    """Return the path of the progress in a working copy."""
    return folder / STATE_FOLDER / PROGRESS_FILE


def read_progress(folder: Path) -> Progress:
    """Return the progress of a working copy; raise UsageError for another folder."""
    file = get_progress_path(folder)
    try:
        return msgspec.json.decode(file.read_bytes(), type=Progress)
    except FileNotFoundError as error:
        raise UsageError(f"{folder} is no working copy; run: cookoff learn flask") from error
    except (OSError, msgspec.DecodeError) as error:
        raise CookoffError(f"{file} cannot be read: {error}; remove the file to start again") from (
            error
        )


def write_progress(folder: Path, progress: Progress) -> None:
    """Store the progress of a working copy."""
    write_file(get_progress_path(folder), msgspec.json.encode(progress))
