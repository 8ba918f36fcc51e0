"""Which divergences surprise most? Told in notes.toml, each under the id of its probe."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from bench.troubles import Trouble, one_line

FILE = Path(__file__).with_name("notes.toml")


class BadNotes(Trouble):
    """A notes.toml that cannot be used, and why."""


@dataclass(frozen=True)
class Told:
    """One divergence in prose."""

    probe: str  # the id of the probe that shows it
    title: str
    prose: str


def read(file: Path = FILE) -> list[Told]:
    """Return the notes in their order; raise BadNotes for a file that is none."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        return [Told(one["probe"], one["title"], one_line(one["prose"])) for one in table["notes"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadNotes(f"{file.name}: {one_line(error)}") from error
