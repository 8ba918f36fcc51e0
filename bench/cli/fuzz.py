"""Define the command `cookoff fuzz`, which sends hostile requests to all sites."""

import secrets
import shlex
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
from bench.conformance.fuzz import freedoms, summary
from bench.conformance.fuzz.probes import Probe, read_probe
from bench.conformance.fuzz.result import FuzzResult
from bench.conformance.fuzz.run import FuzzRun
from bench.conformance.fuzz.sites import open_targets
from bench.core.errors import DependencyError
from bench.core.hints import spell_commands
from bench.core.paths import ROOT, Paths
from bench.core.progress import Progress
from bench.core.words import format_count
from bench.frameworks.environments import Environment

CORPUS = ROOT / "tests" / "fuzz" / "corpus"
INTERRUPTED = 130  # a shell's exit code for Ctrl-C


@click.command(cls=DocumentedCommand, example="fuzz flask bottle --requests 2000 --seed 7")
@names_argument
@click.option(
    "--requests",
    type=WholeNumber(1, 100_000_000),
    default=20_000,
    help="Number of requests to all sites together; each request goes to every site.",
)
@click.option(
    "--seed", type=SEED, show_default="random", help="Seed of the requests, to repeat a run."
)
@click.option(
    "--replay",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Send only the request in this file; may be repeated.",
)
@click.option("--save", is_flag=True, help=f"Store findings in {CORPUS.relative_to(ROOT)}/.")
@json_option
def command(
    names: tuple[str, ...],
    requests: int,
    seed: int | None,
    files: tuple[Path, ...],
    save: bool,
    as_json: bool,
) -> int:
    """Send hostile requests to all sites at the same time.

    Findings are: a server error, a traceback in a reply or log, no reply, a host that ends, memory
    that keeps growing, a page or a header that is not the site's, and sites that disagree. Ends
    with 1 when there are findings. Ctrl-C prints the findings so far.

    Prints each finding with its requests. Writes the requests to report/fuzz-SEED/, and the result
    to report/results.json; with --save also to tests/fuzz/corpus/.
    """
    paths = Paths.from_environ()
    number = secrets.randbelow(10**6) if seed is None else seed
    probes = [read_probe(file) for file in files]
    frameworks, code = select_frameworks(paths, names)
    ready, code = ensure_environments(frameworks, paths, names, code)
    result = FuzzResult(number, [], freedoms.read_all_freedoms(paths.apps))
    if not as_json and not files:
        click.echo(f"seed {number}")
    try:
        code = max(code, send_requests(result, ready, paths, requests, probes))
    except KeyboardInterrupt:
        code = INTERRUPTED
    finish_run(result, bool(files), save, as_json)
    return 1 if result.findings else code


def finish_run(result: FuzzResult, replayed: bool, save: bool, as_json: bool) -> None:
    """Print the result, and store the result and its findings."""
    summary.print_result(result, as_json)
    if replayed and not as_json:
        summary.print_replayed_statuses(result)
    if not replayed and result.request_count:
        folder = summary.save_result(result)
        summary.warn_unused_freedoms(result)
        if result.findings:
            first = min(folder.iterdir())
            hint = f"to repeat a request: cookoff fuzz --replay {shlex.quote(str(first))}"
            click.echo(spell_commands(hint), err=True)
    if save:
        saved = {
            file
            for finding in result.findings.values()
            for file in finding.save_examples(CORPUS, max_files=1)
        }
        click.echo(f"{format_count(len(saved), 'request')} stored in {CORPUS}", err=True)


def send_requests(
    result: FuzzResult, ready: list[Environment], paths: Paths, requests: int, probes: list[Probe]
) -> int:
    """Send the requests; return 3 when a site does not start, which is skipped."""
    skipped = SkippedSites()
    with (
        Progress() as progress,
        tempfile.TemporaryDirectory(prefix="cookoff-fuzz-") as folder,
        open_targets(ready, paths, Path(folder), skipped.skip) as (targets, pool),
    ):
        result.names = [target.name for target in targets]
        if not targets:
            raise DependencyError("no site started; see the reasons above")
        run = FuzzRun(result, targets, pool, summary.ProgressReporter(progress))
        if probes:
            run.run_batch(probes, is_replay=True)
        else:
            count = max(1, requests // len(targets))
            requests_each = format_count(count, "request")
            sites = format_count(len(targets), "site")
            progress.start_step(f"sending {requests_each} to each of {sites}")
            run.run_seed(count)
    return skipped.code
