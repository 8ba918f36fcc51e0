"""Define the options, arguments and steps that several commands share."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from bench.core.hints import print_error
from bench.core.paths import Paths
from bench.frameworks import environments, manifest
from bench.frameworks.environments import (
    Environment,
    EnvironmentBuildError,
    NetworkLostError,
    SourceUnavailableError,
)
from bench.frameworks.manifest import Framework
from bench.runtime.process import ProcessStartError

Command = Callable[..., Any]
FEATURE_HELP = (
    "A feature's sentence, its id such as place-the-order, a part of the id that no other "
    'feature has, or "all".'
)
names_argument = click.argument(
    "names",
    nargs=-1,
    metavar="[FRAMEWORK]...",
    help="Names of frameworks, as `cookoff list` shows them, or versions of them: flask@2.3.3, "
    "flask@latest, flask@PATH. Without a name: all.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
baseline_option = click.option(
    "--baseline",
    default="",
    show_default="bare",
    metavar="FRAMEWORK",
    help="Framework that the ratios refer to.",
)
cluster_option = click.option(
    "--cluster",
    default="",
    show_default=False,
    metavar="tcp://HOST:PORT",
    help="Use the workers of this Dask scheduler; see CONTRIBUTING.md.",
)


def port_option(kind: click.ParamType[int]) -> Callable[[Command], Command]:
    """Return the option for the port of the site's address."""
    return click.option("--port", type=kind, default=8000, help="Port of the site's address.")


def select_frameworks(paths: Paths, names: tuple[str, ...]) -> tuple[list[Framework], int]:
    """Return the named frameworks, or all, and the exit code: 1 when a manifest is invalid.

    Print each invalid manifest. Raise UsageError for an unknown name, and ManifestError when the
    manifests of all named frameworks are invalid.
    """
    registry = manifest.discover_frameworks(paths.apps)
    usable = [name for name in names if name not in registry.load_errors]
    frameworks = registry.select(usable or names)
    for reason in registry.load_errors.values():
        print_error(f"skipped: {reason}")
    return frameworks, 1 if registry.load_errors else 0


def ensure_environments(
    frameworks: Sequence[Framework], paths: Paths, names: tuple[str, ...], code: int
) -> tuple[list[Environment], int]:
    """Return the environments, built if necessary, and the exit code; print what is skipped."""
    outcomes = environments.ensure_all_environments(frameworks, paths)
    print_missing(outcomes, "skipped: ")
    ready = [outcome for outcome in outcomes.values() if isinstance(outcome, Environment)]
    for environment in ready:
        if environment.record and environment.record.moves:
            moves = ", ".join(environment.record.moves)
            click.echo(f"{environment.framework.name}: moved, too: {moves}", err=True)
    return ready, exit_code(outcomes, names, code)


class SkippedSites:
    """The sites of a run that do not start; `code` is the exit code, 0 without such a site."""

    def __init__(self) -> None:
        self.code = 0

    def skip(self, error: ProcessStartError) -> None:
        """Print why a site is skipped, and store the exit code."""
        self.code = error.exit_code
        print_error(f"skipped: {error}")


def print_missing(
    outcomes: Mapping[str, Environment | EnvironmentBuildError], prefix: str = ""
) -> None:
    """Print a line for each environment that could not be built; one line for a lost network."""
    missing = {
        name: outcome
        for name, outcome in outcomes.items()
        if isinstance(outcome, EnvironmentBuildError)
    }
    if any(isinstance(outcome, NetworkLostError) for outcome in missing.values()):
        network = (NetworkLostError, SourceUnavailableError)
        names = [name for name, outcome in missing.items() if isinstance(outcome, network)]
        print_error(
            f"no network: these environments are not built: {', '.join(names)}; "
            "connect, then run: cookoff setup"
        )
        missing = {name: outcome for name, outcome in missing.items() if name not in names}
    for outcome in missing.values():
        print_error(f"{prefix}{outcome}")


def exit_code(
    outcomes: Mapping[str, Environment | EnvironmentBuildError], names: tuple[str, ...], code: int
) -> int:
    """Return 3 when an environment is missing, else `code`.

    A framework whose source cannot be downloaded counts as missing only when the command line names
    the framework: all other frameworks can be built without a network.
    """
    missing = [each for each in outcomes.values() if isinstance(each, EnvironmentBuildError)]
    faults = [each for each in missing if names or not isinstance(each, SourceUnavailableError)]
    return faults[0].exit_code if faults else code


def log_step(step: str) -> None:
    """Print the time and the step that starts, on standard error."""
    click.echo(f"{time.strftime('%H:%M:%S')} {step}", err=True)
