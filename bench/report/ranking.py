"""Rank the frameworks by each criterion, with shared ranks for ties.

A rank counts how many frameworks are better, so equal frameworks share a rank. Two frameworks are
also equal if the measurement shows no difference. The page adds up the ranks by the reader's
weights.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bench.report.overview import Column, TableCell
from bench.results.schema import Cost, FrameworkFacts


@dataclass(frozen=True)
class Criterion:
    """One criterion, with each framework's rank; rank 0 is the best."""

    id: str
    question: str
    evidence: str  # the heading of the column that the ranks come from
    ranks: Mapping[str, int]


MENU = "menu"
QUESTIONS = {
    "python": "less code to write and read",
    "provisions": "more needs provided by the framework",
    "packages": "fewer packages to trust and update",
    "megabytes": "a smaller installation",
    "released": "upkeep: a newer release",
    "missed": "safe defaults: fewer missed clauses of standards",
    "memory": "less memory",
    "menu": "less time added to a page",
}


def build_criteria(
    columns: Sequence[Column],
    rows: Sequence[tuple[FrameworkFacts, Sequence[TableCell | None]]],
    cost: Cost | None,
) -> list[Criterion]:
    """Return the criteria that the reader can weigh; lower values of a column are better."""
    criteria = []
    for number, column in enumerate(columns):
        if column.id in QUESTIONS:
            cells = {facts.name: cells[number] for facts, cells in rows}
            known = {name: cell.value for name, cell in cells.items() if cell}
            values = {name: value for name, value in known.items() if value is not None}
            ranks = rank_values(values)
            if column.id == MENU and cost:
                ranks = rank_by_significance(values, cost.faster_than[MENU])
            criteria.append(Criterion(column.id, QUESTIONS[column.id], column.heading, ranks))
    return criteria


def rank_values(values: Mapping[str, float]) -> dict[str, int]:
    """Return, for each name, how many names have a lower value."""
    return {name: sum(other < value for other in values.values()) for name, value in values.items()}


def rank_by_significance(
    names: Collection[str], faster_than: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """Return, for each name, how many of the names are shown to be faster."""
    return {name: sum(name in faster_than.get(other, ()) for other in names) for name in names}
