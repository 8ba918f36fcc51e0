"""The command `cookoff fuzz`."""

import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

import click

from bench import results
from bench.commands import chosen, json_option, names_argument, set_up
from bench.cost.progress import Progress
from bench.environments import Environment
from bench.fuzz import freedoms
from bench.fuzz.finds import Find, printf
from bench.fuzz.probes import Probe, read_probe, to_text
from bench.fuzz.run import Result, Run
from bench.fuzz.sites import opened
from bench.hosting import NotStarted
from bench.places import ROOT, Places
from bench.troubles import Missing

CORPUS = ROOT / "tests" / "fuzz" / "corpus"


@click.command()
@names_argument
@click.option(
    "--requests",
    type=click.IntRange(min=1),
    default=20_000,
    show_default=True,
    help="How many to send, over all sites together; each one goes to every site.",
)
@click.option("--seed", type=click.IntRange(min=0), help="Send these very requests; else new ones.")
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
    with suppress(KeyboardInterrupt):
        code = max(code, attack(result, ready, places, requests, probes))
    show(result, as_json)
    if save:
        saved = [file for find in result.ordered for file in find.save(CORPUS)]
        click.echo(f"{len(saved)} requests kept in {CORPUS}", err=True)
    return 1 if result.finds else code


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
        run = Run(result, targets, pool, progress.detail)
        if probes:
            run.batch(probes)
        else:
            count = max(1, requests // len(targets))
            progress.step(f"sending {count:,} requests to each of {len(targets)} sites")
            run.go(count)
    return code


def show(result: Result, as_json: bool) -> None:
    """Print the finds and a summary."""
    if as_json:
        click.echo(results.dumped(result.as_dict()))
        return
    for number, find in enumerate(result.ordered, start=1):
        click.echo(f"{number}. {text_of(find)}\n")
    for one in result.freedoms:
        click.echo(f"declared: {one.line()}")
        if not one.used:
            click.echo("cookoff: this freedom explained nothing in this run", err=True)
    for kind, count in result.unconfirmed.items():
        click.echo(f"not seen again when sent alone: {kind}, {count} times")
    click.echo(
        f"{result.requests:,} requests to each of {len(result.names)} sites, "
        f"{result.sent:,} in all, in {result.seconds:.0f} s: {len(result.finds) or 'no'} finds"
    )


def text_of(find: Find) -> str:
    """Return a find as a few lines that anyone can replay."""
    lines = [f"{find.verdict.line()} ({find.count} requests)"]
    if not find.confirmed:
        lines.append("   seen once, not again when sent alone")
    for probe in find.examples:
        lines.append(f"   request {probe.number}: {', '.join(probe.labels)}")
        lines += [f"      {line}" for line in to_text(probe).splitlines()]
        lines += [f"      {line}" for line in printf(probe)]
    return "\n".join(lines)
