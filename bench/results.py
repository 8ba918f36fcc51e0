"""What was found, in one file that the report is made from: report/results.json."""

import json
import os
from pathlib import Path
from typing import Any

from bench.places import ROOT
from bench.troubles import Missing, Trouble

SCHEMA = 1
FOLDER = Path(os.environ.get("COOKOFF_REPORT") or ROOT / "report").absolute()
FILE = FOLDER / "results.json"


class Damaged(Trouble):
    """A results.json that cannot be used, and what to do."""


def read(file: Path = FILE) -> dict[str, Any]:
    """Return the results; raise Missing when there are none, Damaged when they are no use."""
    try:
        results = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Missing(f"there is no {file}; run: cookoff compare") from error
    except (ValueError, OSError) as error:
        raise Damaged(f"{file} is damaged; run: cookoff compare") from error
    if not isinstance(results, dict) or results.get("schema") != SCHEMA:
        raise Damaged(f"{file} is of another version; run: cookoff compare")
    return results


def write(parts: dict[str, Any], file: Path = FILE) -> None:
    """Put these parts into the file and keep its others; it is never half written."""
    try:
        results = read(file)
    except Trouble:
        results = {}
    put(file, dumped({**results, **parts, "schema": SCHEMA}) + "\n")


def put(file: Path, text: str) -> None:
    """Write a file that is never there half written."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(file)


def dumped(found: object) -> str:
    """Return something found as JSON for files and for --json."""
    return json.dumps(found, indent=1, ensure_ascii=False)
