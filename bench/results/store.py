"""Read and write report/results.json, the only input of the report."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from bench.core.errors import CookoffError, DependencyError, collapse_whitespace
from bench.core.files import dump_json, hold_lock, rename_damaged_file, write_file
from bench.core.paths import ROOT

SCHEMA_VERSION = 2
REPORT_FOLDER = Path(os.environ.get("COOKOFF_REPORT") or ROOT / "report").absolute()
RESULTS_FILE = REPORT_FOLDER / "results.json"
LOCK_TIMEOUT_SECONDS = 60.0  # an update takes less than a second; a longer lock is a hang
Results = dict[str, Any]


class ResultsFormatError(CookoffError):
    """A results.json that cannot be used; the message names the next command."""


def read_results(file: Path = RESULTS_FILE) -> Results:
    """Return the results; raise DependencyError without results, ResultsFormatError for damage."""
    try:
        results = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DependencyError(f"{file} does not exist; run: cookoff compare") from error
    except (ValueError, OSError, RecursionError) as error:
        raise ResultsFormatError(f"{file} is damaged; run: cookoff compare") from error
    if not isinstance(results, dict) or results.get("schema") != SCHEMA_VERSION:
        raise ResultsFormatError(f"{file} has another schema version; run: cookoff compare")
    return results


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
        new = {**read_earlier(file), **parts, "schema": SCHEMA_VERSION}
        write_file(file, dump_json(new) + "\n")


def read_earlier(file: Path, check: Callable[[Results], None] = lambda results: None) -> Results:
    """Return the existing results, or {} when the file is missing or damaged.

    A damaged file is renamed and never overwritten, also when `check` raises ResultsFormatError.
    Call this function while holding locked_results().
    """
    try:
        results = read_results(file)
        check(results)
    except DependencyError:
        return {}
    except ResultsFormatError as error:
        reason = collapse_whitespace(error).partition("; run:")[0]
        click.echo(f"cookoff: {reason}; renamed to {rename_damaged_file(file)}", err=True)
        return {}
    return results
