"""Build the section about hardening: the clauses that each site as taught meets, and the cost."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.conformance.levels import CORE, HARDENING_GROUPS
from bench.results.schema import (
    NOT_DECIDED,
    ComparedResults,
    FrameworkFacts,
    Hardening,
    HardeningCost,
    LevelCount,
)
from bench.results.views import count_taught_clauses

CORE_TITLE = "What users see or rely on, and what security needs"
MOST_SHARE = 0.75
# By the CSS class of a cell: the sign, which does not depend on colour, and the meaning.
SHADES = {
    "met-all": ("●", "all clauses"),
    "met-most": ("◐", "three quarters or more"),
    "met-some": ("○", "fewer"),
}


@dataclass(frozen=True)
class ClauseCell:
    """The clauses of one group that a site as taught meets."""

    group: str
    passed: int
    clauses: int

    @property
    def shade(self) -> str:
        """The CSS class of the cell, a key of SHADES."""
        if self.passed == self.clauses:
            return "met-all"
        return "met-most" if self.passed >= MOST_SHARE * self.clauses else "met-some"

    @property
    def sign(self) -> str:
        """The sign of the cell."""
        return SHADES[self.shade][0]


@dataclass(frozen=True)
class ClauseRow:
    """One framework: its clauses by group, and its lines of Python."""

    facts: FrameworkFacts
    total: LevelCount
    cells: list[ClauseCell | None]  # None: no clause of the group ran


@dataclass(frozen=True)
class CostCell:
    """The time and the calls that hardening adds to one page of one framework, as text."""

    added: str
    interval: str
    calls: str
    note: str
    is_decided: bool


def find_groups(results: ComparedResults) -> dict[str, str]:
    """Return the title of the core and of each hardening group that has a clause in the results."""
    titles = {CORE: CORE_TITLE, **HARDENING_GROUPS}
    occurring = {
        group
        for facts in results.frameworks.values()
        if facts.contract.as_taught
        for group in facts.contract.as_taught.levels
    }
    return {group: title for group, title in titles.items() if group in occurring}


def build_clause_rows(results: ComparedResults, groups: Sequence[str]) -> Iterator[ClauseRow]:
    """Yield a row for each framework whose site as taught was tested."""
    for facts in results.frameworks.values():
        taught, total = facts.contract.as_taught, count_taught_clauses(facts.contract)
        if taught and total:
            counts = {group: taught.levels.get(group) for group in groups}
            cells = [
                ClauseCell(group, count.passed, count.clauses) if count else None
                for group, count in counts.items()
            ]
            yield ClauseRow(facts, total, cells)


def build_cost_rows(part: Hardening, names: Sequence[str]) -> dict[str, list[CostCell | None]]:
    """Return the cost cells of each measured framework, one for each page."""
    rows = {
        name: [build_cost_cell(costs.get(name)) for costs in part.pages.values()] for name in names
    }
    return {name: cells for name, cells in rows.items() if any(cells)}


def build_cost_cell(cost: HardeningCost | None) -> CostCell | None:
    """Return the cell of a cost."""
    if cost is None:
        return None
    return CostCell(
        added=f"{cost.added_microseconds:+.1f}",
        interval=f"{cost.added_low:+.1f} to {cost.added_high:+.1f}",
        calls="not counted" if cost.added_calls is None else f"{cost.added_calls:+d}",
        note=f"{cost.verdict}; {cost.taught_microseconds:.1f} µs as taught, ratio {cost.ratio:.3f} "
        f"({cost.low:.3f} to {cost.high:.3f})",
        is_decided=cost.verdict != NOT_DECIDED,
    )


def build_variables(results: ComparedResults) -> Mapping[str, object]:
    """Return the template's variables for the section."""
    groups, part = find_groups(results), results.hardening
    return {
        "clause_groups": groups,
        "clause_shades": SHADES,
        "clause_rows": list(build_clause_rows(results, list(groups))),
        "hardening_costs": build_cost_rows(part, list(results.frameworks)) if part else {},
    }
