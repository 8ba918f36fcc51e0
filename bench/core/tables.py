"""Print rows as a table on a terminal, as plain text in a pipe, or as JSON."""

import json
import sys
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

Row = Mapping[str, object]


def print_rows(rows: Sequence[Row], as_json: bool = False, title: str = "") -> None:
    """Print rows that have the same keys; the keys become the headings of the columns."""
    if as_json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    elif sys.stdout.isatty():
        print_table(rows, title)
    else:
        print_plain(rows)


def print_table(rows: Sequence[Row], title: str) -> None:
    """Print a table for a terminal."""
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for key, value in rows[0].items() if rows else ():
        table.add_column(format_heading(key), justify="right" if is_number(value) else "left")
    for row in rows:
        table.add_row(*map(format_cell, row.values()))
    Console().print(table)


def print_plain(rows: Sequence[Row]) -> None:
    """Print aligned columns, two spaces apart, without colour and never truncated."""
    if not rows:
        return
    lines = [
        [format_heading(key) for key in rows[0]],
        *([format_cell(value) for value in row.values()] for row in rows),
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    numeric = [is_number(value) for value in rows[0].values()]
    for line in lines:
        cells = (
            cell.rjust(width) if aligned_right else cell.ljust(width)
            for cell, width, aligned_right in zip(line, widths, numeric, strict=True)
        )
        print("  ".join(cells).rstrip())


def format_heading(key: str) -> str:
    """Return the heading of a column."""
    return key.replace("_", " ")


def format_cell(value: object) -> str:
    """Return the text of a cell: nothing for None, one decimal place for a float."""
    if value is None:
        return ""
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def is_number(value: object) -> bool:
    """Return whether a value is aligned to the right of its column."""
    return isinstance(value, int | float) and not isinstance(value, bool)
