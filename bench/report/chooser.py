"""Which framework fits what matters to the reader? Places in each column, ties as ties.

A place counts how many frameworks are better, so equal ones share it; where a measurement did not
show two apart, they are equal. The page adds up places by the weights that the reader gives.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.report.glance import Cell, Column


@dataclass(frozen=True)
class Criterion:
    """Something that may matter, and each framework's place in it, 0 the best."""

    id: str
    question: str
    evidence: str  # the heading of the column it follows from
    places: Mapping[str, int]


QUESTIONS = {
    "python": "less code to write and read",
    "brings": "more that comes with it",
    "packages": "fewer packages to trust and update",
    "megabytes": "a smaller installation",
    "released": "a newer release",
    "missed": "standards kept by default",
    "memory": "less memory",
    "menu": "less time added to a page",
}


def criteria(
    columns: Sequence[Column], rows: Sequence[tuple[Mapping[str, Any], Sequence[Cell | None]]]
) -> list[Criterion]:
    """Return what the reader can weigh; what a column sorts first is better."""
    found = []
    for number, column in enumerate(columns):
        if column.id in QUESTIONS:
            cells = {one["name"]: cells[number] for one, cells in rows}
            values = {name: cell.value for name, cell in cells.items() if cell}
            ties = {name for name, cell in cells.items() if cell and cell.note == TIE}
            places = places_of({n: v for n, v in values.items() if v is not None}, ties)
            found.append(Criterion(column.id, QUESTIONS[column.id], column.heading, places))
    return found


TIE = "no difference shown"


def places_of(values: Mapping[str, float], ties: set[str]) -> dict[str, int]:
    """Return how many are better than each; those of `ties` are all as good as the best of them."""
    best_tie = min((values[name] for name in ties if name in values), default=0.0)
    fair = {name: best_tie if name in ties else value for name, value in values.items()}
    return {name: sum(other < mine for other in fair.values()) for name, mine in fair.items()}
