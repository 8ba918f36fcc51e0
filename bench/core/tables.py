"""Print rows as a table on a terminal, as plain text in a pipe, or as JSON.

A table that is wider than the terminal, or than PIPE_WIDTH in a pipe, wraps its texts. If that does
not suffice, the table is split into tables that repeat the first column.
"""

import json
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import click
from rich.console import Console
from rich.table import Table

Row = Mapping[str, object]
PIPE_WIDTH = 100
WORD_LIMITS = (24, 16, 12, 10)  # characters of a word; a longer word may be broken
GAP = 2  # spaces between two columns in a pipe
BORDER = 3  # characters between two columns on a terminal


@dataclass
class Column:
    """The cells of a column; the first cell is the heading."""

    cells: list[str]
    is_number: bool
    width: int = 0

    def __post_init__(self) -> None:
        self.width = max(map(len, self.cells))

    @property
    def preferred_width(self) -> int:
        """Return the width of a text, or of a number below a heading that may be wrapped."""
        return self.compute_min_width(WORD_LIMITS[0]) if self.is_number else self.width

    def compute_min_width(self, limit: int) -> int:
        """Return the width of the longest number, or of the longest word up to a limit."""
        if self.is_number:
            words = [*self.cells[0].split(), *self.cells[1:]]
        else:
            words = [word[:limit] for cell in self.cells for word in cell.split()]
        return max(map(len, words), default=0)

    def wrap(self, cell: str) -> list[str]:
        """Return the lines of a cell; a word that is too long is broken, after a hyphen if any."""
        is_broken = any(len(word) > self.width for word in cell.split())
        lines = textwrap.wrap(cell, self.width, break_on_hyphens=is_broken) or [""]
        return [line.rjust(self.width) if self.is_number else line for line in lines]


def print_rows(rows: Sequence[Row], as_json: bool = False, title: str = "") -> None:
    """Print rows that have the same keys; the keys become the headings of the columns."""
    if as_json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    elif rows and sys.stdout.isatty():
        print_tables(build_columns(rows), title)
    elif rows:
        print_plain(build_columns(rows))


def build_columns(rows: Sequence[Row]) -> list[Column]:
    """Return the columns of rows; the type of the first value decides how a column is aligned."""
    return [
        Column([format_heading(key), *(format_cell(row[key]) for row in rows)], is_number(value))
        for key, value in rows[0].items()
    ]


def print_text(text: str, err: bool = False) -> None:
    """Print a sentence in lines of at most PIPE_WIDTH characters; words stay whole."""
    lines = textwrap.wrap(
        text, PIPE_WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    click.echo("\n".join(lines), err=err)


def print_tables(columns: Sequence[Column], title: str) -> None:
    """Print the columns in one or several tables for a terminal."""
    console = Console()
    for group in split_columns(columns, console.width - 1, BORDER):
        table = Table(title=title or None, title_justify="left", header_style="bold")
        for column in group:
            table.add_column(
                column.cells[0],
                justify="right" if column.is_number else "left",
                min_width=column.compute_min_width(WORD_LIMITS[-1]),
                overflow="fold",
            )
        for cells in zip(*(column.cells[1:] for column in group), strict=True):
            table.add_row(*cells)
        console.print(table)


def print_plain(columns: Sequence[Column]) -> None:
    """Print aligned columns without colour, in lines of at most PIPE_WIDTH characters."""
    for number, group in enumerate(split_columns(columns, PIPE_WIDTH, GAP)):
        if number:
            print()
        for limit in WORD_LIMITS:
            shrink_columns(group, PIPE_WIDTH - GAP * (len(group) - 1), limit)
        for cells in zip(*(column.cells for column in group), strict=True):
            for line in wrap_cells(group, cells):
                print(line)


def split_columns(columns: Sequence[Column], width: int, gap: int) -> Iterator[list[Column]]:
    """Yield groups of columns that fit, each with the first column; one group if texts can wrap."""
    first, *others = columns
    min_widths = (column.compute_min_width(WORD_LIMITS[-1]) for column in columns)
    if sum(min_widths) + gap * len(others) <= width:
        yield [first, *others]
        return
    group = [first]
    for column in others:
        used = sum(each.preferred_width + gap for each in group)
        if len(group) > 1 and used + column.preferred_width > width:
            yield group
            group = [first]
        group.append(column)
    yield group


def shrink_columns(columns: Sequence[Column], width: int, limit: int) -> None:
    """Make the widest texts narrower until the columns fit, or all are as narrow as their words."""
    min_widths = {id(column): column.compute_min_width(limit) for column in columns}
    while sum(column.width for column in columns) > width:
        wide = [column for column in columns if column.width > min_widths[id(column)]]
        if not wide:
            return
        max(wide, key=lambda column: column.width).width -= 1


def wrap_cells(columns: Sequence[Column], cells: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a row, each cell wrapped in its column."""
    wrapped = [column.wrap(cell) for column, cell in zip(columns, cells, strict=True)]
    for pieces in zip_longest(*wrapped, fillvalue=""):
        padded = (piece.ljust(column.width) for column, piece in zip(columns, pieces, strict=True))
        yield (" " * GAP).join(padded).rstrip()


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
