"""Which divergences surprise most? Told in notes.toml, each under the id of its probe.

A note says what it rests on, outcome by outcome; where a run does not bear it out, it is left out.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.core.errors import CookoffError, collapse_whitespace

NOTES_FILE = Path(__file__).with_name("notes.toml")
OTHERS = "*"  # every framework that the note does not name for the same probe and channel
OutcomesByKey = Mapping[tuple[str, str, str], str]  # framework, probe, channel: words


class NotesError(CookoffError):
    """A notes.toml that cannot be used, and why."""


@dataclass(frozen=True)
class Evidence:
    """One outcome that a note rests on, and whose it is."""

    probe: str
    channel: str
    outcome: str
    frameworks: tuple[str, ...]  # their names, or OTHERS alone


@dataclass(frozen=True)
class Note:
    """One divergence in prose."""

    probe: str  # the id of the probe that shows it
    title: str
    prose: str
    evidence: tuple[Evidence, ...]


def read_notes(file: Path = NOTES_FILE) -> list[Note]:
    """Return the notes in their order; raise BadNotes for a file that is none."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        return [
            Note(
                one["probe"],
                one["title"],
                collapse_whitespace(one["prose"]),
                tuple(
                    Evidence(probe, channel, outcome, tuple(names.split()))
                    for probe, channel, outcome, names in one["seen"]
                ),
            )
            for one in table["notes"]
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotesError(f"{file.name}: {collapse_whitespace(error)}") from error


def find_contradiction(note: Note, outcomes: OutcomesByKey) -> str:
    """Return the first outcome of a run that is not as the note says, "" where all are.

    What was not asked in the run speaks neither for the note nor against it.
    """
    names = {name for name, *_ in outcomes}
    for seen, name in expand_evidence(note, names):
        found = outcomes.get((name, seen.probe, seen.channel), seen.outcome)
        if found != seen.outcome:
            return f"{name} to {seen.probe}, {seen.channel}: {found}, and not {seen.outcome}"
    return ""


def expand_evidence(note: Note, names: Iterable[str]) -> Iterator[tuple[Evidence, str]]:
    """Yield each outcome that a note rests on with each framework that it is said of."""
    for seen in note.evidence:
        beside = {
            name
            for one in note.evidence
            for name in one.frameworks
            if (one.probe, one.channel) == (seen.probe, seen.channel)
        }
        everybody = sorted(set(names) - beside)
        for name in everybody if seen.frameworks == (OTHERS,) else seen.frameworks:
            yield seen, name
