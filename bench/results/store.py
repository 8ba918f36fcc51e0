"""What was found, in one file that the report is made from: report/results.json."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from bench.core.errors import Missing, Trouble, one_line
from bench.core.files import dump_json, locked, set_aside, write_file
from bench.core.paths import ROOT

SCHEMA = 1
FOLDER = Path(os.environ.get("COOKOFF_REPORT") or ROOT / "report").absolute()
FILE = FOLDER / "results.json"
# A change takes moments: whoever holds the lock for longer hangs.
WAIT_SECONDS = 60.0
Results = dict[str, Any]


class Damaged(Trouble):
    """A results.json that cannot be used, and what to do."""


def read(file: Path = FILE) -> Results:
    """Return the results; raise Missing when there are none, Damaged when they are no use."""
    try:
        results = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Missing(f"there is no {file}; run: cookoff compare") from error
    except (ValueError, OSError, RecursionError) as error:
        raise Damaged(f"{file} is damaged; run: cookoff compare") from error
    if not isinstance(results, dict) or results.get("schema") != SCHEMA:
        raise Damaged(f"{file} is of another version; run: cookoff compare")
    return results


@contextmanager
def held(file: Path = FILE) -> Iterator[None]:
    """Keep all others from changing the results, and what is made from them.

    Raises LockError when another command holds them for longer than WAIT_SECONDS.
    """
    with locked(file.with_name(f".{file.name}.lock"), WAIT_SECONDS):
        yield


def write(parts: Results, file: Path = FILE) -> None:
    """Put these parts into the file and keep its others, as one step that nobody comes between.

    A file that is of no use is kept under another name, which is told: earlier().
    """
    with held(file):
        new = {**earlier(file), **parts, "schema": SCHEMA}
        write_file(file, dump_json(new) + "\n")


def earlier(file: Path, check: Callable[[Results], None] = lambda found: None) -> Results:
    """Return the results that new ones are added to, empty where there are none of use.

    A file that is of no use, also to `check`, which raises Damaged then, is renamed, never
    overwritten. Call this while the results are held.
    """
    try:
        found = read(file)
        check(found)
    except Missing:
        return {}
    except Damaged as error:
        why = one_line(error).partition("; run:")[0]
        click.echo(f"cookoff: {why}; kept as {set_aside(file)}", err=True)
        return {}
    return found
