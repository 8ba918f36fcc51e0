"""Render parts of the report: a whole report takes too long for each of many tests."""

from bench.report.data import ReportData
from bench.report.pages.page import SECTIONS
from bench.report.renderer import Renderer
from bench.report.site import build_pages
from bench.results.schema import ComparedResults
from bench.results.subset import drop_uncompared


def render_page(results: ComparedResults, path: str) -> str:
    """Return one page of the report."""
    data = ReportData(drop_uncompared(results))
    page = next(page for page in build_pages(data) if page.path == path)
    return Renderer(data, list(SECTIONS)).render(page)


def render_each_kind(results: ComparedResults) -> dict[str, str]:
    """Return the first page of each template, by the name of the template."""
    data = ReportData(drop_uncompared(results))
    pages = {page.template: page for page in reversed(list(build_pages(data)))}
    renderer = Renderer(data, list(SECTIONS))
    return {template: renderer.render(page) for template, page in pages.items()}
