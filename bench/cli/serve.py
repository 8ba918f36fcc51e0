"""Define the commands `cookoff serve` and `cookoff switch`."""

import signal

import click

from bench.cli.common import port_option
from bench.cli.documented import DocumentedCommand
from bench.cli.option_types import PORT, PORT_OR_ANY
from bench.core.hints import spell_commands
from bench.core.paths import Paths
from bench.frameworks import manifest
from bench.frameworks.version_specs import make_absolute
from bench.runtime import database

name_argument = click.argument(
    "name",
    metavar="FRAMEWORK",
    help="Name of the framework, or of a version of it, such as flask@2.3.3.",
)


@click.command(cls=DocumentedCommand, example="serve flask --port 9000")
@name_argument
@port_option(PORT_OR_ANY)
@click.option("--reload", "reloads", is_flag=True, help="Start again when the code changes.")
def serve(name: str, port: int, reloads: bool) -> None:
    """Serve the site in one framework on this machine, until Ctrl-C.

    With --port 0 the kernel chooses a free port. With --reload a change in the app's folder, in the
    shared pages or in shared_db starts the framework again, and no request is lost. If the new code
    does not start, the reason is printed and the site before the change still answers.

    Prints the address, each change of the framework, and the tracebacks of failing pages. Writes
    the site's database, secret, photos and logs to .cookoff/.
    """
    from bench.runtime.supervisor import Supervisor

    paths = Paths.from_environ()
    registry = manifest.discover_frameworks(paths.apps)
    registry.get(name)
    # `kill` and a closing terminal stop the site like Ctrl-C, also when a script started the
    # command with &, which makes the command ignore Ctrl-C.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        with Supervisor(paths, port, lambda line: click.echo(line), reloads) as site:
            database.ensure_database(paths)
            site.switch_to(name)
            click.echo("Ctrl-C stops the site")
            if others := registry.frameworks.keys() - {name}:
                command = f"cookoff switch {min(others)} --port {site.port}"
                click.echo(
                    spell_commands(f"to change the framework, in another terminal: {command}")
                )
            site.wait()
    except KeyboardInterrupt:
        click.echo("stopped")


@click.command(cls=DocumentedCommand, example="switch bottle --port 9000")
@name_argument
@port_option(PORT)
def switch(name: str, port: int) -> None:
    """Switch a running `cookoff serve` to another framework.

    No request is lost: the new framework answers before the old one stops. If the new framework
    does not start, the old one stays.

    Prints which framework serves the address now. Writes nothing.
    """
    from bench.runtime.control_socket import request_switch

    # The server may run in another folder.
    click.echo(request_switch(Paths.from_environ(), port, make_absolute(name)))
