"""What does the reader see? report/index.html, made from report/results.json alone."""

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bench.agent.call_counter import WARMUP_REQUESTS
from bench.core.files import write_file
from bench.frameworks.features import FEATURES
from bench.frameworks.manifest import NEEDS
from bench.report import (
    baselines,
    behaviour_section,
    cost_sections,
    machines,
    missing_parts,
    overview,
    ranking,
    trace_section,
    warm_section,
)
from bench.report.annotated_source import AnnotatedSource
from bench.report.checked import call_guarded, check_results
from bench.report.instruments import INSTRUMENTS
from bench.results import store
from bench.results.request_warnings import MIN_CALL_RATIO
from bench.results.subset import drop_uncompared
from bench.results.views import build_sensitivity_rows as planted_rows
from bench.results.views import format_memory_growth as grows

SHARED_PAGES = "pages/"
REPORT_FILE = store.RESULTS_FILE.with_name("index.html")
# What a browser would not show, or would obey: controls, and marks that turn the writing around.
CONTROL_CHARACTERS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def write_report(file: Path = REPORT_FILE) -> Path:
    """Write the page and return its path; raise Missing, Damaged or ReportError: readable()."""
    with store.locked_results(
        file.with_name(store.RESULTS_FILE.name)
    ):  # else an older page could come last
        write_file(file, render_checked(store.read_results()))
    return file


def render_checked(found: dict[str, Any], heading: str = "") -> str:
    """Return the page for results that may be of no use.

    Raises Missing where nothing was compared yet, Damaged where the results have not the shape
    that the report needs, and ReportError for a bug of the report.
    """
    fit = check_results(found)
    return call_guarded(lambda: render_report(fit, heading))


def render_report(found: dict[str, Any], heading: str = "") -> str:
    """Return the page for these results: the same bytes for the same results."""
    found = {"cost": None, **drop_uncompared(found)}
    columns, rows = overview.build_table(found)
    over = baselines.costs_by_baseline(found)
    kitchens = [AnnotatedSource(one) for one in found["frameworks"].values()]
    pages = build_environment()
    titles = {one.name: one.title for one in kitchens}
    pages.filters["grows"] = grows
    pages.filters["kitchen_title"] = lambda name: titles.get(name, name)
    page = pages.get_template("page.html")
    text = page.render(
        found=found,
        heading=heading or f"One menu, {len(kitchens)} kitchens",
        columns=columns,
        over=over,
        rows=rows,
        criteria=ranking.build_criteria(columns, rows, found.get("cost")),
        features=FEATURES,
        needs=list(NEEDS),
        kitchens=kitchens,
        journeys=list(trace_section.build_feature_traces(found["journey"]))
        if "journey" in found
        else [],
        atlas=list(behaviour_section.build_groups(found["behaviour"]))
        if "behaviour" in found
        else [],
        shared=collect_shared_pages(kitchens),
        cost_pages=list(cost_sections.build_pages(found.get("cost"))),
        other_plots=list(cost_sections.build_other_plots(found)),
        share=cost_sections.format_share,
        absent=list(missing_parts.find_missing_parts(found)),
        instruments=INSTRUMENTS,
        crews=list(machines.find_machine_groups(found)),
        warned=warm_section.collect_warnings(found),
        warm_requests=WARMUP_REQUESTS,
        many_times=MIN_CALL_RATIO,
        planted=list(planted_rows(found["planted"])) if "planted" in found else [],
    )
    return CONTROL_CHARACTERS.sub(lambda mark: f"\\u{ord(mark[0]):04x}", text)


def collect_shared_pages(kitchens: list[AnnotatedSource]) -> dict[str, Markup]:
    """Return the listings of the pages that several frameworks share."""
    files = {file: one for one in kitchens for file in one.sources if file.startswith(SHARED_PAGES)}
    return {file: files[file].render_listing(file) for file in sorted(files)}


def build_environment() -> Environment:
    """Return the templates of the report."""
    pages = Environment(
        loader=PackageLoader("bench.report", "templates/report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.globals["source"] = lambda name: Markup(read_template_source(pages, name))
    return pages


def read_template_source(pages: Environment, name: str) -> str:
    """Return the text of a stylesheet or script that becomes part of the page."""
    assert pages.loader
    return pages.loader.get_source(pages, name)[0]
