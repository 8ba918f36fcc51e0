"""Define the command `cookoff workbench`."""

import asyncio
import time
from collections.abc import Sequence
from datetime import date

import click

from bench.cli.common import (
    ensure_environments,
    log_step,
    names_argument,
    port_option,
    select_frameworks,
)
from bench.cli.documented import DocumentedCommand
from bench.cli.option_types import PORT_OR_ANY, WholeNumber
from bench.core.errors import DependencyError
from bench.core.paths import Paths
from bench.frameworks.environments import Environment


def print_figures(ready: Sequence[Environment], paths: Paths, requests: int, start: float) -> None:
    """Measure the workbench, and write and print its figures."""
    from bench.workbench import figures

    measured = asyncio.run(figures.measure(ready, paths, requests, start, log_step))
    text = figures.format_figures(measured, f"{date.today():%Y-%m-%d}")
    figures.write_figures(text)
    click.echo(text)


@click.command(cls=DocumentedCommand, example="workbench flask django bare --port 9000")
@names_argument
@port_option(PORT_OR_ANY)
@click.option("--open", "opens_browser", is_flag=True, help="Open the first page in a browser.")
@click.option("--bench", "measures", is_flag=True, help="Measure the workbench itself.")
@click.option(
    "--requests",
    type=WholeNumber(100, 1_000_000),
    default=10_000,
    help="With --bench: requests between the two looks at the memory.",
)
def command(
    names: tuple[str, ...], port: int, opens_browser: bool, measures: bool, requests: int
) -> int:
    """Use one site in a browser, and watch how all frameworks answer the same requests.

    The first framework is on stage: a browser uses its site. Every other framework receives the
    same requests, on its own copy of a new database. The page compares the replies, and shows the
    rows that each request changed. The site on stage has the next port. With --port 0 the kernel
    chooses free ports.

    With --bench the command measures what the stage adds to a request, how far the mirrors lag, and
    the memory, and writes the figures to bench/WORKBENCH.md.

    Prints the address of the page, which contains a token that the page needs. Runs until Ctrl-C.
    Writes only to a temporary folder, which it removes at the end; with --bench also the page.
    """
    from bench.workbench.server import serve_workbench

    start, paths = time.monotonic(), Paths.from_environ()
    frameworks, code = select_frameworks(paths, names)
    ready, code = ensure_environments(frameworks, paths, names, code)
    if not ready:
        raise DependencyError("no framework can be started; see the reasons above")
    order = {name: number for number, name in enumerate(names)}
    ready.sort(key=lambda each: order.get(each.framework.name, len(order)))

    if measures:
        print_figures(ready, paths, requests, start)
        return code

    def print_address(address: str) -> None:
        click.echo(f"open {address}")
        click.echo("Ctrl-C stops the workbench")

    asyncio.run(serve_workbench(ready, paths, port, print_address, opens_browser))
    click.echo("stopped")
    return code
