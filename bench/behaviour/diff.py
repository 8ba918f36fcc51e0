"""Compare the outcomes of two runs of the probes."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.core.errors import UsageError
from bench.results import store

OutcomesByKey = Mapping[
    tuple[str, str, str], str
]  # (framework, probe or JSON case, channel): outcome


@dataclass(frozen=True)
class Change:
    """One outcome that differs between two runs."""

    framework: str
    probe: str
    channel: str
    before: str
    now: str


def read_part(file: Path) -> dict[str, Any]:
    """Return the part "behaviour" of a results.json; raise UsageError if the file has none."""
    try:
        results = json.loads(file.read_text(encoding="utf-8"))
        part: dict[str, Any] = results["behaviour"]
        collect_outcomes(part)
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise UsageError(
            f"{file} holds no results of cookoff behaviour; name a results.json that does"
        ) from error
    return part


def read_last_part() -> dict[str, Any] | None:
    """Return the part that the last full run saved, None if there is no usable one."""
    try:
        return read_part(store.RESULTS_FILE)
    except UsageError:
        return None


def collect_outcomes(part: Mapping[str, Any]) -> OutcomesByKey:
    """Return every outcome of a part by framework, probe (or JSON case) and channel."""
    outcomes = {
        (name, probe["id"], channel): words
        for probe in part["probes"]
        for group in probe["outcomes"]
        for name in group["frameworks"]
        for channel, words in group["outcome"].items()
    }
    first = part["channels"][0]
    for row in part["json"]["outcomes"]:
        outcomes |= {(name, row["case"], first): row["outcome"] for name in row["frameworks"]}
    outcomes |= {(name, case, kind): words for kind, name, case, words in part["json"]["masked"]}
    return outcomes


def find_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    """Yield each outcome that both runs have and that differs between them."""
    old, new = collect_outcomes(before), collect_outcomes(now)
    for key in sorted(old.keys() & new.keys()):
        if old[key] != new[key]:
            yield Change(*key, old[key], new[key])


def describe_unmatched(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for the frameworks and for the probes that only one of the runs has."""
    old, new = collect_outcomes(before), collect_outcomes(now)
    for position, kind in ((0, "frameworks"), (1, "probes")):
        earlier, current = ({key[position] for key in outcomes} for outcomes in (old, new))
        if added := sorted(current - earlier):
            yield f"{kind} missing in the earlier run: {', '.join(added)}"
        if removed := sorted(earlier - current):
            yield f"{kind} missing in this run: {', '.join(removed)}"
