"""Build a page for each kata, with its patches side by side, and the table of all katas."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape

from bench.report.data import ReportData
from bench.report.pages.page import Page
from bench.results.schema import Kata, KataPatch

SECTION = "katas/index.html"
CODE = re.compile(r"`([^`]+)`")
LINE_CLASSES = {"+": "added", "-": "removed", "@": "hunk"}
FILE_START = "diff --git "
# The lines that only git reads: between the start of a file and its first hunk.
GIT_LINES = ("index ", "--- ", "+++ ", "new file mode", "deleted file mode")
BINARY = "GIT binary patch"


@dataclass(frozen=True)
class PatchRow:
    """The patch of one framework: its sizes, and its diff as HTML."""

    name: str
    patch: KataPatch
    files: int
    added: int
    removed: int

    @property
    def counts(self) -> bool:
        """Return whether the patch applies and fails no clause."""
        return not (self.patch.problem or self.patch.failed)

    @property
    def diff(self) -> Markup:
        """Return the diff as HTML, with a heading for each file."""
        return format_diff(self.patch.patch)


def build_address(name: str) -> str:
    """Return the address of the page of a kata."""
    return f"katas/{name}.html"


def build_row(name: str, patch: KataPatch) -> PatchRow:
    """Return the row of a framework's patch."""
    added = sum(file.added for file in patch.files)
    removed = sum(file.removed for file in patch.files)
    return PatchRow(name, patch, len(patch.files), added, removed)


def find_rows(kata: Kata) -> dict[str, PatchRow]:
    """Return the patches of a kata by framework."""
    return {name: build_row(name, patch) for name, patch in kata.frameworks.items()}


def build_pages(data: ReportData) -> Iterator[Page]:
    """Yield the table of the katas, and a page for each kata."""
    katas = data.results.katas or {}
    addresses = [build_address(name) for name in katas]
    yield Page(
        SECTION,
        "katas.html",
        "What a change costs",
        "Change requests, done in every framework: files touched, lines, and names used.",
        {
            "katas": katas,
            "rows": {name: find_rows(kata) for name, kata in katas.items()},
            "names": data.names,
            "find_address": build_address,
        },
        command="cookoff kata check",
        section=SECTION,
    )
    for name, kata in katas.items():
        yield Page(
            build_address(name),
            "kata.html",
            kata.title,
            kata.summary,
            {
                "kata": kata,
                "request": [*map(format_paragraph, kata.request.split("\n\n"))],
                "rows": find_rows(kata),
                "missing": [each for each in data.names if each not in kata.frameworks],
                "shared_diff": format_diff(kata.shared_patch),
            },
            command=f"cookoff kata check {name}",
            section=SECTION,
            sequence=addresses,
        )


def format_paragraph(text: str) -> Markup:
    """Return a paragraph of a request as HTML: what stands between backticks is code."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))


def format_diff(patch: str) -> Markup:
    """Return a diff as HTML lines: the path of each file, then its hunks."""
    return Markup("").join(iter_lines(patch))


def iter_lines(patch: str) -> Iterator[Markup]:
    """Yield the lines of a diff as HTML, without the contents of binary files."""
    is_head = is_binary = False
    for line in patch.splitlines():
        if line.startswith(FILE_START):
            is_head, is_binary = True, False
            yield wrap_line("file", line.rpartition(" b/")[2])
        elif line == BINARY:
            is_binary = True
            yield wrap_line("hunk", "a binary file")
        elif not (is_binary or (is_head and line.startswith(GIT_LINES))):
            is_head = is_head and not line.startswith("@@")
            yield wrap_line(LINE_CLASSES.get(line[:1], ""), line)


def wrap_line(kind: str, line: str) -> Markup:
    """Return a line of a diff as HTML, in an element if it is of a kind."""
    return Markup('<span class="{}">{}</span>\n' if kind else "{1}\n").format(kind, line)
