"""Build the views of versions: a column for each version, with the cells that changed marked."""

import difflib
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bench.results.schema import VersionComparison, VersionProbe
from bench.results.version_changes import MEBIBYTE, describe_provenance, format_change

# By the CSS class of a cell: the sign, which does not depend on colour, and the meaning.
MARKS = {
    "worse": ("−", "worse than the version before"),
    "better": ("+", "better than the version before"),
    "changed": ("~", "other than in the version before"),
}
RANKS = tuple(MARKS)
MAX_REPLY_CHARACTERS = 4000
MAX_DIFF_LINES = 200


@dataclass(frozen=True)
class Cell:
    """A figure or an outcome of one version; `mark` is a key of MARKS, or ""."""

    text: str
    mark: str = ""
    note: str = ""

    @property
    def sign(self) -> str:
        """The sign of the mark."""
        return MARKS[self.mark][0] if self.mark else ""


@dataclass(frozen=True)
class VersionRow:
    """A figure, a clause, a package or a file, with a cell for each version."""

    title: str
    cells: list[Cell]
    note: str = ""


@dataclass(frozen=True)
class ProbeRow(VersionRow):
    """A probe with its outcomes, its bytes, and the difference of its replies."""

    id: str = ""
    requests: Sequence[str] = ()
    replies: Sequence[tuple[str, str]] = ()  # versions, and their reply
    diffs: Sequence[tuple[str, str]] = ()  # a pair of versions, and the lines that differ


class MarkFinder:
    """The marks of a comparison: the worst verdict of the changes that a cell stands for."""

    def __init__(self, part: VersionComparison) -> None:
        self.changes = part.changes

    def find(self, after: str, kind: str, subject: str = "", start: str = "") -> str:
        """Return the mark of a version for changes of a kind, a subject, and a text's start."""
        verdicts = {
            change.verdict
            for change in self.changes
            if (change.after, change.kind) == (after, kind)
            and subject in ("", change.subject)
            and change.text.startswith(start)
        }
        return next((rank for rank in RANKS if rank in verdicts), "")


def build_overview(part: VersionComparison) -> list[VersionRow]:
    """Return the rows of the first table: a figure of each version in each row."""
    marks = MarkFinder(part)
    rows = [
        VersionRow("installed", [Cell(column.version or "none") for column in part.columns]),
        VersionRow("source", [Cell(describe_provenance(column)) for column in part.columns]),
        VersionRow("Python", [Cell(column.python or "none") for column in part.columns]),
    ]
    for site, by_name in part.clause_counts.items():
        counts = {name: by_name[name] for name in by_name if by_name[name]}
        if counts:
            cells = {
                name: f"{each.get('passed', 0):,} of {sum(each.values()):,}"
                for name, each in counts.items()
            }
            rows.append(build_row(part, f"clauses, {site}", cells, marks, "clause", start=site))
    packages = {column.name: str(len(column.packages)) for column in part.columns if column.version}
    rows.append(build_row(part, "packages", packages, marks, "package"))
    sizes = {
        column.name: f"{sum(each.bytes for each in column.packages) / MEBIBYTE:.1f}"
        for column in part.columns
        if column.packages
    }
    rows.append(build_row(part, "MiB of packages", sizes, marks, "size"))
    return [*rows, *build_cost_rows(part, marks)]


def build_cost_rows(part: VersionComparison, marks: MarkFinder) -> Iterator[VersionRow]:
    """Yield the rows of times, starts, memory and calls."""
    for page, costs in part.cost.pages.items() if part.cost else ():
        times = {name: f"{cost.microseconds:.0f}" for name, cost in costs.items()}
        notes = {
            name: f"ratio to the first version: {format_change(cost)}"
            for name, cost in costs.items()
        }
        yield build_row(part, f"{page}, µs", times, marks, "cost", page, notes=notes)
    if part.starts:
        starts = part.starts.items()
        replies = {name: f"{start.first_reply_seconds * 1000:.0f}" for name, start in starts}
        yield build_row(part, "first reply, ms", replies, marks, "start")
        memory = {name: f"{start.rss_mib_after:.1f}" for name, start in starts}
        yield build_row(part, "memory, MiB", memory, marks, "memory")
    for page, by_name in part.calls_by_layer.items():
        calls = {name: f"{each.framework:,}" for name, each in by_name.items()}
        yield build_row(part, f"{page}, calls in the framework", calls, marks, "calls", page)


