"""Which framework fits what matters to the reader? Places in each column, ties as ties.

A place counts how many frameworks are better, so equal ones share it; where a measurement did not
show two apart, they are equal. The page adds up places by the weights that the reader gives.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.report.overview import Column, TableCell


@dataclass(frozen=True)
class Criterion:
    """Something that may matter, and each framework's place in it, 0 the best."""

    id: str
    question: str
    evidence: str  # the heading of the column it follows from
    ranks: Mapping[str, int]


MENU = "menu"
QUESTIONS = {
    "python": "less code to write and read",
    "brings": "more that comes with it",
    "packages": "fewer packages to trust and update",
    "megabytes": "a smaller installation",
    "released": "upkeep: a newer release",
    "missed": "safe defaults: standards kept unasked",
    "memory": "less memory",
    "menu": "less time added to a page",
}


def build_criteria(
    columns: Sequence[Column],
    rows: Sequence[tuple[Mapping[str, Any], Sequence[TableCell | None]]],
    cost: Mapping[str, Any] | None,
) -> list[Criterion]:
    """Return what the reader can weigh; what a column sorts first is better."""
    found = []
    for number, column in enumerate(columns):
        if column.id in QUESTIONS:
            cells = {one["name"]: cells[number] for one, cells in rows}
            known = {name: cell.value for name, cell in cells.items() if cell}
            values = {name: value for name, value in known.items() if value is not None}
            places = rank_values(values)
            if column.id == MENU and cost:
                places = rank_by_significance(values, cost["quicker_than"][MENU])
            found.append(Criterion(column.id, QUESTIONS[column.id], column.heading, places))
    return found


def rank_values(values: Mapping[str, float]) -> dict[str, int]:
    """Return how many are better than each."""
    return {name: sum(other < mine for other in values.values()) for name, mine in values.items()}


def rank_by_significance(
    names: Collection[str], quicker_than: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """Return how many of these are shown to be quicker than each."""
    return {name: sum(name in quicker_than.get(other, ()) for other in names) for name in names}
