"""The commands `cookoff list` and `cookoff setup`."""

import click

from bench.cli.common import chosen, exit_code, json_option, names_argument
from bench.core.paths import Places
from bench.core.tables import Row, show
from bench.frameworks import environments
from bench.frameworks.environments import Environment, NotBuilt
from bench.frameworks.manifest import Framework


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