def build_row(
    part: VersionComparison,
    title: str,
    texts: Mapping[str, str],
    marks: MarkFinder,
    kind: str,
    subject: str = "",
    start: str = "",
    notes: Mapping[str, str] | None = None,
) -> VersionRow:
    """Return a row with the marks of one kind of changes."""
    return VersionRow(
        title,
        [
            Cell(
                texts.get(column.name, "not measured"),
                marks.find(column.name, kind, subject, start),
                (notes or {}).get(column.name, ""),
            )
            for column in part.columns
        ],
    )


def build_clause_rows(part: VersionComparison) -> list[VersionRow]:
    """Return a row for each clause that differs."""
    marks = MarkFinder(part)
    return [
        VersionRow(
            clause.clause,
            [
                Cell(
                    clause.outcomes.get(column.name) or "did not run",
                    marks.find(column.name, "clause", clause.clause, clause.site),
                    clause.reasons.get(column.name, ""),
                )
                for column in part.columns
            ],
            f"{clause.site}, {clause.group}",
        )
        for clause in part.clauses
    ]


def build_probe_rows(part: VersionComparison) -> list[ProbeRow]:
    """Return a row for each probe that differs, with bytes and differences."""
    marks = MarkFinder(part)
    return [
        ProbeRow(
            probe.sentence,
            [
                Cell(
                    probe.outcomes.get(column.name, "not probed"),
                    marks.find(column.name, "probe", probe.id, ", ".join(probe.channels)),
                    "misses the standard" if probe.meets.get(column.name) is False else "",
                )
                for column in part.columns
            ],
            f"{probe.group}, {probe.grade}; {', '.join(probe.channels)}",
            probe.id,
            probe.requests,
            list(group_replies(part, probe)),
            list(list_diffs(part, probe)),
        )
        for probe in part.probes
    ]


def group_replies(part: VersionComparison, probe: VersionProbe) -> Iterator[tuple[str, str]]:
    """Yield each different reply once, with the versions that sent it."""
    labels: dict[str, list[str]] = {}
    for column in part.columns:
        if replies := probe.replies.get(column.name):
            text = "\n\n".join(replies)[:MAX_REPLY_CHARACTERS]
            labels.setdefault(text, []).append(column.label)
    for text, names in labels.items():
        yield ", ".join(names), text


def list_diffs(part: VersionComparison, probe: VersionProbe) -> Iterator[tuple[str, str]]:
    """Yield the lines of the replies that differ from each version to the next."""
    for before, after in pairwise(part.columns):
        old, new = ("\n\n".join(probe.replies.get(each.name, [])) for each in (before, after))
        if old and new and old != new:
            lines = difflib.unified_diff(old.splitlines(), new.splitlines(), n=1, lineterm="")
            shown = list(lines)[2 : 2 + MAX_DIFF_LINES]  # without the names of files
            yield f"{before.label} → {after.label}", "\n".join(shown)


def build_package_rows(part: VersionComparison) -> list[VersionRow]:
    """Return a row for each package."""
    marks = MarkFinder(part)
    names = {package.name for column in part.columns for package in column.packages}
    versions = [{each.name: each.version for each in column.packages} for column in part.columns]
    return [
        VersionRow(
            name,
            [
                Cell(
                    installed.get(name, "none" if column.version else "not installed"),
                    marks.find(column.name, "package", name),
                )
                for column, installed in zip(part.columns, versions, strict=True)
            ],
        )
        for name in sorted(names, key=str.lower)
    ]


def build_line_rows(part: VersionComparison) -> list[VersionRow]:
    """Return a row for each file of the app of which other lines ran."""
    marks = MarkFinder(part)
    return [
        VersionRow(
            each.file,
            [
                Cell(
                    each.lines.get(column.name) or "none",
                    marks.find(column.name, "lines", each.file),
                )
                for column in part.columns
            ],
        )
        for each in part.lines
    ]


def build_command(part: VersionComparison) -> str:
    """Return the command that measures the same versions again."""
    whats = dict.fromkeys(column.label.partition(" Python ")[0] for column in part.columns)
    pythons = dict.fromkeys(
        column.label.partition(" Python ")[2]
        for column in part.columns
        if " Python " in column.label
    )
    options = "".join(f" --python {python}" for python in pythons)
    return f"cookoff versions {part.framework} {shlex.join(whats)}{options}"
