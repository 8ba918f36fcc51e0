"""The command `cookoff readme`."""

import click

from bench.core.errors import Trouble
from bench.core.files import write_file
from bench.core.paths import Places
from bench.frameworks.manifest import discover
from bench.report.checked import checked, made
from bench.report.readme import PICTURE, README, require_cost, require_rows, with_table
from bench.results import store


@click.command()
def command() -> None:
    """Write the README's table and picture anew, from the results on disk.

    All rows of the table come from one comparison, on one machine. So where a framework that has a
    row now is not in the results, or was not timed with the others, nothing is written, and the
    command ends with 3 and names it: run `cookoff compare` without names first. A framework that is
    no longer in apps/ loses its row.
    """
    from bench.report import screenshot

    places = Places.from_environ()
    with store.held():
        found = checked(store.read())
        text = README.read_text(encoding="utf-8")
        shelf = discover(places.apps)
        require_cost(found)
        require_rows(text, found, shelf)
        write_file(README, made(lambda: with_table(text, found)))
    click.echo(f"written: {README}")
    if absent := [name for name in shelf.frameworks if name not in found["frameworks"]]:
        click.echo(f"cookoff: without a row: {', '.join(absent)}; see: cookoff compare", err=True)
    try:
        screenshot.take(found, places, PICTURE)
    except Trouble:
        click.echo(f"left as it is: {PICTURE}", err=True)
        raise
    click.echo(f"written: {PICTURE}")
