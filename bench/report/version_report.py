"""Write the page of a framework's versions, with or without a comparison of frameworks."""

from pathlib import Path

from bench.core.files import write_file
from bench.report import site
from bench.report.data import ReportData
from bench.report.pages import version_pages
from bench.report.renderer import STYLESHEET, Renderer
from bench.results import store
from bench.results.schema import ComparedResults, VersionComparison


def write_versions(framework: str, folder: Path = store.REPORT_FOLDER) -> Path:
    """Write the page, and return its path.

    With a comparison of frameworks the whole report is written. Without one, the page is a file
    that needs no other file.
    """
    results = store.read_results(folder / store.RESULTS_FILE.name)
    file = folder / version_pages.build_address(framework)
    if results.frameworks:
        site.write_report(folder / site.INDEX_FILE.name)
    else:
        parts = results.versions or {}
        write_file(file, render_alone(parts[framework]))
    return file


def render_alone(part: VersionComparison) -> str:
    """Return the page of a framework's versions as one file that needs no other file."""
    results = ComparedResults(
        created_at=part.created_at, machine=part.machine, frameworks={}, skipped={}, clauses=0
    )
    page = version_pages.build_page(part)
    style = STYLESHEET.read_text(encoding="utf-8")
    return Renderer(ReportData(results), [], style=style).render(page)
