"""What does each of the small commands do with what the reader typed?"""

import signal
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from bench.cli.option_types import PORT, PORT_OR_ANY, WholeNumber
from bench.core.paths import Places
from bench.core.tables import Row, show
from bench.frameworks import environments, manifest
from bench.frameworks.environments import Environment, NotBuilt, SourceMissing
from bench.frameworks.manifest import Framework
from bench.runtime import database

Command = Callable[..., Any]
names_argument = click.argument("names", nargs=-1, metavar="[NAMES]...")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
cluster_option = click.option(
    "--cluster",
    default="",
    metavar="tcp://HOST:PORT",
    help="On the workers of this scheduler of Dask; see CONTRIBUTING.md.",
)
MOST_ROWS = 10_000_000  # of a scaled larder


def port_option(kind: click.ParamType[int]) -> Callable[[Command], Command]:
    """Return the option for an address's port."""
    return click.option(
        "--port", type=kind, default=8000, show_default=True, help="The address's port."
    )


def chosen(places: Places, names: tuple[str, ...]) -> tuple[list[Framework], int]:
    """Return the named frameworks, or all, and 1 where a folder is broken; say which.

    Raises Misuse for an unknown name, and BadFacts where all that are named are broken.
    """
    shelf = manifest.discover(places.apps)
    usable = [name for name in names if name not in shelf.broken]
    wanted = shelf.choose(usable or names)
    for reason in shelf.broken.values():
        click.echo(f"cookoff: left out: {reason}", err=True)
    return wanted, 1 if shelf.broken else 0


def set_up(
    wanted: Sequence[Framework], places: Places, names: tuple[str, ...], code: int
) -> tuple[list[Environment], int]:
    """Return the environments, built now if need be, and the exit code; say which are left out."""
    outcomes = environments.ensure_all(wanted, places)
    for outcome in outcomes.values():
        if isinstance(outcome, NotBuilt):
            click.echo(f"cookoff: left out: {outcome}", err=True)
    ready = [one for one in outcomes.values() if isinstance(one, Environment)]
    return ready, exit_code(outcomes, names, code)


def exit_code(
    outcomes: Mapping[str, Environment | NotBuilt], names: tuple[str, ...], code: int
) -> int:
    """Return 3 where an environment is missing, else `code`.

    A framework out of reach is named and left out, which is a failure only when the reader named
    it: all the others can be cooked without a network.
    """
    missing = [one for one in outcomes.values() if isinstance(one, NotBuilt)]
    faults = [one for one in missing if names or not isinstance(one, SourceMissing)]
    return faults[0].exit_code if faults else code


@click.command("list")
@json_option
def list_frameworks(as_json: bool) -> int:
    """List the frameworks, one per folder of apps/, and whether each one's environment is built."""
    places = Places.from_environ()
    found, code = chosen(places, ())
    show([facts_of(framework, places) for framework in found], as_json)
    return code


def facts_of(framework: Framework, places: Places) -> Row:
    """Return a framework's row of the list."""
    environment = environments.existing(framework, places)
    try:
        environments.bring_source(framework, "--look")
    except NotBuilt as reason:
        environment = None
        click.echo(f"cookoff: not set up: {reason}", err=True)
    return {
        "name": framework.name,
        "title": framework.title,
        "version": environment.version if environment else None,
        "environment": "ready" if environment else "not set up",
        "python": framework.python,
        "templates": framework.templates,
        "deviations": len(framework.deviations),
        "summary": framework.summary,
    }


@click.command()
@names_argument
def setup(names: tuple[str, ...]) -> int:
    """Build the environments of the NAMES, or of all, each from its hashed lock.

    What is built already, from the same lock, is left alone. One failure does not stop the others.
    """
    places = Places.from_environ()
    found, code = chosen(places, names)

    def told(framework: Framework, outcome: Environment | NotBuilt) -> None:
        if isinstance(outcome, NotBuilt):
            click.echo(f"cookoff: {outcome}", err=True)
        else:
            took = f"built in {outcome.seconds:.1f} s" if outcome.seconds else "ready"
            click.echo(f"{framework.name}: {took}")

    outcomes = environments.ensure_all(found, places, told)
    return exit_code(outcomes, names, code)


@click.command()
@click.argument("name")
@port_option(PORT_OR_ANY)
def serve(name: str, port: int) -> None:
    """Serve the site on this machine, built in the framework NAME, until Ctrl-C."""
    from bench.runtime.supervisor import Serving

    places = Places.from_environ()
    manifest.discover(places.apps).one(name)
    # As Ctrl-C: `kill` and a closing terminal end the site in the same tidy way, also where a
    # script started it with & and so made it deaf to Ctrl-C itself.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        with Serving(places, port, lambda line: click.echo(line)) as site:
            database.stock(places)
            site.put(name)
            click.echo("Ctrl-C stops it; another terminal changes it: cookoff switch NAME")
            site.hold()
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
    from bench.runtime.control_socket import ask_to_switch

    click.echo(ask_to_switch(Places.from_environ(), port, name))


@click.group()
def larder() -> None:
    """Create, reset or scale the larder: the project's SQLite file, or DATABASE_URL's."""


@larder.command()
def create() -> int:
    """Make the tables and the seed."""
    return database.manage(["create"], Places.from_environ()).returncode


@larder.command()
def reset() -> int:
    """Empty the larder and seed it again."""
    return database.manage(["reset"], Places.from_environ()).returncode


def rows_option(name: str, usual: int, help: str) -> Callable[[Command], Command]:
    """Return an option for a number of rows."""
    kind = WholeNumber(0, MOST_ROWS)
    return click.option(name, type=kind, default=usual, show_default=True, help=help)


@larder.command()
@rows_option("--dishes", 100_000, "Dishes afterwards.")
@rows_option("--orders", 200_000, "Orders afterwards.")
def scale(dishes: int, orders: int) -> int:
    """Make the larder bigger."""
    arguments = ["scale", "--dishes", str(dishes), "--orders", str(orders)]
    return database.manage(arguments, Places.from_environ()).returncode
