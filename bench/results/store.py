"""Read and write report/results.json, the only input of the report."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET

from bench.core.errors import CookoffError, DependencyError, UsageError, collapse_whitespace
from bench.core.files import dump_json, hold_lock, rename_damaged_file, write_file
from bench.core.hints import print_error
from bench.core.paths import ROOT
from bench.results.schema import SCHEMA_VERSION, Record, Results

REPORT_FOLDER = Path(os.environ.get("COOKOFF_REPORT") or ROOT / "report").absolute()
RESULTS_FILE = REPORT_FOLDER / "results.json"
LOCK_TIMEOUT_SECONDS = 60.0  # an update takes less than a second; a longer lock is a hang


class ResultsFormatError(CookoffError):
    """A results.json that cannot be used; the message names the next command."""


class SchemaVersion(msgspec.Struct):
    """The schema version of a results.json."""

    schema: int


def read_results(file: Path = RESULTS_FILE) -> Results:
    """Return the results; raise DependencyError without results, ResultsFormatError for damage."""
    try:
        content = file.read_bytes()
        version = msgspec.json.decode(content, type=SchemaVersion).schema
    except FileNotFoundError as error:
        raise DependencyError(f"{file} does not exist; run: cookoff compare") from error
    except msgspec.ValidationError:  # no number, or no object
        version = 0
    except (msgspec.DecodeError, ValueError, OSError, RecursionError) as error:
        raise ResultsFormatError(f"{file} is damaged; run: cookoff compare") from error
    if version != SCHEMA_VERSION:
        raise ResultsFormatError(f"{file} has another schema version; run: cookoff compare")
    return parse_results(content, file)


def read_named_results(file: Path, command: str) -> Results:
    """Return the results in a file that the command line names.

    Raise UsageError, with the command that creates such a file, when the file is not usable.
    """
    try:
        return read_results(file)
    except CookoffError as error:
        reason = str(error).partition("; run:")[0]
        raise UsageError(f"{reason}; create the file with: {command}") from error


def parse_results(content: bytes, file: Path = RESULTS_FILE) -> Results:
    """Return the results in a JSON text.

    Raise ResultsFormatError, with the location and the reason, for an unknown or missing field, or
    a value of another type.
    """
    try:
        return msgspec.json.decode(content, type=Results)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        location = path.rstrip("`").lstrip(".") or "the whole file"
        raise format_error(location, reason, file) from error


def format_error(location: str, reason: str, file: Path = RESULTS_FILE) -> ResultsFormatError:
    """Return the error for a location in the results."""
    return ResultsFormatError(
        f"{file} is damaged, or of another version ({location}: {reason}); run: cookoff compare"
    )


def format_json(records: Record | Sequence[Record]) -> str:
    """Return results as JSON text, in the form of results.json."""
    return dump_json(msgspec.to_builtins(records))


@contextmanager
def locked_results(file: Path = RESULTS_FILE) -> Iterator[None]:
    """Lock the results, and the files made from them, against changes by other commands.

    Raise LockError when another command holds the lock for longer than LOCK_TIMEOUT_SECONDS.
    """
    with hold_lock(file.with_name(f".{file.name}.lock"), LOCK_TIMEOUT_SECONDS):
        yield


def update_results(parts: Results, file: Path = RESULTS_FILE) -> None:
    """Replace these parts in the file and keep its other parts, in one atomic step.

    read_earlier() renames a damaged file and reports the new name.
    """
    with locked_results(file):
        new = msgspec.structs.replace(read_earlier(file), **get_parts(parts))
        write_file(file, format_json(new) + "\n")


def get_parts(results: Results) -> dict[str, Any]:
    """Return the parts that are set, by name."""
    return {
        name: part
        for name, part in msgspec.structs.asdict(results).items()
        if name != "schema" and part is not UNSET
    }


def read_earlier(file: Path) -> Results:
    """Return the existing results, without parts when the file is missing or damaged.

    A damaged file is renamed and never overwritten. Call this function while holding
    locked_results().
    """
    try:
        return read_results(file)
    except DependencyError:
        return Results()
    except ResultsFormatError as error:
        reason = collapse_whitespace(error).partition("; run:")[0]
        print_error(f"{reason}; renamed to {rename_damaged_file(file)}")
        return Results()
