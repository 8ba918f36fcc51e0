"""Define the commands `cookoff list` and `cookoff setup`."""

import click

from bench.cli.common import (
    exit_code,
    json_option,
    names_argument,
    print_missing,
    select_frameworks,
)
from bench.cli.documented import DocumentedCommand
from bench.core.hints import print_error
from bench.core.paths import Paths
from bench.core.tables import Row, print_rows
from bench.frameworks import environments
from bench.frameworks.environments import Environment, EnvironmentBuildError
from bench.frameworks.manifest import Framework

SHOWN_KEYS = ("name", "version", "environment", "python", "templates", "summary")


@click.command("list", cls=DocumentedCommand, example="list")
@json_option
def list_frameworks(as_json: bool) -> int:
    """List the frameworks, one for each folder of apps/, and the state of their environments.

    Prints a row for each framework: version, environment, Python, template language and a sentence.
    Writes nothing.
    """
    paths = Paths.from_environ()
    frameworks, code = select_frameworks(paths, ())
    rows = [build_row(framework, paths) for framework in frameworks]
    shown = rows if as_json else [{key: row[key] for key in SHOWN_KEYS} for row in rows]
    print_rows(shown, as_json)
    return code


def build_row(framework: Framework, paths: Paths) -> Row:
    """Return a framework's row of the list; print why its source is missing, if it is."""
    environment = environments.find_environment(framework, paths)
    try:
        environments.fetch_source(framework, paths, "--look")
    except EnvironmentBuildError as reason:
        environment = None
        print_error(f"not set up: {reason}")
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


@click.command(cls=DocumentedCommand, example="setup flask bottle")
@names_argument
def setup(names: tuple[str, ...]) -> int:
    """Build the environments of the frameworks, each from its lock file with hashes.

    An environment that was built from the same lock file stays unchanged. A failure does not stop
    the other builds.

    Prints a line for each environment. Writes the environments to .venvs/, and the output of uv to
    .cookoff/logs/.
    """
    paths = Paths.from_environ()
    frameworks, code = select_frameworks(paths, names)
    outcomes = environments.ensure_all_environments(frameworks, paths, print_outcome)
    print_missing(outcomes)
    return exit_code(outcomes, names, code)


def print_outcome(framework: Framework, outcome: Environment | EnvironmentBuildError) -> None:
    """Print that one environment is ready."""
    if isinstance(outcome, Environment):
        state = f"built in {outcome.build_seconds:.1f} s" if outcome.build_seconds else "ready"
        click.echo(f"{framework.name}: {state}")
