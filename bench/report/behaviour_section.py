"""What does each framework do when nobody told it what to do? The grid, folded where all agree."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Part = Mapping[str, Any]
FULL_OF_WORDS = 600  # characters of a reply that are shown; the rest is its command's to print
MEETS = {True: "meets", False: "misses", None: "free"}


@dataclass(frozen=True)
class Agreement:
    """Frameworks that did the same, and what that was."""

    names: list[str]
    words: list[tuple[str, str, str]]  # the channels, the outcome there, meets, misses or free

    @property
    def ids(self) -> str:
        """Return the names as one attribute holds them."""
        return " ".join(self.names)


@dataclass(frozen=True)
class Row:
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
    def agreed(self) -> bool:
        """Tell whether all did the same."""
        return len(self.agreements) == 1


@dataclass(frozen=True)
class Group:
    """Probes about one matter."""

    id: str
    title: str
    rows: list[Row]

    @property
    def differing(self) -> list[Row]:
        """The probes on which frameworks differ."""
        return [row for row in self.rows if not row.agreed]

    @property
    def agreed(self) -> list[Row]:
        """The probes on which all do the same."""
        return [row for row in self.rows if row.agreed]


def groups(part: Part) -> Iterator[Group]:
    """Yield the groups of the part "behaviour" that have a probe."""
    for id, title in part["groups"].items():
        rows = [row_of(one, part) for one in part["probes"] if one["group"] == id]
        if rows:
            yield Group(id, title, rows)


def row_of(probe: Part, part: Part) -> Row:
    """Return one probe's row."""
    return Row(
        probe["id"],
        probe["sentence"],
        probe["grade"],
        probe["clause"],
        probe["command"],
        probe["requests"],
        [Agreement(one["frameworks"], list(words(one, part))) for one in probe["outcomes"]],
        replies(probe, part),
        probe["idioms"],
    )


def words(agreement: Part, part: Part) -> Iterator[tuple[str, str, str]]:
    """Yield what happened, once for channels that showed the same."""
    seen: dict[tuple[str, Any], list[str]] = {}
    for channel in part["channels"]:
        key = agreement["outcome"][channel], agreement["meets"][channel]
        seen.setdefault(key, []).append(channel)
    for (outcome, meets), channels in seen.items():
        every = len(channels) == len(part["channels"])
        yield "" if every else ", ".join(channels), outcome, MEETS[meets]


def replies(probe: Part, part: Part) -> list[tuple[list[str], str]]:
    """Return the replies as they came, each once, with those who gave it."""
    given: dict[str, list[str]] = {}
    for name, channels in probe["cells"].items():
        # Through waitress where it was asked there; what differs elsewhere is told in words.
        told = next(
            (channels[one] for one in ("waitress", *part["channels"]) if one in channels), None
        )
        if told and told["replies"]:
            text = "\n\n".join(told["replies"])
            text = text if len(text) <= FULL_OF_WORDS else text[:FULL_OF_WORDS] + " …"
            given.setdefault(text, []).append(name)
    return [(names, text) for text, names in given.items()]


def missed_by(part: Part) -> dict[str, int]:
    """Return how many clauses that a standard sets each framework misses in its own process."""
    missed = dict.fromkeys(part["frameworks"], 0)
    for probe in part["probes"]:
        if probe["grade"] == "must":
            for one in probe["outcomes"]:
                if one["meets"].get("in-process") is False:
                    for name in one["frameworks"]:
                        missed[name] += 1
    return missed
