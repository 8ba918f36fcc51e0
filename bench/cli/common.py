"""Options, arguments and set-up that several commands share."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from bench.core.paths import Paths
from bench.frameworks import environments, manifest
from bench.frameworks.environments import Environment, EnvironmentBuildError, SourceUnavailableError
from bench.frameworks.manifest import Framework

Command = Callable[..., Any]
names_argument = click.argument("names", nargs=-1, metavar="[NAMES]...")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
cluster_option = click.option(
    "--cluster",
    default="",
    metavar="tcp://HOST:PORT",
    help="On the workers of this scheduler of Dask; see CONTRIBUTING.md.",
)


def port_option(kind: click.ParamType[int]) -> Callable[[Command], Command]:
    """Return the option for an address's port."""
    return click.option(
        "--port", type=kind, default=8000, show_default=True, help="The address's port."
    )


def select_frameworks(places: Paths, names: tuple[str, ...]) -> tuple[list[Framework], int]:
    """Return the named frameworks, or all, and 1 where a folder is broken; say which.

    Raises Misuse for an unknown name, and BadFacts where all that are named are broken.
    """
    shelf = manifest.discover_frameworks(places.apps)
    usable = [name for name in names if name not in shelf.load_errors]
    wanted = shelf.select(usable or names)
    for reason in shelf.load_errors.values():
        click.echo(f"cookoff: left out: {reason}", err=True)
    return wanted, 1 if shelf.load_errors else 0


def ensure_environments(
    wanted: Sequence[Framework], places: Paths, names: tuple[str, ...], code: int
) -> tuple[list[Environment], int]:
    """Return the environments, built now if need be, and the exit code; say which are left out."""
    outcomes = environments.ensure_all_environments(wanted, places)
    for outcome in outcomes.values():
        if isinstance(outcome, EnvironmentBuildError):
            click.echo(f"cookoff: left out: {outcome}", err=True)
    ready = [one for one in outcomes.values() if isinstance(one, Environment)]
    return ready, exit_code(outcomes, names, code)


def exit_code(
    outcomes: Mapping[str, Environment | EnvironmentBuildError], names: tuple[str, ...], code: int
) -> int:
    """Return 3 where an environment is missing, else `code`.

    A framework out of reach is named and left out, which is a failure only when the reader named
    it: all the others can be cooked without a network.
    """
    missing = [one for one in outcomes.values() if isinstance(one, EnvironmentBuildError)]
    faults = [one for one in missing if names or not isinstance(one, SourceUnavailableError)]
    return faults[0].exit_code if faults else code
