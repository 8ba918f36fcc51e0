"""Build a page for each file of each app, with numbered and highlighted lines."""

from collections.abc import Iterator

from bench.report.annotated_source import AnnotatedSource, build_source_address
from bench.report.data import SHARED_PAGES, ReportData
from bench.report.pages.page import Page

SECTION = "frameworks/index.html"


def build_pages(data: ReportData) -> Iterator[Page]:
    """Yield a page for each file; the files that several apps share come last."""
    for framework in data.frameworks:
        files = [file for file in framework.sources if not file.startswith(SHARED_PAGES)]
        addresses = [build_source_address(file) for file in files]
        for file in files:
            yield build_page(framework, file, addresses, framework)
    addresses = [build_source_address(file) for file in data.shared_files]
    for file, framework in data.shared_files.items():
        yield build_page(framework, file, addresses, None)


def build_page(
    framework: AnnotatedSource, file: str, addresses: list[str], owner: AnnotatedSource | None
) -> Page:
    """Return the page of a file; without an owner, several frameworks share the file."""
    title = owner.title if owner else "several frameworks"
    return Page(
        build_source_address(file),
        "source.html",
        file,
        f"A file of the site in {title}; lines that no request ran are grey.",
        {"file": file, "framework": framework, "owner": owner},
        command="cookoff compare",
        section=SECTION,
        sequence=addresses,
    )
