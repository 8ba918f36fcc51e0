"""What does the reader see? report/index.html, made from report/results.json alone."""

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bench.agent.call_counter import WARM_REQUESTS
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
from bench.report.annotated_source import Kitchen
from bench.report.checked import checked, made
from bench.report.instruments import INSTRUMENTS
from bench.results import store
from bench.results.request_warnings import MANY_TIMES
from bench.results.subset import compared
from bench.results.views import memory_growth as grows
from bench.results.views import sensitivity_rows as planted_rows

SHARED = "pages/"
FILE = store.FILE.with_name("index.html")
# What a browser would not show, or would obey: controls, and marks that turn the writing around.
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def write(file: Path = FILE) -> Path:
    """Write the page and return its path; raise Missing, Damaged or ReportError: readable()."""
    with store.held(file.with_name(store.FILE.name)):  # else an older page could come last
        write_file(file, readable(store.read()))
    return file


def readable(found: dict[str, Any], heading: str = "") -> str:
    """Return the page for results that may be of no use.

    Raises Missing where nothing was compared yet, Damaged where the results have not the shape
    that the report needs, and ReportError for a bug of the report.
    """
    fit = checked(found)
    return made(lambda: render(fit, heading))


def render(found: dict[str, Any], heading: str = "") -> str:
    """Return the page for these results: the same bytes for the same results."""
    found = {"cost": None, **compared(found)}
    columns, rows = overview.table(found)
    over = baselines.over(found)
    kitchens = [Kitchen(one) for one in found["frameworks"].values()]
    pages = environment()
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
        criteria=ranking.criteria(columns, rows, found.get("cost")),
        features=FEATURES,
        needs=list(NEEDS),
        kitchens=kitchens,
        journeys=list(trace_section.journeys(found["journey"])) if "journey" in found else [],
        atlas=list(behaviour_section.groups(found["behaviour"])) if "behaviour" in found else [],
        shared=shared_by(kitchens),
        cost_pages=list(cost_sections.pages(found.get("cost"))),
        other_plots=list(cost_sections.others(found)),
        share=cost_sections.share,
        absent=list(missing_parts.parts(found)),
        instruments=INSTRUMENTS,
        crews=list(machines.crews(found)),
        warned=warm_section.warned(found),
        warm_requests=WARM_REQUESTS,
        many_times=MANY_TIMES,
        planted=list(planted_rows(found["planted"])) if "planted" in found else [],
    )
    return UNSEEN.sub(lambda mark: f"\\u{ord(mark[0]):04x}", text)


def shared_by(kitchens: list[Kitchen]) -> dict[str, Markup]:
    """Return the listings of the pages that several frameworks share."""
    files = {file: one for one in kitchens for file in one.sources if file.startswith(SHARED)}
    return {file: files[file].listing(file) for file in sorted(files)}


def environment() -> Environment:
    """Return the templates of the report."""
    pages = Environment(
        loader=PackageLoader("bench.report", "templates/report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.globals["source"] = lambda name: Markup(source_of(pages, name))
    return pages


def source_of(pages: Environment, name: str) -> str:
    """Return the text of a stylesheet or script that becomes part of the page."""
    assert pages.loader
    return pages.loader.get_source(pages, name)[0]
