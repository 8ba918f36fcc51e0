"""Print what a run found, and write its requests and its part of results.json."""

import sys
import time
from collections import defaultdict
from pathlib import Path

import click

from bench.conformance.fuzz.finds import Find, printf
from bench.conformance.fuzz.probes import to_text
from bench.conformance.fuzz.result import Result
from bench.core import files
from bench.core.progress import Progress
from bench.results import store

EVERY_SECONDS = 15.0
LONG_RUN = 1000  # requests, after which a freedom that explained nothing is worth a line


class Teller:
    """Shows progress: on a terminal in one line, elsewhere a line now and then."""

    def __init__(self, progress: Progress) -> None:
        self.progress, self.last = progress, float("-inf")

    def __call__(self, line: str) -> None:
        """Show what is done and what is left."""
        self.progress.detail(line)
        if not sys.stderr.isatty() and time.monotonic() - self.last > EVERY_SECONDS:
            self.last = time.monotonic()
            self.progress.note(f"{time.strftime('%H:%M:%S')} {line}")


def show(result: Result, as_json: bool) -> None:
    """Print the finds and a summary."""
    if as_json:
        click.echo(files.dump_json(result.as_dict()))
        return
    for number, find in enumerate(result.ordered, start=1):
        click.echo(f"{number}. {text_of(find)}\n")
    for one in result.freedoms:
        click.echo(f"declared: {one.line()}")
    for kind, count in result.unconfirmed.items():
        click.echo(f"not seen again when sent alone: {kind}, {count} times")
    finds = f"{len(result.finds) or 'no'} finds"
    click.echo(
        f"{result.requests:,} requests to each of {len(result.names)} sites, "
        f"{result.sent:,} in all, in {result.seconds:.0f} s: {finds}"
    )


def warn_of_unused(result: Result) -> None:
    """Name the freedoms that a long run did not need, on standard error."""
    for one in result.freedoms:
        if not one.used and result.requests >= LONG_RUN:
            click.echo(f"cookoff: not needed in this run, remove it? {one.line()}", err=True)


def show_answers(result: Result) -> None:
    """Print what each site answered to the request that was replayed."""
    for probe, statuses in result.replayed:
        names = defaultdict(list)
        for name, status in statuses.items():
            names[status].append(name)
        answers = "; ".join(f"{status or 'none'}: {', '.join(names[status])}" for status in names)
        click.echo(f"{probe.labels[0]}: {answers}")


def text_of(find: Find) -> str:
    """Return a find as a few lines that anyone can replay."""
    lines = [f"{find.verdict.line()} ({find.count} requests)"]
    if not find.confirmed:
        lines.append("   seen once, not again when sent alone")
    for probe in find.examples:
        origin = f"request {probe.number}: " if probe.number >= 0 else ""
        lines.append(f"   {origin}{', '.join(probe.labels)}")
        lines += [f"      {line}" for line in to_text(probe).splitlines()]
        lines += [f"      {line}" for line in printf(probe)]
    return "\n".join(lines)


def keep(result: Result) -> Path:
    """Write each find's requests as files to replay, and the part of results.json."""
    folder = store.FOLDER / f"fuzz-{result.seed}"
    for find in result.finds.values():
        find.save(folder)
    store.write({"fuzz": result.as_dict()})
    return folder
