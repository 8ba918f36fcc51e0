"""The commands `cookoff list` and `cookoff setup`."""

import click

from bench.cli.common import exit_code, json_option, names_argument, select_frameworks
from bench.core.paths import Paths
from bench.core.tables import Row, print_rows
from bench.frameworks import environments
from bench.frameworks.environments import Environment, EnvironmentBuildError
from bench.frameworks.manifest import Framework


@click.command("list")
@json_option
def list_frameworks(as_json: bool) -> int:
    """List the frameworks, one per folder of apps/, and whether each one's environment is built."""
    places = Paths.from_environ()
    found, code = select_frameworks(places, ())
    print_rows([build_row(framework, places) for framework in found], as_json)
    return code


def build_row(framework: Framework, places: Paths) -> Row:
    """Return a framework's row of the list."""
    environment = environments.find_environment(framework, places)
    try:
        environments.fetch_source(framework, "--look")
    except EnvironmentBuildError as reason:
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
    places = Paths.from_environ()
    found, code = select_frameworks(places, names)

    def told(framework: Framework, outcome: Environment | EnvironmentBuildError) -> None:
        if isinstance(outcome, EnvironmentBuildError):
            click.echo(f"cookoff: {outcome}", err=True)
        else:
            took = f"built in {outcome.build_seconds:.1f} s" if outcome.build_seconds else "ready"
            click.echo(f"{framework.name}: {took}")

    outcomes = environments.ensure_all_environments(found, places, told)
    return exit_code(outcomes, names, code)
