"""Define the command `cookoff report`."""

import click

from bench.cli.documented import DocumentedCommand
from bench.report.checked import find_unparsable
from bench.report.site import write_report
from bench.results import store
from bench.results.validation import require_comparison


@click.command(cls=DocumentedCommand, example="report")
def command() -> int:
    """Write the report from the stored results.

    Prints the path of the first page. Writes the pages of report/, from report/results.json. Ends
    with 1 when the code of a framework in the results cannot be parsed; the report skips that
    framework's code.
    """
    click.echo(f"report: {write_report()}")
    return 1 if find_unparsable(require_comparison(store.read_results())) else 0
