"""What was found, in one file that the report is made from: report/results.json."""

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
# A change takes moments: whoever holds the lock for longer hangs.
LOCK_TIMEOUT_SECONDS = 60.0
Results = dict[str, Any]


class ResultsFormatError(CookoffError):
    """A results.json that cannot be used, and what to do."""


def read_results(file: Path = RESULTS_FILE) -> Results:
    """Return the results; raise Missing when there are none, Damaged when they are no use."""
    try:
        results = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DependencyError(f"there is no {file}; run: cookoff compare") from error
    except (ValueError, OSError, RecursionError) as error:
        raise ResultsFormatError(f"{file} is damaged; run: cookoff compare") from error
    if not isinstance(results, dict) or results.get("schema") != SCHEMA_VERSION:
        raise ResultsFormatError(f"{file} is of another version; run: cookoff compare")
    return results


@contextmanager
def locked_results(file: Path = RESULTS_FILE) -> Iterator[None]:
    """Keep all others from changing the results, and what is made from them.

    Raises LockError when another command holds them for longer than WAIT_SECONDS.
    """
    with hold_lock(file.with_name(f".{file.name}.lock"), LOCK_TIMEOUT_SECONDS):
        yield


def update_results(parts: Results, file: Path = RESULTS_FILE) -> None:
    """Put these parts into the file and keep its others, as one step that nobody comes between.

    A file that is of no use is kept under another name, which is told: earlier().
    """
    with locked_results(file):
        new = {**read_earlier(file), **parts, "schema": SCHEMA_VERSION}
        write_file(file, dump_json(new) + "\n")


def read_earlier(file: Path, check: Callable[[Results], None] = lambda found: None) -> Results:
    """Return the results that new ones are added to, empty where there are none of use.

    A file that is of no use, also to `check`, which raises Damaged then, is renamed, never
    overwritten. Call this while the results are held.
    """
    try:
        found = read_results(file)
        check(found)
    except DependencyError:
        return {}
    except ResultsFormatError as error:
        why = collapse_whitespace(error).partition("; run:")[0]
        click.echo(f"cookoff: {why}; kept as {rename_damaged_file(file)}", err=True)
        return {}
    return found
