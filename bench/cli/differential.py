"""What does `cookoff walk` do with what the reader typed?"""

import secrets
import tempfile
from pathlib import Path

import click

from bench.cli.common import ensure_environments, json_option, names_argument, select_frameworks
from bench.cli.option_types import SEED, WholeNumber
from bench.conformance.differential import replay_script
from bench.conformance.differential.run import WalkResult, collect_mismatches
from bench.conformance.differential.sites import open_sites
from bench.core import files
from bench.core.errors import DependencyError
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.frameworks.environments import Environment
from bench.results import merge, store
from bench.runtime.process import ProcessStartError

MAX_STEPS = 1_000_000


@click.command()
@names_argument
@click.option("--steps", type=WholeNumber(1, MAX_STEPS), default=300, show_default=True)
@click.option("--seed", type=SEED, help="Take this very walk; else a new one.")
@json_option
def command(names: tuple[str, ...], steps: int, seed: int | None, as_json: bool) -> int:
    """Take a random journey through the sites of the NAMES, or of all, at the same time.

    After each step they must agree with each other and with a model of the restaurant. Ends with 1
    where they do not; the shortest journey that shows it is written as a script into report/.
    """
    places = Paths.from_environ()
    number = secrets.randbelow(10**6) if seed is None else seed
    frameworks, code = select_frameworks(places, names)
    ready, code = ensure_environments(frameworks, places, names, code)
    if not as_json:
        click.echo(f"seed {number}")
    result = WalkResult(number, {one.framework.name: one.title for one in ready})
    try:
        code = max(code, run_differential(result, ready, places, steps))
    finally:  # also after Ctrl-C: what was found is kept
        if result.step_count:
            save_result(result, ready, places)
    print_result(result, as_json)
    return 1 if result.mismatches else code


def run_differential(
    result: WalkResult, ready: list[Environment], places: Paths, steps: int
) -> int:
    """Take the walk; return 3 where a site does not start and is left out."""
    code = 0

    def left_out(error: ProcessStartError) -> None:
        nonlocal code
        code = error.exit_code
        click.echo(f"cookoff: left out: {error}", err=True)

    with (
        Progress() as progress,
        tempfile.TemporaryDirectory(prefix="cookoff-walk-") as folder,
        open_sites(ready, places, Path(folder), left_out) as sites,
    ):
        names = [site.name for site in sites.sites]
        result.frameworks = {name: result.frameworks[name] for name in names}
        if not names:
            raise DependencyError("no site can be walked through")
        progress.start_step(f"walking {steps} steps through {len(names)} sites, seed {result.seed}")
        collect_mismatches(result, sites, steps, progress.update_detail)
    return code


def save_result(result: WalkResult, ready: list[Environment], places: Paths) -> None:
    """Write the scripts and the part of results.json."""
    names = [result.build_script_name(number) for number in range(1, len(result.mismatches) + 1)]
    replay_script.write_scripts(result.mismatches, result.seed, names, store.REPORT_FOLDER)
    merge.write_parts({"walk": result.as_dict()}, ready, places)


def print_result(result: WalkResult, as_json: bool) -> None:
    """Print what was found: each difference, its script, and where that is."""
    if as_json:
        click.echo(files.dump_json(result.as_dict()))
        return
    for number, found in enumerate(result.mismatches, start=1):
        file = store.REPORT_FOLDER / result.build_script_name(number)
        for one in found.differences:
            click.echo(f"{one.format_line()}\n{one.details}\n")
        click.echo(f"the shortest journey, {len(found.steps)} requests ({file}):")
        click.echo(replay_script.format_requests(found))
    sites = len(result.frameworks)
    count = len(result.mismatches)
    click.echo(f"{result.step_count} steps through {sites} sites: {count or 'no'} differences")
