"""The command `cookoff report`."""

import click

from bench.report.checked import find_unparsable
from bench.report.page import write_report
from bench.results import store


@click.command()
def command() -> int:
    """Write the report again from the results on disk.

    Ends with 1 where the code of a framework in them cannot be parsed, which is left out.
    """
    click.echo(f"report: {write_report()}")
    return 1 if find_unparsable(store.read_results()) else 0
