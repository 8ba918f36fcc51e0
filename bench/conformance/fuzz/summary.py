"""Print what a run found, and write its requests and its part of results.json."""

import sys
import time
from collections import defaultdict
from pathlib import Path

import click

from bench.conformance.fuzz.finds import Finding, build_shell_commands
from bench.conformance.fuzz.probes import format_probe
from bench.conformance.fuzz.result import FuzzResult
from bench.core import files
from bench.core.progress import Progress
from bench.results import store

PROGRESS_SECONDS = 15.0
LONG_RUN_REQUESTS = 1000  # requests, after which a freedom that explained nothing is worth a line


class ProgressReporter:
    """Shows progress: on a terminal in one line, elsewhere a line now and then."""

    def __init__(self, progress: Progress) -> None:
        self.progress, self.last = progress, float("-inf")

    def __call__(self, line: str) -> None:
        """Show what is done and what is left."""
        self.progress.update_detail(line)
        if not sys.stderr.isatty() and time.monotonic() - self.last > PROGRESS_SECONDS:
            self.last = time.monotonic()
            self.progress.print_note(f"{time.strftime('%H:%M:%S')} {line}")


def print_result(result: FuzzResult, as_json: bool) -> None:
    """Print the finds and a summary."""
    if as_json:
        click.echo(files.dump_json(result.as_dict()))
        return
    for number, find in enumerate(result.sorted_findings, start=1):
        click.echo(f"{number}. {format_finding(find)}\n")
    for one in result.freedoms:
        click.echo(f"declared: {one.format_line()}")
    for kind, count in result.unconfirmed.items():
        click.echo(f"not seen again when sent alone: {kind}, {count} times")
    finds = f"{len(result.findings) or 'no'} finds"
    click.echo(
        f"{result.request_count:,} requests to each of {len(result.names)} sites, "
        f"{result.sent_count:,} in all, in {result.seconds:.0f} s: {finds}"
    )


def warn_unused_freedoms(result: FuzzResult) -> None:
    """Name the freedoms that a long run did not need, on standard error."""
    for one in result.freedoms:
        if not one.use_count and result.request_count >= LONG_RUN_REQUESTS:
            click.echo(f"cookoff: not needed in this run, remove it? {one.format_line()}", err=True)


def print_replayed_statuses(result: FuzzResult) -> None:
    """Print what each site answered to the request that was replayed."""
    for probe, statuses in result.replayed_statuses:
        names = defaultdict(list)
        for name, status in statuses.items():
            names[status].append(name)
        answers = "; ".join(f"{status or 'none'}: {', '.join(names[status])}" for status in names)
        click.echo(f"{probe.labels[0]}: {answers}")


def format_finding(find: Finding) -> str:
    """Return a find as a few lines that anyone can replay."""
    lines = [f"{find.verdict.format_line()} ({find.count} requests)"]
    if not find.confirmed:
        lines.append("   seen once, not again when sent alone")
    for probe in find.examples:
        origin = f"request {probe.number}: " if probe.number >= 0 else ""
        lines.append(f"   {origin}{', '.join(probe.labels)}")
        lines += [f"      {line}" for line in format_probe(probe).splitlines()]
        lines += [f"      {line}" for line in build_shell_commands(probe)]
    return "\n".join(lines)


def save_result(result: FuzzResult) -> Path:
    """Write each find's requests as files to replay, and the part of results.json."""
    folder = store.REPORT_FOLDER / f"fuzz-{result.seed}"
    for find in result.findings.values():
        find.save_examples(folder)
    store.update_results({"fuzz": result.as_dict()})
    return folder
