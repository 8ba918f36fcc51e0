"""Print the results of `cookoff versions`."""

from collections.abc import Iterator, Sequence

import click

from bench.behaviour.json_cases import CASES
from bench.behaviour.probes import PROBES
from bench.core.tables import Row, print_rows, print_text
from bench.results.schema import VersionChange, VersionColumn, VersionComparison
from bench.results.store import format_json
from bench.results.version_changes import MEBIBYTE, count_changes, describe_provenance

KINDS = {
    "clause": "Clauses",
    "probe": "Default behaviour",
    "cost": "Time of a page",
    "start": "Start",
    "memory": "Memory",
    "package": "Packages",
    "size": "Size",
    "calls": "Calls",
    "lines": "Lines of the app that ran",
}
SIGNS = {"worse": "-", "better": "+", "changed": "~"}


def count_probes(measured: Sequence[str]) -> int:
    """Return the number of probes and JSON texts of a run."""
    return len(PROBES) + len(CASES) if "behaviour" in measured else 0


def print_comparison(part: VersionComparison, as_json: bool, gate: bool) -> None:
    """Print a row for each version and what changed; for the gate only what moved."""
    if as_json:
        click.echo(format_json(part))
        return
    if not gate:
        print_rows([build_row(part, column) for column in part.columns])
        for line in describe_columns(part):
            print_text(line)
    for line in describe_changes(part, gate):
        print_text(line)
    for reason in part.unmeasured:
        print_text(f"not measured: {reason}")


def build_row(part: VersionComparison, column: VersionColumn) -> Row:
    """Return the row of one version."""
    row: dict[str, object] = {
        "version": column.label,
        "installed": column.version or "none",
        "Python": column.python,
    }
    for site, by_name in part.clause_counts.items():
        if counts := by_name.get(column.name):
            row[site] = f"{counts.get('passed', 0)}/{sum(counts.values())}"
        elif "contract" in part.measured:
            row[site] = None
    row["packages"] = len(column.packages)
    row["packages MiB"] = round(sum(package.bytes for package in column.packages) / MEBIBYTE, 1)
    for page, costs in part.cost.pages.items() if part.cost else ():
        cost = costs.get(column.name)
        row[f"{page} µs"] = cost and cost.microseconds
        row[f"{page} ratio"] = cost and f"{cost.ratio:.3f}"
    if part.starts:
        start = part.starts.get(column.name)
        row["first reply s"] = start and start.first_reply_seconds
        row["MiB"] = start and start.rss_mib_after
    return row


def describe_columns(part: VersionComparison) -> Iterator[str]:
    """Yield the provenance of each version, and what had to move with it."""
    for column in part.columns:
        if column.error:
            verb = "not measured" if column.is_startable else "the site does not start"
            yield f"{column.label}: {verb}: {column.error}"
        elif column.kind != "release":
            yield f"{column.label}: {describe_provenance(column)}"
        if column.moves:
            yield f"{column.label}: beside {part.title}: {', '.join(column.moves)}"


def describe_changes(part: VersionComparison, gate: bool) -> Iterator[str]:
    """Yield what changed from each version to the next, as lines."""
    labels = {column.name: column.label for column in part.columns}
    pairs = dict.fromkeys((change.before, change.after) for change in part.changes)
    for before, after in pairs:
        changes = [each for each in part.changes if (each.before, each.after) == (before, after)]
        yield ""
        yield f"{part.title} {labels[before]} → {labels[after]}: {format_summary(changes)}"
        for kind, title in KINDS.items():
            if found := [change for change in changes if change.kind == kind]:
                yield f"{title}:"
                yield from (format_change(change) for change in found)
    if not pairs and not gate:
        yield f"{part.title}: nothing changed"


def format_summary(changes: Sequence[VersionChange]) -> str:
    """Return how many changes of each kind there are, and how many fail the gate."""
    counts = [f"{KINDS[kind].lower()} {count}" for kind, count in count_changes(changes).items()]
    failing = sum(change.fails_gate for change in changes)
    return ", ".join(counts) + (f"; worse: {failing}" if failing else "")


def format_change(change: VersionChange) -> str:
    """Return one change as a line; an exclamation mark fails the gate."""
    sign = "!" if change.fails_gate else SIGNS[change.verdict]
    return f"  {sign} {change.subject}: {change.text}"
