"""The command `cookoff readme`."""

import click

from bench.core.errors import CookoffError
from bench.core.files import write_file
from bench.core.paths import Paths
from bench.frameworks.manifest import discover_frameworks
from bench.report.checked import call_guarded, check_results
from bench.report.readme import PICTURE_FILE, README_FILE, insert_table, require_cost, require_rows
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

    places = Paths.from_environ()
    with store.locked_results():
        found = check_results(store.read_results())
        text = README_FILE.read_text(encoding="utf-8")
        shelf = discover_frameworks(places.apps)
        require_cost(found)
        require_rows(text, found, shelf)
        write_file(README_FILE, call_guarded(lambda: insert_table(text, found)))
    click.echo(f"written: {README_FILE}")
    if absent := [name for name in shelf.frameworks if name not in found["frameworks"]]:
        click.echo(f"cookoff: without a row: {', '.join(absent)}; see: cookoff compare", err=True)
    try:
        screenshot.write_screenshot(found, places, PICTURE_FILE)
    except CookoffError:
        click.echo(f"left as it is: {PICTURE_FILE}", err=True)
        raise
    click.echo(f"written: {PICTURE_FILE}")
