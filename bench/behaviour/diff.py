"""Which outcomes changed between two runs?"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.core.errors import UsageError
from bench.results import store

OutcomesByKey = Mapping[tuple[str, str, str], str]  # framework, probe or JSON case, channel: words


@dataclass(frozen=True)
class Change:
    """One outcome that is not what it was."""

    framework: str
    probe: str
    channel: str
    before: str
    now: str


def read_part(file: Path) -> dict[str, Any]:
    """Return the part "behaviour" of a results.json; raise Misuse when the file has none."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        part: dict[str, Any] = found["behaviour"]
        collect_outcomes(part)
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise UsageError(f"{file} holds no results of cookoff behaviour") from error
    return part


def read_last_part() -> dict[str, Any] | None:
    """Return what the last whole run kept, None where there is none of use."""
    try:
        return read_part(store.RESULTS_FILE)
    except UsageError:
        return None


def collect_outcomes(part: Mapping[str, Any]) -> OutcomesByKey:
    """Return every outcome of a part by framework, probe and channel."""
    found = {
        (name, probe["id"], channel): words
        for probe in part["probes"]
        for group in probe["outcomes"]
        for name in group["frameworks"]
        for channel, words in group["outcome"].items()
    }
    first = part["channels"][0]
    for row in part["json"]["outcomes"]:
        found |= {(name, row["case"], first): row["outcome"] for name in row["frameworks"]}
    found |= {(name, case, kind): words for kind, name, case, words in part["json"]["masked"]}
    return found


def find_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    """Yield each outcome that was asked both times and is not what it was."""
    old, new = collect_outcomes(before), collect_outcomes(now)
    for key in sorted(old.keys() & new.keys()):
        if old[key] != new[key]:
            yield Change(*key, old[key], new[key])


def describe_unmatched(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for what cannot be compared: frameworks and probes of one run only."""
    old, new = collect_outcomes(before), collect_outcomes(now)
    for place, kind in ((0, "frameworks"), (1, "probes")):
        then, since = ({key[place] for key in one} for one in (old, new))
        if added := sorted(since - then):
            yield f"{kind} not asked then: {', '.join(added)}"
        if gone := sorted(then - since):
            yield f"{kind} not asked now: {', '.join(gone)}"
