"""Build a page for each kata, with its patches side by side, and the table of all katas."""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from bench.report.data import ReportData
from bench.report.pages.page import Page
from bench.results.schema import Kata, KataPatch

SECTION = "katas/index.html"
LINE_CLASSES = {"+": "added", "-": "removed", "@": "hunk"}
FILE_LINES = ("diff --git", "index ", "--- ", "new file mode", "deleted file mode")


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
                "rows": find_rows(kata),
                "missing": [each for each in data.names if each not in kata.frameworks],
                "shared_diff": format_diff(kata.shared_patch),
            },
            command=f"cookoff kata check {name}",
            section=SECTION,
            sequence=addresses,
        )


def format_diff(patch: str) -> Markup:
    """Return a unified diff as HTML lines: the path of each file, then its hunks."""
    return Markup("").join(map(format_line, filter(is_shown, patch.splitlines())))


def is_shown(line: str) -> bool:
    """Return whether a reader needs a line: not the lines that only git reads."""
    return not line.startswith(FILE_LINES) and line != "+++ /dev/null"


def format_line(line: str) -> Markup:
    """Return a line of a diff as HTML."""
    if line.startswith("+++ b/"):
        return Markup('<span class="file">{}</span>\n').format(line.removeprefix("+++ b/"))
    if line.startswith("@@"):
        return Markup('<span class="hunk">{}</span>\n').format(line)
    kind = LINE_CLASSES.get(line[:1])
    return (
        Markup('<span class="{}">{}</span>\n').format(kind, line)
        if kind
        else Markup("{}\n").format(line)
    )
