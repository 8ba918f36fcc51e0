"""Rank the frameworks by each criterion, with shared ranks for ties.

A rank counts how many frameworks are better, so equal frameworks share a rank. Two frameworks are
also equal if the measurement shows no difference. The page adds up the ranks by the reader's
weights.
"""

import math
import statistics
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bench.report.overview import MENU, Column, OverviewRow, find_columns
from bench.results.schema import Cost

LEVELS = 5  # of shading, from the best to the worst


@dataclass(frozen=True)
class Criterion:
    """One criterion, with each framework's rank (0 is the best) and level of shading."""

    column: Column
    ranks: Mapping[str, int]
    levels: Mapping[str, int]


@dataclass(frozen=True)
class Preset:
    """Weights for a purpose, by the id of the criterion; the others have the weight 0."""

    title: str
    weights: Mapping[str, int]


PRESETS = (
    Preset("An internal tool", {"provisions": 3, "lines": 2, "taught": 1}),
    Preset("A small API", {"menu": 3, "memory": 2, "lines": 2, "packages": 1}),
    Preset("A team", {"taught": 3, "released": 2, "provisions": 2}),
    Preset("Batteries included", {"provisions": 3, "taught": 2, "missed": 2, "released": 1}),
    Preset("Fewest dependencies", {"packages": 3, "megabytes": 2}),
    Preset("Learning", {"lines": 3, "packages": 1, "released": 2, "taught": 1}),
)


def build_criteria(rows: Sequence[OverviewRow], cost: Cost | None) -> list[Criterion]:
    """Return the criteria that the reader can weigh, each with ranks and shading."""
    return [build_criterion(column, rows, cost) for column in find_columns(list(rows))]


def build_criterion(column: Column, rows: Sequence[OverviewRow], cost: Cost | None) -> Criterion:
    """Return one criterion; the cost's ranks are those that the measurement shows."""
    cells = {row.facts.name: row.cells[column.id] for row in rows}
    values = {name: cell.value for name, cell in cells.items() if cell}
    if column.id == MENU and cost:
        ranks = rank_by_significance(values, cost.faster_than[MENU])
    else:
        ranks = rank_values(values)
    return Criterion(column, ranks, compute_levels(values, ranks))


def rank_values(values: Mapping[str, float]) -> dict[str, int]:
    """Return, for each name, how many names have a lower value."""
    return {name: sum(other < value for other in values.values()) for name, value in values.items()}


def rank_by_significance(
    names: Collection[str], faster_than: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """Return, for each name, how many of the names are shown to be faster."""
    return {name: sum(name in faster_than.get(other, ()) for other in names) for name in names}


def compute_levels(values: Mapping[str, float], ranks: Mapping[str, int]) -> dict[str, int]:
    """Return the level of shading of each name, from 0 (the best) to LEVELS - 1 (the worst).

    Names of equal rank have an equal level, from the median of their values. The level is the
    distance to the best value, as a share of the distance from the best to the worst value; its
    square root spreads small distances.
    """
    groups: dict[int, list[float]] = {}
    for name, rank in ranks.items():
        groups.setdefault(rank, []).append(values[name])
    medians = {rank: statistics.median(group) for rank, group in groups.items()}
    best, worst = min(medians.values(), default=0.0), max(medians.values(), default=0.0)

    def find_level(rank: int) -> int:
        if rank == 0 or worst == best:
            return 0
        share = math.sqrt(max(0.0, medians[rank] - best) / (worst - best))
        return max(1, round(share * (LEVELS - 1)))

    return {name: find_level(rank) for name, rank in ranks.items()}
