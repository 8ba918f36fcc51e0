"""Print the result of a run, and write its requests and its part of results.json."""

import sys
import time
from collections import defaultdict
from pathlib import Path

import click

from bench.conformance.fuzz.finds import Finding, build_shell_commands
from bench.conformance.fuzz.probes import format_probe
from bench.conformance.fuzz.result import FuzzResult
from bench.core.hints import print_error
from bench.core.progress import Progress
from bench.core.words import format_count
from bench.results import store
from bench.results.schema import Results

PROGRESS_SECONDS = 15.0
LONG_RUN_REQUESTS = 1000  # a run of so many requests reports the freedoms that it did not use


class ProgressReporter:
    """Show progress: on a terminal in one line, elsewhere a line each PROGRESS_SECONDS."""

    def __init__(self, progress: Progress) -> None:
        self.progress, self.last = progress, float("-inf")

    def __call__(self, line: str) -> None:
        """Show a line of progress."""
        self.progress.update_detail(line)
        if not sys.stderr.isatty() and time.monotonic() - self.last > PROGRESS_SECONDS:
            self.last = time.monotonic()
            self.progress.print_note(f"{time.strftime('%H:%M:%S')} {line}")


def print_result(result: FuzzResult, as_json: bool) -> None:
    """Print the findings and a summary, or everything as JSON."""
    if as_json:
        click.echo(store.format_json(result.build_part()))
        return
    for number, finding in enumerate(result.sorted_findings, start=1):
        click.echo(f"{number}. {format_finding(finding)}\n")
    for freedom in result.freedoms:
        click.echo(f"declared: {freedom.format_line()}")
    for kind, count in result.unconfirmed.items():
        click.echo(f"not confirmed when sent alone: {kind}, {format_count(count, 'time')}")
    count = len(result.findings)
    findings = format_count(count, "finding") if count else "no findings"
    click.echo(
        f"{format_count(result.request_count, 'request')} to each of "
        f"{format_count(len(result.names), 'site')}, "
        f"{result.sent_count:,} in all, in {result.seconds:.0f} s: {findings}"
    )


def warn_unused_freedoms(result: FuzzResult) -> None:
    """Report the freedoms that a long run did not use, on standard error."""
    for freedom in result.freedoms:
        if not freedom.use_count and result.request_count >= LONG_RUN_REQUESTS:
            line = freedom.format_line()
            print_error(f"unused freedom; remove it from freedoms.toml: {line}")


def print_replayed_statuses(result: FuzzResult) -> None:
    """Print the status of each site's reply to each replayed request."""
    for probe, statuses in result.replayed_statuses:
        names = defaultdict(list)
        for name, status in statuses.items():
            names[status].append(name)
        replies = "; ".join(f"{status or 'none'}: {', '.join(names[status])}" for status in names)
        click.echo(f"{probe.labels[0]}: {replies}")


def format_finding(finding: Finding) -> str:
    """Return a finding as lines that include its requests and the commands that send them."""
    lines = [f"{finding.verdict.format_line()} ({format_count(finding.count, 'request')})"]
    if not finding.confirmed:
        lines.append("   seen once, not confirmed when sent alone")
    for probe in finding.examples:
        origin = f"request {probe.number}: " if probe.number >= 0 else ""
        lines.append(f"   {origin}{', '.join(probe.labels)}")
        lines += [f"      {line}" for line in format_probe(probe).splitlines()]
        lines += [f"      {line}" for line in build_shell_commands(probe)]
    return "\n".join(lines)


def save_result(result: FuzzResult) -> Path:
    """Write the requests of each finding to files, and the part of results.json.

    Returns the folder of the files.
    """
    folder = store.REPORT_FOLDER / f"fuzz-{result.seed}"
    for finding in result.findings.values():
        finding.save_examples(folder)
    store.update_results(Results(fuzz=result.build_part()))
    return folder
