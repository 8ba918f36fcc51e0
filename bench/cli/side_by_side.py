"""The command `cookoff side-by-side`, and what it prints."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from rich.console import Console, Group, RenderableType
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from bench.analysis.side_by_side import LEAST_COLUMN, NOTHING, Column, Row, compare, features_called
from bench.cli.common import chosen
from bench.cli.option_types import NewFile
from bench.core.files import write_file
from bench.core.paths import Places
from bench.frameworks.manifest import discover


def show(rows: Sequence[Row]) -> None:
    """Print the rows: columns where the terminal is wide enough, else one below the other."""
    console = Console(soft_wrap=False)
    for row in rows:
        title = f"{row.feature.sentence}  {row.feature.request}"
        if not console.is_terminal:
            show_plainly(title, row)
        elif console.width >= LEAST_COLUMN * len(row.columns):
            console.print(Rule(title), as_columns(row))
        else:
            console.print(Rule(title), *(part for one in row.columns for part in painted(one)))


def as_columns(row: Row) -> Table:
    """Return one feature's code in equal columns."""
    table = Table.grid(expand=True, padding=(0, 1))
    for _ in row.columns:
        table.add_column(ratio=1)
    table.add_row(*(Group(*painted(column)) for column in row.columns))
    return table


def painted(column: Column) -> Iterator[RenderableType]:
    """Yield one framework's code with its heading, in the terminal's own colours."""
    yield Text(column.framework.title, style="bold")
    for piece in column.pieces:
        yield Text(piece.where, style="dim")
        yield Syntax(piece.text.rstrip(), piece.language, theme="ansi_dark", word_wrap=True)
    yield Text("" if column.pieces else NOTHING)


def show_plainly(title: str, row: Row) -> None:
    """Print one feature's code without colours, one framework below the other."""
    print(f"=== {title}\n")
    for column in row.columns:
        for piece in column.pieces:
            print(f"--- {column.framework.title}: {piece.where}\n{piece.text.rstrip()}\n")
        if not column.pieces:
            print(f"--- {column.framework.title}: {NOTHING}\n")


def pair_page(names: tuple[str, ...], file: Path) -> Path:
    """Write what the results hold of these frameworks as one page."""
    from bench.report.page import readable
    from bench.results import store
    from bench.results.subset import subset

    found = subset(store.read(), names)
    titles = [one["title"] for one in found["frameworks"].values()]
    write_file(file, readable(found, f"{', '.join(titles[:-1])} and {titles[-1]}"))
    return file


@click.command("side-by-side")
@click.argument("feature", metavar="[FEATURE]")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--helpers", is_flag=True, help="Show the app's own functions they call, too.")
@click.option("--templates", is_flag=True, help="Show the templates that the handlers fill, too.")
@click.option("--html", type=NewFile(), help="Write one page to this file.")
def command(
    feature: str, names: tuple[str, ...], helpers: bool, templates: bool, html: Path | None
) -> int:
    """Show how FEATURE is written in each framework NAME, next to each other.

    FEATURE is a feature's sentence, its id, such as place-the-order, a part of the id that no other
    feature has, or "all".

    Without a FEATURE, but with --html, all that the last `cookoff compare` found of these becomes
    one page: what you write, what you get, how they differ by default, what it costs.
    """
    places = Places.from_environ()
    if html and feature in discover(places.apps).frameworks:
        click.echo(f"written: {pair_page((feature, *names), html)}")
        return 0
    features = features_called(feature)
    frameworks, exit_code = chosen(places, names)
    rows = compare(features, frameworks, helpers, templates)
    if len(rows[0].columns) < len(frameworks):
        exit_code = 1
    if not rows[0].columns:
        return exit_code
    if html:
        from bench.report.side_by_side_page import page

        write_file(html, page(rows))
        click.echo(f"written: {html}")
    else:
        show(rows)
    return exit_code if all(column.pieces for row in rows for column in row.columns) else 1
