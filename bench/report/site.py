"""Write the report, a static site, from report/results.json alone."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.core.files import write_file
from bench.report.checked import call_guarded, check_results
from bench.report.data import ReportData
from bench.report.pages import (
    behaviour_pages,
    cost_pages,
    feature_pages,
    framework_pages,
    hardening_page,
    index_page,
    journey_pages,
    kata_pages,
    method_page,
    pair_pages,
    source_pages,
    version_pages,
)
from bench.report.pages.page import SECTIONS, Page
from bench.report.renderer import STYLESHEET, Renderer, read_assets
from bench.results import store
from bench.results.schema import ComparedResults, Results
from bench.results.subset import drop_uncompared, select_results

# Each folder holds only pages of the report, so pages that are no longer built can be removed.
FOLDERS = (
    "assets", "behaviour", "compare", "cost", "features", "frameworks", "journey", "katas",
    "probes", "sources", "versions",
)  # fmt: skip
INDEX_FILE = store.REPORT_FOLDER / "index.html"


def write_report(file: Path = INDEX_FILE) -> Path:
    """Write all pages beside the first page, and return the path of the first page.

    Raises the errors of render_checked.
    """
    # The lock keeps an older report from replacing a newer one.
    with store.locked_results(file.with_name(store.RESULTS_FILE.name)):
        write_pages(file.parent, render_checked(store.read_results()))
    return file


def write_pages(folder: Path, pages: Mapping[str, bytes]) -> None:
    """Write the pages whose content has changed, and remove the pages that are gone."""
    for path, content in pages.items():
        file = folder / path
        if not file.is_file() or file.read_bytes() != content:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_file(file, content)
    for subfolder in FOLDERS:
        for file in sorted((folder / subfolder).rglob("*")):
            if file.is_file() and file.relative_to(folder).as_posix() not in pages:
                file.unlink()


def render_checked(results: Results) -> dict[str, bytes]:
    """Return the files of the report for results that may be incomplete or damaged.

    Raises DependencyError if the results hold no comparison, ResultsFormatError if the results do
    not match the schema that the report needs, and ReportError for a bug in the report.
    """
    checked = check_results(results)
    return call_guarded(lambda: render_site(checked))


def render_site(results: ComparedResults) -> dict[str, bytes]:
    """Return the content of each file by its path; equal results give equal bytes."""
    data = ReportData(drop_uncompared(results))
    pages = list(build_pages(data))
    sections = [address for address in SECTIONS if any(page.path == address for page in pages)]
    renderer = Renderer(data, sections)
    return read_assets() | {page.path: renderer.render(page).encode() for page in pages}


def build_pages(data: ReportData) -> Iterator[Page]:
    """Yield every page of the report for which there are results."""
    results = data.results
    yield index_page.build_index(data)
    yield from framework_pages.build_pages(data)
    yield from feature_pages.build_pages(data)
    yield from pair_pages.build_pages(data)
    if results.behaviour:
        yield from behaviour_pages.build_pages(data)
    yield hardening_page.build_page(data)
    if results.katas:
        yield from kata_pages.build_pages(data)
    if results.cost:
        yield from cost_pages.build_pages(data)
    if results.traces:
        yield from journey_pages.build_pages(data)
    if results.versions:
        yield from version_pages.build_pages(data)
    yield from source_pages.build_pages(data)
    yield method_page.build_page(data)


def render_pair(results: ComparedResults, first: str, second: str) -> str:
    """Return the page of a pair as one file that needs no other file.

    Raises DependencyError for a framework that is not in the results.
    """
    select_results(results, [first, second])  # raises the error
    data = ReportData(drop_uncompared(results))
    address = pair_pages.build_address(data, first, second)
    names = sorted((first, second), key=data.names.index)
    page = pair_pages.build_page(data, names[0], names[1], address, [address])
    return Renderer(data, [], style=STYLESHEET.read_text(encoding="utf-8")).render(page)
