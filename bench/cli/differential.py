"""What does `cookoff walk` do with what the reader typed?"""

import secrets
import tempfile
from pathlib import Path

import click

from bench.cli.common import chosen, json_option, names_argument, set_up
from bench.cli.option_types import SEED, WholeNumber
from bench.conformance.differential import replay_script
from bench.conformance.differential.run import Result, walk_on
from bench.conformance.differential.sites import opened
from bench.core import files
from bench.core.errors import Missing
from bench.core.paths import Places
from bench.core.progress import Progress
from bench.frameworks.environments import Environment
from bench.results import merge, store
from bench.runtime.process import NotStarted

MOST_STEPS = 1_000_000


@click.command()
@names_argument
@click.option("--steps", type=WholeNumber(1, MOST_STEPS), default=300, show_default=True)
@click.option("--seed", type=SEED, help="Take this very walk; else a new one.")
@json_option
def command(names: tuple[str, ...], steps: int, seed: int | None, as_json: bool) -> int:
    """Take a random journey through the sites of the NAMES, or of all, at the same time.

    After each step they must agree with each other and with a model of the restaurant. Ends with 1
    where they do not; the shortest journey that shows it is written as a script into report/.
    """
    places = Places.from_environ()
    number = secrets.randbelow(10**6) if seed is None else seed
    frameworks, code = chosen(places, names)
    ready, code = set_up(frameworks, places, names, code)
    if not as_json:
        click.echo(f"seed {number}")
    result = Result(number, {one.framework.name: one.title for one in ready})
    try:
        code = max(code, taken(result, ready, places, steps))
    finally:  # also after Ctrl-C: what was found is kept
        if result.steps:
            keep(result, ready, places)
    show(result, as_json)
    return 1 if result.finds else code


def taken(result: Result, ready: list[Environment], places: Places, steps: int) -> int:
    """Take the walk; return 3 where a site does not start and is left out."""
    code = 0

    def left_out(error: NotStarted) -> None:
        nonlocal code
        code = error.exit_code
        click.echo(f"cookoff: left out: {error}", err=True)

    with (
        Progress() as progress,
        tempfile.TemporaryDirectory(prefix="cookoff-walk-") as folder,
        opened(ready, places, Path(folder), left_out) as sites,
    ):
        names = [site.name for site in sites.sites]
        result.frameworks = {name: result.frameworks[name] for name in names}
        if not names:
            raise Missing("no site can be walked through")
        progress.step(f"walking {steps} steps through {len(names)} sites, seed {result.seed}")
        walk_on(result, sites, steps, progress.detail)
    return code


def keep(result: Result, ready: list[Environment], places: Places) -> None:
    """Write the scripts and the part of results.json."""
    names = [result.script_name(number) for number in range(1, len(result.finds) + 1)]
    replay_script.write_all(result.finds, result.seed, names, store.FOLDER)
    merge.write({"walk": result.as_dict()}, ready, places)


def show(result: Result, as_json: bool) -> None:
    """Print what was found: each difference, its script, and where that is."""
    if as_json:
        click.echo(files.dump_json(result.as_dict()))
        return
    for number, found in enumerate(result.finds, start=1):
        file = store.FOLDER / result.script_name(number)
        for one in found.differences:
            click.echo(f"{one.line()}\n{one.details}\n")
        click.echo(f"the shortest journey, {len(found.journey)} requests ({file}):")
        click.echo(replay_script.lines(found))
    sites = len(result.frameworks)
    count = len(result.finds)
    click.echo(f"{result.steps} steps through {sites} sites: {count or 'no'} differences")
