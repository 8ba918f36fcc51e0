"""Define the command `cookoff readme`."""

import click

from bench.cli.documented import DocumentedCommand
from bench.core.errors import CookoffError
from bench.core.files import write_file
from bench.core.hints import print_error
from bench.core.paths import Paths
from bench.frameworks.manifest import discover_frameworks
from bench.report.checked import call_guarded, check_results
from bench.report.readme import PICTURE_FILE, README_FILE, insert_table, require_cost, require_rows
from bench.results import store


@click.command(cls=DocumentedCommand, example="readme")
def command() -> None:
    """Write the README's table and picture from the stored results.

    All rows of the table come from one comparison on one machine. If a framework that has a row in
    the README is missing in the results, or was not timed with the others, the command writes
    nothing, names the framework, and ends with 3: run `cookoff compare` without names first. A
    framework that is no longer in apps/ loses its row.

    Prints the paths of the written files. Writes README.md and bench/report/readme.png.
    """
    from bench.report import screenshot

    paths = Paths.from_environ()
    with store.locked_results():
        results = check_results(store.read_results())
        text = README_FILE.read_text(encoding="utf-8")
        registry = discover_frameworks(paths.apps)
        require_cost(results)
        require_rows(text, results, registry)
        write_file(README_FILE, call_guarded(lambda: insert_table(text, results)))
    click.echo(f"written: {README_FILE}")
    if absent := [name for name in registry.frameworks if name not in results.frameworks]:
        print_error(f"without a row: {', '.join(absent)}; run: cookoff compare")
    try:
        screenshot.write_screenshot(results, paths, PICTURE_FILE)
    except CookoffError:
        click.echo(f"not changed: {PICTURE_FILE}", err=True)
        raise
    click.echo(f"written: {PICTURE_FILE}")
