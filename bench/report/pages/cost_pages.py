"""Build a page for each page that was timed, and the pages of the other instruments."""

from collections.abc import Iterator

from bench.agent.call_counter import WARMUP_REQUESTS
from bench.report import cost_sections
from bench.report.data import ReportData
from bench.report.pages.page import Page, slugify
from bench.report.template_time import FEATURES_BY_PAGE, split_cost
from bench.results.request_warnings import (
    MIN_CALL_RATIO,
    RequestWarning,
    find_page_warnings,
    find_trace_warnings,
)

SECTION = "cost/index.html"
LOAD = "cost/load.html"


def build_pages(data: ReportData) -> Iterator[Page]:
    """Yield the pages of the cost."""
    addresses = [f"cost/{slugify(page.name)}.html" for page in data.cost_pages]
    growth = list(cost_sections.plot_growth(data.results))
    load = list(cost_sections.plot_load(data.results))
    others = list(cost_sections.plot_other_instruments(data.results))
    plots = {
        "cost/growth.html": ("Growth", "cookoff cost --scaling", growth),
        LOAD: ("Load", "cookoff load --peak-fraction 0.5", load),
        "cost/instruments.html": ("Other instruments", "cookoff cost --instructions", others),
    }
    plots = {address: plot for address, plot in plots.items() if plot[2]}
    sequence = [*addresses, *plots]
    yield build_index(data, addresses, {key: title for key, (title, *_) in plots.items()})
    for page, address in zip(data.cost_pages, addresses, strict=True):
        yield build_page(data, page, address, sequence)
    for address, (title, command, shown) in plots.items():
        yield Page(
            address,
            "plots.html",
            title,
            f"{title} of each framework, as plots with tables.",
            {"plots": shown, "with_load": address == LOAD},
            command,
            SECTION,
            sequence,
        )


def build_index(data: ReportData, addresses: list[str], others: dict[str, str]) -> Page:
    """Return the first page of the section."""
    return Page(
        SECTION,
        "costs.html",
        "What a page costs",
        "The time of each page in each framework, with intervals and ties.",
        {
            "pages": list(zip(data.cost_pages, addresses, strict=True)),
            "others": others,
            "warnings": collect_warnings(data),
            "warmup_requests": WARMUP_REQUESTS,
            "min_call_ratio": MIN_CALL_RATIO,
        },
        command="cookoff cost --full",
        section=SECTION,
    )


def build_page(
    data: ReportData, page: cost_sections.PageCosts, address: str, sequence: list[str]
) -> Page:
    """Return the page of one timed page."""
    return Page(
        address,
        "cost.html",
        page.finding,
        f"The time of the page {page.name} in each framework, with 99 % intervals.",
        {
            "page_costs": page,
            "splits": {name: split_cost(data.results, page.name, name) for name, _ in page.costs},
            "feature": FEATURES_BY_PAGE.get(page.name, ""),
            "format_share": cost_sections.format_share,
        },
        command=f"cookoff cost --page {slugify(page.name)}",
        section=SECTION,
        sequence=sequence,
    )


def collect_warnings(data: ReportData) -> list[RequestWarning]:
    """Return the warnings from counting: by page, and by feature if traces were recorded."""
    by_page = find_page_warnings(data.results)
    return by_page + (find_trace_warnings(data.results.traces) if data.results.traces else [])
