"""Group the outcomes of the probes by framework, for the pages about default behaviour."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.results.schema import Behaviour, ProbeOutcome, ProbeResults, StandardClause

MAX_REPLY_CHARACTERS = 600  # of a reply that the page shows; the probe's command prints all
MEETS_CLASSES = {True: "meets", False: "misses", None: "free"}
# By the CSS class of a cell: the sign, which does not depend on colour, and the meaning.
GRID_SIGNS = {
    "meets": ("●", "meets the standard"),
    "misses": ("✕", "misses the standard"),
    "mixed": ("◐", "differs between the channels"),
    "free": ("a, b, c", "a free choice: equal letters are equal outcomes"),
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class GridCell:
    """The outcome of one framework in the grid: its class, its sign and its text."""

    css_class: str
    sign: str
    text: str


@dataclass(frozen=True)
class Agreement:
    """Frameworks with equal outcomes, and these outcomes."""

    names: list[str]
    outcomes: list[
        tuple[str, str, str]
    ]  # channels, outcome, and its CSS class: meets, misses or free


@dataclass(frozen=True)
class ProbeRow:
    """One probe with its outcomes and replies."""

    id: str
    sentence: str
    grade: str
    clause: StandardClause | None
    command: str
    requests: list[str]
    agreements: list[Agreement]
    replies: list[tuple[list[str], str]]  # frameworks, and their reply on the preferred channel
    idioms: Mapping[str, str]

    @property
    def is_unanimous(self) -> bool:
        """Whether all frameworks have the same outcome."""
        return len(self.agreements) == 1

    def find_cell(self, name: str) -> GridCell | None:
        """Return a framework's cell in the grid, or None without an outcome."""
        for number, agreement in enumerate(self.agreements):
            if name in agreement.names:
                return build_cell(agreement, LETTERS[number % len(LETTERS)])
        return None


@dataclass(frozen=True)
class ProbeGroup:
    """The probes of one subject."""

    id: str
    title: str
    rows: list[ProbeRow]

    @property
    def differing_rows(self) -> list[ProbeRow]:
        """The probes with different outcomes."""
        return [row for row in self.rows if not row.is_unanimous]

    @property
    def unanimous_rows(self) -> list[ProbeRow]:
        """The probes with the same outcome for all frameworks."""
        return [row for row in self.rows if row.is_unanimous]


def build_cell(agreement: Agreement, letter: str) -> GridCell:
    """Return the cell of the frameworks with these outcomes; the letter stands for the outcome."""
    classes = {css_class for _, _, css_class in agreement.outcomes}
    css_class = classes.pop() if len(classes) == 1 else "mixed"
    sign = letter if css_class == "free" else f"{GRID_SIGNS[css_class][0]}{letter}"
    text = "; ".join(
        f"{outcome} ({channels})" if channels else outcome
        for channels, outcome, _ in agreement.outcomes
    )
    return GridCell(css_class, sign, text)


def build_groups(part: Behaviour) -> Iterator[ProbeGroup]:
    """Yield the groups of the part "behaviour" that have at least one probe."""
    for id, title in part.groups.items():
        rows = [build_row(probe, part.channels) for probe in part.probes if probe.group == id]
        if rows:
            yield ProbeGroup(id, title, rows)


def build_row(probe: ProbeResults, channels: Sequence[str]) -> ProbeRow:
    """Return one probe's row."""
    return ProbeRow(
        probe.id,
        probe.sentence,
        probe.grade,
        probe.clause,
        probe.command,
        probe.requests,
        [
            Agreement(group.frameworks, list(merge_channels(group, channels)))
            for group in probe.outcomes
        ],
        collect_replies(probe, channels),
        probe.idioms,
    )


def merge_channels(
    agreement: ProbeOutcome, channels: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    """Yield each outcome once, with the channels that have this outcome ("" if all have it)."""
    channels_by_outcome: dict[tuple[str, bool | None], list[str]] = {}
    for channel in channels:
        key = agreement.outcome[channel], agreement.meets[channel]
        channels_by_outcome.setdefault(key, []).append(channel)
    for (outcome, meets), equal in channels_by_outcome.items():
        every = len(equal) == len(channels)
        yield "" if every else ", ".join(equal), outcome, MEETS_CLASSES[meets]


def collect_replies(probe: ProbeResults, channels: Sequence[str]) -> list[tuple[list[str], str]]:
    """Return each different reply once, with the frameworks that sent this reply."""
    names_by_reply: dict[str, list[str]] = {}
    for name, evidence in probe.evidence.items():
        # waitress's reply if there is one; the outcomes describe differences on other channels.
        preferred = ("waitress", *channels)
        replies = next((evidence[each].replies for each in preferred if each in evidence), [])
        if replies:
            text = "\n\n".join(replies)
            text = text if len(text) <= MAX_REPLY_CHARACTERS else text[:MAX_REPLY_CHARACTERS] + " …"
            names_by_reply.setdefault(text, []).append(name)
    return [(names, text) for text, names in names_by_reply.items()]


def count_missed_clauses(part: Behaviour) -> dict[str, int]:
    """Return how many clauses of grade must each framework misses in its own process."""
    missed = dict.fromkeys(part.frameworks, 0)
    for probe in part.probes:
        if probe.grade == "must":
            for group in probe.outcomes:
                if group.meets.get("in-process") is False:
                    for name in group.frameworks:
                        missed[name] += 1
    return missed


def count_missed_by_group(part: Behaviour) -> dict[str, dict[str, int]]:
    """Return by group and framework how many probes miss a standard in the own process."""
    counts = {group: dict.fromkeys(part.frameworks, 0) for group in part.groups}
    for probe in part.probes:
        for outcome in probe.outcomes:
            if outcome.meets.get("in-process") is False and probe.group in counts:
                for name in outcome.frameworks:
                    counts[probe.group][name] += 1
    return counts
