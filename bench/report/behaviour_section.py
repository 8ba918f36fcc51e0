"""What does each framework do when nobody told it what to do? The grid, folded where all agree."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Part = Mapping[str, Any]
MAX_REPLY_CHARACTERS = (
    600  # characters of a reply that are shown; the rest is its command's to print
)
MEETS_CLASSES = {True: "meets", False: "misses", None: "free"}


@dataclass(frozen=True)
class Agreement:
    """Frameworks that did the same, and what that was."""

    names: list[str]
    outcomes: list[tuple[str, str, str]]  # the channels, the outcome there, meets, misses or free

    @property
    def ids(self) -> str:
        """Return the names as one attribute holds them."""
        return " ".join(self.names)


@dataclass(frozen=True)
class ProbeRow:
    """One probe."""

    id: str
    sentence: str
    grade: str
    clause: Mapping[str, str] | None
    command: str
    requests: list[str]
    agreements: list[Agreement]
    replies: list[tuple[list[str], str]]  # who gave this reply, through the most telling channel
    idioms: Mapping[str, str]

    @property
    def is_unanimous(self) -> bool:
        """Tell whether all did the same."""
        return len(self.agreements) == 1


@dataclass(frozen=True)
class ProbeGroup:
    """Probes about one matter."""

    id: str
    title: str
    rows: list[ProbeRow]

    @property
    def differing_rows(self) -> list[ProbeRow]:
        """The probes on which frameworks differ."""
        return [row for row in self.rows if not row.is_unanimous]

    @property
    def unanimous_rows(self) -> list[ProbeRow]:
        """The probes on which all do the same."""
        return [row for row in self.rows if row.is_unanimous]


def build_groups(part: Part) -> Iterator[ProbeGroup]:
    """Yield the groups of the part "behaviour" that have a probe."""
    for id, title in part["groups"].items():
        rows = [build_row(one, part) for one in part["probes"] if one["group"] == id]
        if rows:
            yield ProbeGroup(id, title, rows)


def build_row(probe: Part, part: Part) -> ProbeRow:
    """Return one probe's row."""
    return ProbeRow(
        probe["id"],
        probe["sentence"],
        probe["grade"],
        probe["clause"],
        probe["command"],
        probe["requests"],
        [
            Agreement(one["frameworks"], list(merge_channels(one, part)))
            for one in probe["outcomes"]
        ],
        collect_replies(probe, part),
        probe["idioms"],
    )


def merge_channels(agreement: Part, part: Part) -> Iterator[tuple[str, str, str]]:
    """Yield what happened, once for channels that showed the same."""
    seen: dict[tuple[str, Any], list[str]] = {}
    for channel in part["channels"]:
        key = agreement["outcome"][channel], agreement["meets"][channel]
        seen.setdefault(key, []).append(channel)
    for (outcome, meets), channels in seen.items():
        every = len(channels) == len(part["channels"])
        yield "" if every else ", ".join(channels), outcome, MEETS_CLASSES[meets]


def collect_replies(probe: Part, part: Part) -> list[tuple[list[str], str]]:
    """Return the replies as they came, each once, with those who gave it."""
    given: dict[str, list[str]] = {}
    for name, channels in probe["cells"].items():
        # Through waitress where it was asked there; what differs elsewhere is told in words.
        told = next(
            (channels[one] for one in ("waitress", *part["channels"]) if one in channels), None
        )
        if told and told["replies"]:
            text = "\n\n".join(told["replies"])
            text = text if len(text) <= MAX_REPLY_CHARACTERS else text[:MAX_REPLY_CHARACTERS] + " …"
            given.setdefault(text, []).append(name)
    return [(names, text) for text, names in given.items()]


def count_missed_clauses(part: Part) -> dict[str, int]:
    """Return how many clauses that a standard sets each framework misses in its own process."""
    missed = dict.fromkeys(part["frameworks"], 0)
    for probe in part["probes"]:
        if probe["grade"] == "must":
            for one in probe["outcomes"]:
                if one["meets"].get("in-process") is False:
                    for name in one["frameworks"]:
                        missed[name] += 1
    return missed
