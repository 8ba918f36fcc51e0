"""Define the command `cookoff workbench`."""

import asyncio

import click

from bench.cli.common import ensure_environments, names_argument, port_option, select_frameworks
from bench.cli.documented import DocumentedCommand
from bench.cli.option_types import PORT_OR_ANY
from bench.core.errors import DependencyError
from bench.core.paths import Paths


@click.command(cls=DocumentedCommand, example="workbench flask django bare --port 9000")
@names_argument
@port_option(PORT_OR_ANY)
@click.option("--open", "opens_browser", is_flag=True, help="Open the first page in a browser.")
def command(names: tuple[str, ...], port: int, opens_browser: bool) -> int:
    """Use one site in a browser, and watch how all frameworks answer the same requests.

    The first framework is on stage: a browser uses its site. Every other framework receives the
    same requests, on its own copy of a new database. The page compares the replies, and shows the
    rows that each request changed. The site on stage has the next port. With --port 0 the kernel
    chooses free ports.

    Prints the address of the page, which contains a token that the page needs. Runs until Ctrl-C.
    Writes only to a temporary folder, which it removes at the end.
    """
    from bench.workbench.server import serve_workbench

    paths = Paths.from_environ()
    frameworks, code = select_frameworks(paths, names)
    ready, code = ensure_environments(frameworks, paths, names, code)
    if not ready:
        raise DependencyError("no framework can be started; see the reasons above")
    order = {name: number for number, name in enumerate(names)}
    ready.sort(key=lambda each: order.get(each.framework.name, len(order)))

    def print_address(address: str) -> None:
        click.echo(f"open {address}")
        click.echo("Ctrl-C stops the workbench")

    asyncio.run(serve_workbench(ready, paths, port, print_address, opens_browser))
    click.echo("stopped")
    return code
