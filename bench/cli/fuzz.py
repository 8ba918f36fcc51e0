"""The command `cookoff fuzz`."""

import secrets
import tempfile
from pathlib import Path

import click

from bench.cli.common import chosen, json_option, names_argument, set_up
from bench.cli.option_types import SEED, WholeNumber
from bench.conformance.fuzz import freedoms, summary
from bench.conformance.fuzz.probes import Probe, read_probe
from bench.conformance.fuzz.result import Result
from bench.conformance.fuzz.run import Run
from bench.conformance.fuzz.sites import opened
from bench.core.errors import Missing
from bench.core.paths import ROOT, Places
from bench.core.progress import Progress
from bench.frameworks.environments import Environment
from bench.runtime.process import NotStarted

CORPUS = ROOT / "tests" / "fuzz" / "corpus"
INTERRUPTED = 130  # what a shell reports for Ctrl-C


@click.command()
@names_argument
@click.option(
    "--requests",
    type=WholeNumber(1, 100_000_000),
    default=20_000,
    show_default=True,
    help="How many to send, over all sites together; each one goes to every site.",
)
@click.option("--seed", type=SEED, help="Send these very requests; else new ones.")
@click.option(
    "--replay",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Send the request of this file only; may be given several times.",
)
@click.option("--save", is_flag=True, help=f"Keep finds in {CORPUS.relative_to(ROOT)}/.")
@json_option
def command(
    names: tuple[str, ...],
    requests: int,
    seed: int | None,
    files: tuple[Path, ...],
    save: bool,
    as_json: bool,
) -> int:
    """Send hostile requests to the sites of the NAMES, or of all, at the same time.

    Wrong is: a server error, a traceback in a reply or log, no answer, a host that ends, memory
    that keeps growing, a page or a header that is not the site's, and sites that disagree. Ends
    with 1 where something is wrong; Ctrl-C shows what was found so far.
    """
    places = Places.from_environ()
    number = secrets.randbelow(10**6) if seed is None else seed
    probes = [read_probe(file) for file in files]
    frameworks, code = chosen(places, names)
    ready, code = set_up(frameworks, places, names, code)
    result = Result(number, [], freedoms.read())
    if not as_json and not files:
        click.echo(f"seed {number}")
    try:
        code = max(code, attack(result, ready, places, requests, probes))
    except KeyboardInterrupt:
        code = INTERRUPTED
    finish(result, bool(files), save, as_json)
    return 1 if result.finds else code


def finish(result: Result, replayed: bool, save: bool, as_json: bool) -> None:
    """Print the result, and write what is to be kept of it."""
    summary.show(result, as_json)
    if replayed and not as_json:
        summary.show_answers(result)
    if not replayed and result.requests:
        folder = summary.keep(result)
        summary.warn_of_unused(result)
        if result.finds:
            click.echo(f"replay one: cookoff fuzz --replay {folder}/FILE", err=True)
    if save:
        saved = {file for find in result.finds.values() for file in find.save(CORPUS, most=1)}
        click.echo(f"{len(saved)} requests kept in {CORPUS}", err=True)


def attack(
    result: Result, ready: list[Environment], places: Places, requests: int, probes: list[Probe]
) -> int:
    """Send the requests; return 3 where a site does not start and is left out."""
    code = 0

    def left_out(error: NotStarted) -> None:
        nonlocal code
        code = error.exit_code
        click.echo(f"cookoff: skipped: {error}", err=True)

    with (
        Progress() as progress,
        tempfile.TemporaryDirectory(prefix="cookoff-fuzz-") as folder,
        opened(ready, places, Path(folder), left_out) as (targets, pool),
    ):
        result.names = [target.name for target in targets]
        if not targets:
            raise Missing("no site can be sent requests")
        run = Run(result, targets, pool, summary.Teller(progress))
        if probes:
            run.batch(probes, replayed=True)
        else:
            count = max(1, requests // len(targets))
            progress.step(f"sending {count:,} requests to each of {len(targets)} sites")
            run.go(count)
    return code
