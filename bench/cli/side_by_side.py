"""The command `cookoff side-by-side`, and what it prints."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from rich.console import Console, Group, RenderableType
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from bench.analysis.side_by_side import (
    MIN_COLUMN_WIDTH,
    NO_HANDLER,
    FeatureRow,
    FrameworkColumn,
    compare_features,
    find_features,
)
from bench.cli.common import select_frameworks
from bench.cli.option_types import NewFile
from bench.core.files import write_file
from bench.core.paths import Paths
from bench.frameworks.manifest import discover_frameworks


def print_rows(rows: Sequence[FeatureRow]) -> None:
    """Print the rows: columns where the terminal is wide enough, else one below the other."""
    console = Console(soft_wrap=False)
    for row in rows:
        title = f"{row.feature.sentence}  {row.feature.request}"
        if not console.is_terminal:
            print_plain_row(title, row)
        elif console.width >= MIN_COLUMN_WIDTH * len(row.columns):
            console.print(Rule(title), build_table(row))
        else:
            console.print(
                Rule(title), *(part for one in row.columns for part in render_column(one))
            )


def build_table(row: FeatureRow) -> Table:
    """Return one feature's code in equal columns."""
    table = Table.grid(expand=True, padding=(0, 1))
    for _ in row.columns:
        table.add_column(ratio=1)
    table.add_row(*(Group(*render_column(column)) for column in row.columns))
    return table


def render_column(column: FrameworkColumn) -> Iterator[RenderableType]:
    """Yield one framework's code with its heading, in the terminal's own colours."""
    yield Text(column.framework.title, style="bold")
    for piece in column.pieces:
        yield Text(piece.where, style="dim")
        yield Syntax(piece.text.rstrip(), piece.language, theme="ansi_dark", word_wrap=True)
    yield Text("" if column.pieces else NO_HANDLER)


def print_plain_row(title: str, row: FeatureRow) -> None:
    """Print one feature's code without colours, one framework below the other."""
    print(f"=== {title}\n")
    for column in row.columns:
        for piece in column.pieces:
            print(f"--- {column.framework.title}: {piece.where}\n{piece.text.rstrip()}\n")
        if not column.pieces:
            print(f"--- {column.framework.title}: {NO_HANDLER}\n")


def write_pair_page(names: tuple[str, ...], file: Path) -> Path:
    """Write what the results hold of these frameworks as one page."""
    from bench.report.page import render_checked
    from bench.results import store
    from bench.results.subset import select_results

    found = select_results(store.read_results(), names)
    titles = [one["title"] for one in found["frameworks"].values()]
    write_file(file, render_checked(found, f"{', '.join(titles[:-1])} and {titles[-1]}"))
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
    places = Paths.from_environ()
    if html and feature in discover_frameworks(places.apps).frameworks:
        click.echo(f"written: {write_pair_page((feature, *names), html)}")
        return 0
    features = find_features(feature)
    frameworks, exit_code = select_frameworks(places, names)
    rows = compare_features(features, frameworks, helpers, templates)
    if len(rows[0].columns) < len(frameworks):
        exit_code = 1
    if not rows[0].columns:
        return exit_code
    if html:
        from bench.report.side_by_side_page import render_page

        write_file(html, render_page(rows))
        click.echo(f"written: {html}")
    else:
        print_rows(rows)
    return exit_code if all(column.pieces for row in rows for column in row.columns) else 1
