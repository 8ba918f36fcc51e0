"""Build the pages about versions: a list, and a page for the versions of each framework."""

from collections.abc import Iterator

from bench.report import version_section
from bench.report.data import ReportData
from bench.report.pages.page import Page, slugify
from bench.results.schema import VersionComparison

SECTION = "versions/index.html"


def build_address(framework: str) -> str:
    """Return the address of the page of a framework's versions."""
    return f"versions/{slugify(framework)}.html"


def build_pages(data: ReportData) -> Iterator[Page]:
    """Yield the list, and a page for the versions of each framework."""
    comparisons = data.results.versions or {}
    yield Page(
        SECTION,
        "versions.html",
        "Versions",
        "What an upgrade of a framework changes for the site.",
        {
            "comparisons": {build_address(name): part for name, part in comparisons.items()},
            "marks": version_section.MARKS,
        },
        command="cookoff versions FRAMEWORK WHAT...",
    )
    for part in comparisons.values():
        yield build_page(part)


def build_page(part: VersionComparison) -> Page:
    """Return the page of a framework's versions."""
    labels = [column.label for column in part.columns]
    return Page(
        build_address(part.framework),
        "version.html",
        f"{part.title}: {' → '.join(labels)}",
        "What changed from each version to the next: clauses, behaviour, packages and cost.",
        {
            "part": part,
            "marks": version_section.MARKS,
            "overview": version_section.build_overview(part),
            "tables": {
                "Packages": ("Package", version_section.build_package_rows(part)),
                "Lines of the app that not all versions run": (
                    "File",
                    version_section.build_line_rows(part),
                ),
            },
            "clauses": version_section.build_clause_rows(part),
            "probes": version_section.build_probe_rows(part),
            "labels": {column.name: column.label for column in part.columns},
        },
        command=version_section.build_command(part),
        section=SECTION,
    )
