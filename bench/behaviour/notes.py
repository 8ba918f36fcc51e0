"""Read notes.toml, which describes the most surprising divergences in prose.

Each note lists the outcomes that are its evidence. A note whose evidence a run contradicts is left
out of that run's results.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.core.errors import CookoffError, collapse_whitespace

NOTES_FILE = Path(__file__).with_name("notes.toml")
OTHERS = "*"  # every framework that the note does not name for the same probe and channel
OutcomesByKey = Mapping[tuple[str, str, str], str]  # (framework, probe, channel): outcome


class NotesError(CookoffError):
    """A notes.toml that cannot be read, with the reason."""


@dataclass(frozen=True)
class Evidence:
    """One outcome that a note relies on, and the frameworks that have it."""

    probe: str
    channel: str
    outcome: str
    frameworks: tuple[str, ...]  # their names, or OTHERS alone


@dataclass(frozen=True)
class Note:
    """One divergence in prose, with its evidence."""

    probe: str  # the id of the probe that shows it
    title: str
    prose: str
    evidence: tuple[Evidence, ...]


def read_notes(file: Path = NOTES_FILE) -> list[Note]:
    """Return the notes in a file, in order; raise NotesError if it cannot be read or parsed."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        return [
            Note(
                entry["probe"],
                entry["title"],
                collapse_whitespace(entry["prose"]),
                tuple(
                    Evidence(probe, channel, outcome, tuple(names.split()))
                    for probe, channel, outcome, names in entry["seen"]
                ),
            )
            for entry in table["notes"]
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotesError(f"{file.name}: {collapse_whitespace(error)}") from error


def find_contradiction(note: Note, outcomes: OutcomesByKey) -> str:
    """Return the first outcome of a run that contradicts the note, "" if there is none.

    An outcome that the run does not have neither supports nor contradicts the note.
    """
    names = {name for name, *_ in outcomes}
    for evidence, name in expand_evidence(note, names):
        outcome = outcomes.get((name, evidence.probe, evidence.channel), evidence.outcome)
        if outcome != evidence.outcome:
            return (
                f"{name}, {evidence.probe}, {evidence.channel}: "
                f"got {outcome!r}, the note says {evidence.outcome!r}"
            )
    return ""


def expand_evidence(note: Note, names: Iterable[str]) -> Iterator[tuple[Evidence, str]]:
    """Yield each piece of evidence of a note with each framework that it is about."""
    for evidence in note.evidence:
        named = {
            name
            for other in note.evidence
            for name in other.frameworks
            if (other.probe, other.channel) == (evidence.probe, evidence.channel)
        }
        others = sorted(set(names) - named)
        for name in others if evidence.frameworks == (OTHERS,) else evidence.frameworks:
            yield evidence, name
