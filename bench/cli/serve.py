"""The commands `cookoff serve` and `cookoff switch`."""

import signal

import click

from bench.cli.common import port_option
from bench.cli.option_types import PORT, PORT_OR_ANY
from bench.core.paths import Paths
from bench.frameworks import manifest
from bench.runtime import database


@click.command()
@click.argument("name")
@port_option(PORT_OR_ANY)
def serve(name: str, port: int) -> None:
    """Serve the site on this machine, built in the framework NAME, until Ctrl-C."""
    from bench.runtime.supervisor import Supervisor

    places = Paths.from_environ()
    manifest.discover_frameworks(places.apps).get(name)
    # As Ctrl-C: `kill` and a closing terminal end the site in the same tidy way, also where a
    # script started it with & and so made it deaf to Ctrl-C itself.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        with Supervisor(places, port, lambda line: click.echo(line)) as site:
            database.ensure_database(places)
            site.switch_to(name)
            click.echo("Ctrl-C stops it; another terminal changes it: cookoff switch NAME")
            site.wait()
    except KeyboardInterrupt:
        click.echo("stopped")


@click.command()
@click.argument("name")
@port_option(PORT)
def switch(name: str, port: int) -> None:
    """Put the framework NAME behind the address of a running `cookoff serve`.

    No request is lost: the new one answers before the old one leaves. When the new one does not
    start, the old one stays.
    """
    from bench.runtime.control_socket import request_switch

    click.echo(request_switch(Paths.from_environ(), port, name))
