"""Define the command `cookoff new`, which writes the folder of a new framework."""

import shutil
import sys
from pathlib import Path

import click

from bench.cli.documented import DocumentedCommand
from bench.core.errors import CookoffError, collapse_whitespace
from bench.core.hints import spell_commands
from bench.core.paths import ROOT, Paths
from bench.core.processes import run_command
from bench.frameworks import scaffold

LOCK_TIMEOUT_SECONDS = 600.0


@click.command(cls=DocumentedCommand, example="new newcomer web.py")
@click.argument("name", help="Name of the new app and of its folder: lower-case letters and _.")
@click.argument("distribution", help="Name of the framework's distribution on the package index.")
@click.option("--no-lock", is_flag=True, help="Do not resolve and lock the requirements.")
def command(name: str, distribution: str, no_lock: bool) -> int:
    """Write the folder of a new framework: an app that starts, with a stub for each feature.

    The framework must serve WSGI. The newest release and its day are looked up in the package
    index. Then the requirements are locked. Nothing is left behind when a step fails.

    Prints what to do next. Writes the folder apps/NAME.
    """
    paths = Paths.from_environ()
    scaffold.check_name(paths.apps, name)
    click.echo(f"looking up {distribution} …", err=True)
    release = scaffold.find_release(distribution, Path(sys.executable))
    folder = scaffold.write_app(paths.apps, name, release)
    if not no_lock:
        try:
            lock_requirements(name)
        except BaseException:
            shutil.rmtree(folder)
            raise
    click.echo(f"{release.distribution} {release.version} of {release.released}: {folder}")
    for line in NEXT_STEPS:
        click.echo(spell_commands(line.format(name=name)))
    return 0


NEXT_STEPS = (
    "build its environment:  make setup NAMES={name}",
    "serve the site:         cookoff serve {name} --reload",
    "run the first clauses:  cookoff contract {name} --as-taught --feature show-the-menu",
    "CONTRIBUTING.md has the rest",
)


def lock_requirements(name: str) -> None:
    """Lock the requirements of an app as `make lock` does; raise CookoffError with the reason."""
    process = run_command(
        ["make", "--no-print-directory", "lock-apps", f"NAMES={name}"],
        LOCK_TIMEOUT_SECONDS,
        "make lock",
        "the package index did not answer; try again",
        cwd=ROOT,
    )
    if process.returncode:
        reason = collapse_whitespace(process.stderr)[:300]
        raise CookoffError(f"{name}: the requirements cannot be locked: {reason}")
