"""The panel with the rows that a request changed, and its SQL statements."""

from dataclasses import dataclass
from typing import Any

from bench.workbench.outcomes import Outcome, RowChange
from shared_db.schema import metadata


@dataclass(frozen=True)
class Cell:
    """A value of a row before and after the request."""

    column: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        """Return whether the request changed the value."""
        return self.before != self.after


@dataclass(frozen=True)
class ChangedRow:
    """A row that a request added, changed or removed."""

    table: str
    kind: str  # added, changed, removed
    cells: list[Cell]


def describe_changes(outcome: Outcome) -> list[ChangedRow]:
    """Return the rows that a request changed at one site, with the names of the columns."""
    return [describe_change(change) for change in outcome.changes]


def describe_change(change: RowChange) -> ChangedRow:
    """Return one changed row."""
    columns = [column.name for column in metadata.tables[change.table].columns]
    before, after = format_row(change.before, columns), format_row(change.after, columns)
    kind = "changed" if change.before and change.after else "added" if change.after else "removed"
    cells = [Cell(*values) for values in zip(columns, before, after, strict=False)]
    return ChangedRow(change.table, kind, cells)


def format_row(row: list[Any] | None, columns: list[str]) -> list[str]:
    """Return the values of a row as text, empty texts for no row."""
    return (
        ["NULL" if value is None else str(value) for value in row] if row else [""] * len(columns)
    )
