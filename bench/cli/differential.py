"""Define the command `cookoff differential`, which compares all sites and a model."""

import secrets
import tempfile
from pathlib import Path

import click

from bench.cli.common import (
    SkippedSites,
    ensure_environments,
    json_option,
    names_argument,
    select_frameworks,
)
from bench.cli.documented import DocumentedCommand
from bench.cli.option_types import SEED, WholeNumber
from bench.conformance.differential import replay_script
from bench.conformance.differential.profiles import HARDENED_PROFILE, TAUGHT_PROFILE
from bench.conformance.differential.run import DifferentialResult, collect_mismatches
from bench.conformance.differential.sites import open_sites
from bench.core.errors import DependencyError
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.core.words import format_count
from bench.frameworks.environments import Environment
from bench.results import merge, store
from bench.results.schema import Results

MAX_STEPS = 1_000_000


@click.command(cls=DocumentedCommand, example="differential flask bottle --steps 100 --seed 7")
@names_argument
@click.option(
    "--steps",
    type=WholeNumber(1, MAX_STEPS),
    default=300,
    help="Length of the sequence.",
)
@click.option(
    "--seed", type=SEED, show_default="random", help="Seed of the sequence, to repeat a run."
)
@click.option(
    "--as-taught",
    is_flag=True,
    help="Compare the sites without hardening.py: only steps and facts of core clauses.",
)
@json_option
def command(
    names: tuple[str, ...], steps: int, seed: int | None, as_taught: bool, as_json: bool
) -> int:
    """Send the same random sequence of requests to all sites and to a model.

    After each step the sites must agree with each other and with a model of the restaurant. Ends
    with 1 when they disagree.

    Prints each difference with the shortest sequence that shows it. Writes that sequence as a
    script to report/, and the result to report/results.json.
    """
    paths = Paths.from_environ()
    number = secrets.randbelow(10**6) if seed is None else seed
    frameworks, code = select_frameworks(paths, names)
    ready, code = ensure_environments(frameworks, paths, names, code)
    if not as_json:
        click.echo(f"seed {number}")
    titles = {environment.framework.name: environment.title for environment in ready}
    result = DifferentialResult(number, titles, TAUGHT_PROFILE if as_taught else HARDENED_PROFILE)
    try:
        code = max(code, run_differential(result, ready, paths, steps))
    finally:  # also after Ctrl-C, which keeps the results so far
        if result.step_count:
            save_result(result, ready, paths)
    print_result(result, as_json)
    return 1 if result.mismatches else code


def run_differential(
    result: DifferentialResult, ready: list[Environment], paths: Paths, steps: int
) -> int:
    """Run the steps; return 3 when a site does not start, which is skipped."""
    skipped = SkippedSites()
    with (
        Progress() as progress,
        tempfile.TemporaryDirectory(prefix="cookoff-differential-") as folder,
        open_sites(ready, paths, Path(folder), skipped.skip, result.profile) as sites,
    ):
        names = [site.name for site in sites.sites]
        result.frameworks = {name: result.frameworks[name] for name in names}
        if not names:
            raise DependencyError("no site started; see the reasons above")
        sites_count = format_count(len(names), "site")
        progress.start_step(
            f"running {format_count(steps, 'step')} on {sites_count}, seed {result.seed}"
        )
        collect_mismatches(result, sites, steps, progress.update_detail)
    return skipped.code


def save_result(result: DifferentialResult, ready: list[Environment], paths: Paths) -> None:
    """Write the scripts, and the part of results.json."""
    names = [result.build_script_name(number) for number in range(1, len(result.mismatches) + 1)]
    options = f"--seed {result.seed}" + " --as-taught" * (not result.profile.hardened)
    replay_script.write_scripts(result.mismatches, options, names, store.REPORT_FOLDER)
    merge.write_parts(Results(differential=result.build_part()), ready, paths)


def print_result(result: DifferentialResult, as_json: bool) -> None:
    """Print each difference with its script and the script's file, then a summary."""
    if as_json:
        click.echo(store.format_json(result.build_part()))
        return
    for number, mismatch in enumerate(result.mismatches, start=1):
        file = store.REPORT_FOLDER / result.build_script_name(number)
        for difference in mismatch.differences:
            click.echo(f"{difference.format_line()}\n{difference.details}\n")
        requests = format_count(len(mismatch.steps), "request")
        click.echo(f"the shortest sequence, {requests} ({file}):")
        click.echo(replay_script.format_requests(mismatch))
    steps = format_count(result.step_count, "step")
    sites = format_count(len(result.frameworks), "site")
    count = len(result.mismatches)
    differences = format_count(count, "difference") if count else "no differences"
    click.echo(f"{steps} on {sites}: {differences}")
