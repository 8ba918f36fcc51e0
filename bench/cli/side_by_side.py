"""Define the command `cookoff side-by-side`, and print its columns."""

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
    FeatureRow,
    FrameworkColumn,
    compare_features,
    compare_hardening,
    find_features,
)
from bench.cli.common import FEATURE_HELP, select_frameworks
from bench.cli.documented import DocumentedCommand
from bench.cli.option_types import NewFile
from bench.core.errors import UsageError
from bench.core.files import write_file
from bench.core.paths import Paths
from bench.frameworks.manifest import discover_frameworks


def print_rows(rows: Sequence[FeatureRow]) -> None:
    """Print the rows: in columns on a wide terminal, else one framework below the other."""
    console = Console(soft_wrap=False)
    for row in rows:
        title = f"{row.feature.sentence}  {row.feature.request}"
        if not console.is_terminal:
            print_plain_row(title, row)
        elif console.width >= MIN_COLUMN_WIDTH * len(row.columns):
            console.print(Rule(title), build_table(row))
        else:
            console.print(
                Rule(title),
                *(part for column in row.columns for part in render_column(column, row.empty_text)),
            )


def build_table(row: FeatureRow) -> Table:
    """Return the code of one feature in equal columns."""
    table = Table.grid(expand=True, padding=(0, 1))
    for _ in row.columns:
        table.add_column(ratio=1)
    table.add_row(*(Group(*render_column(column, row.empty_text)) for column in row.columns))
    return table


def render_column(column: FrameworkColumn, empty_text: str) -> Iterator[RenderableType]:
    """Yield the code of one framework with a heading, in the terminal's own colours."""
    yield Text(column.framework.title, style="bold")
    for piece in column.pieces:
        yield Text(piece.where, style="dim")
        yield Syntax(piece.text.rstrip(), piece.language, theme="ansi_dark", word_wrap=True)
    yield Text("" if column.pieces else empty_text)


def print_plain_row(title: str, row: FeatureRow) -> None:
    """Print the code of one feature without colours, one framework below the other."""
    print(f"=== {title}\n")
    for column in row.columns:
        for piece in column.pieces:
            print(f"--- {column.framework.title}: {piece.where}\n{piece.text.rstrip()}\n")
        if not column.pieces:
            print(f"--- {column.framework.title}: {row.empty_text}\n")


def write_pair_page(names: tuple[str, ...], file: Path) -> Path:
    """Write the page of two frameworks from the stored results; raise UsageError for others."""
    from bench.report.checked import call_guarded, check_results
    from bench.report.site import render_pair
    from bench.results import store

    if len(names) != 2 or names[0] == names[1]:
        raise UsageError(
            "a page of results is about two frameworks; run: "
            "cookoff side-by-side flask django --html pair.html"
        )
    results = check_results(store.read_results())
    write_file(file, call_guarded(lambda: render_pair(results, *names)))
    return file


@click.command(
    "side-by-side", cls=DocumentedCommand, example="side-by-side place-the-order flask bottle"
)
@click.argument("feature", metavar="[FEATURE]", help=FEATURE_HELP)
@click.argument(
    "names", nargs=-1, required=True, metavar="FRAMEWORK...", help="Names of frameworks."
)
@click.option("--helpers", is_flag=True, help="Also show the app's functions that handlers call.")
@click.option("--templates", is_flag=True, help="Also show the templates that handlers fill.")
@click.option(
    "--hardening",
    "only_hardening",
    is_flag=True,
    help="Show the hardening of each framework instead, which has no features.",
)
@click.option("--html", type=NewFile(), metavar="FILE", help="Write one page to this file.")
def command(
    feature: str,
    names: tuple[str, ...],
    helpers: bool,
    templates: bool,
    only_hardening: bool,
    html: Path | None,
) -> int:
    """Show the code of a feature in several frameworks, side by side.

    The code is the site as the framework's documentation teaches it; a page of --html ends with
    the hardening. With --hardening the command needs no FEATURE.

    With --html and without FEATURE, the command writes the results of the last `cookoff compare`
    for two frameworks to one page: what differs in code, default behaviour and cost.

    Prints the code in columns on a wide terminal, else one framework below the other. Writes only
    the page of --html.
    """
    paths = Paths.from_environ()
    is_name = feature in discover_frameworks(paths.apps).frameworks
    if html and is_name and not only_hardening:
        click.echo(f"written: {write_pair_page((feature, *names), html)}")
        return 0
    features = [] if only_hardening and is_name else find_features(feature)
    frameworks, exit_code = select_frameworks(paths, names if features else (feature, *names))
    if only_hardening:
        rows = [compare_hardening(frameworks)]
    else:
        rows = compare_features(features, frameworks, helpers, templates)
    if len(rows[0].columns) < len(frameworks):
        exit_code = 1
    if not rows[0].columns:
        return exit_code
    if html:
        from bench.report.side_by_side_page import render_page

        readable = [column.framework for column in rows[0].columns]
        shown = rows if only_hardening else [*rows, compare_hardening(readable)]
        write_file(html, render_page(shown))
        click.echo(f"written: {html}")
    else:
        print_rows(rows)
    return exit_code if all(column.pieces for row in rows for column in row.columns) else 1
