"""The command `cookoff report`."""

import click

from bench.report.checked import unparsable_in
from bench.report.page import write
from bench.results import store


@click.command()
def command() -> int:
    """Write the report again from the results on disk.

    Ends with 1 where the code of a framework in them cannot be parsed, which is left out.
    """
    click.echo(f"report: {write()}")
    return 1 if unparsable_in(store.read()) else 0
