"""Render report/index.html from report/results.json alone."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from msgspec.structs import asdict

from bench.agent.call_counter import WARMUP_REQUESTS
from bench.core.files import write_file
from bench.frameworks.features import FEATURES
from bench.frameworks.manifest import NEEDS
from bench.report import (
    baselines,
    behaviour_section,
    cost_sections,
    hardening_section,
    machines,
    missing_parts,
    overview,
    ranking,
    trace_section,
)
from bench.report.annotated_source import AnnotatedSource
from bench.report.checked import call_guarded, check_results
from bench.report.instruments import INSTRUMENTS
from bench.results import store
from bench.results.request_warnings import (
    MIN_CALL_RATIO,
    RequestWarning,
    find_page_warnings,
    find_trace_warnings,
)
from bench.results.schema import LAYERS, ComparedResults, Results
from bench.results.subset import drop_uncompared
from bench.results.views import build_sensitivity_rows, format_memory_growth

SHARED_PAGES = "pages/"
REPORT_FILE = store.RESULTS_FILE.with_name("index.html")
# Control characters that browsers hide or obey, such as marks that reverse the text direction.
CONTROL_CHARACTERS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def write_report(file: Path = REPORT_FILE) -> Path:
    """Write the page and return its path; raise the errors of render_checked."""
    # The lock keeps an older page from replacing a newer one.
    with store.locked_results(file.with_name(store.RESULTS_FILE.name)):
        write_file(file, render_checked(store.read_results()))
    return file


def render_checked(results: Results, heading: str = "") -> str:
    """Return the page for results that may be incomplete or damaged.

    Raises DependencyError if the results hold no comparison, ResultsFormatError if the results do
    not match the schema that the report needs, and ReportError for a bug in the report.
    """
    checked = check_results(results)
    return call_guarded(lambda: render_report(checked, heading))


def render_report(results: ComparedResults, heading: str = "") -> str:
    """Return the page for these results; equal results give equal bytes."""
    results = drop_uncompared(results)
    frameworks = [AnnotatedSource(facts) for facts in results.frameworks.values()]
    environment = build_environment({framework.name: framework.title for framework in frameworks})
    count = f"{len(frameworks)} framework{'s' * (len(frameworks) != 1)}"
    text = environment.get_template("page.html").render(
        results=results,
        machine_facts=asdict(results.machine),
        layers=LAYERS,
        heading=heading or f"The same site in {count}",
        features=FEATURES,
        needs=list(NEEDS),
        frameworks=frameworks,
        shared_pages=collect_shared_pages(frameworks),
        instruments=INSTRUMENTS,
        machine_groups=list(machines.find_machine_groups(results)),
        missing_parts=list(missing_parts.find_missing_parts(results)),
        **build_overview(results),
        **hardening_section.build_variables(results),
        **build_behaviour(results),
        **build_costs(results),
    )
    return CONTROL_CHARACTERS.sub(lambda mark: f"\\u{ord(mark[0]):04x}", text)


def build_overview(results: ComparedResults) -> dict[str, Any]:
    """Return the template's variables for the overview table and the choice of a framework."""
    columns, rows = overview.build_table(results)
    return {
        "columns": columns,
        "rows": rows,
        "costs_by_baseline": baselines.costs_by_baseline(results),
        "criteria": ranking.build_criteria(columns, rows, results.cost or None),
    }


def build_behaviour(results: Results) -> dict[str, Any]:
    """Return the template's variables for default behaviour and for traces."""
    behaviour, traces = results.behaviour, results.traces
    return {
        "behaviour_groups": list(behaviour_section.build_groups(behaviour)) if behaviour else [],
        "traces": list(trace_section.build_feature_traces(traces)) if traces else [],
    }


def build_costs(results: Results) -> dict[str, Any]:
    """Return the template's variables for costs and the other instruments."""
    sensitivity = results.sensitivity
    return {
        "cost_pages": list(cost_sections.build_pages(results.cost)) if results.cost else [],
        "other_plots": list(cost_sections.build_other_plots(results)),
        "format_share": cost_sections.format_share,
        "warnings": collect_warnings(results),
        "warmup_requests": WARMUP_REQUESTS,
        "min_call_ratio": MIN_CALL_RATIO,
        "sensitivity_rows": list(build_sensitivity_rows(sensitivity)) if sensitivity else [],
    }


def collect_warnings(results: Results) -> list[RequestWarning]:
    """Return the warnings from counting: by page, and by feature if traces were recorded."""
    by_page = find_page_warnings(results)
    return by_page + (find_trace_warnings(results.traces) if results.traces else [])


def collect_shared_pages(frameworks: Sequence[AnnotatedSource]) -> dict[str, Markup]:
    """Return the listings of the templates that several frameworks share."""
    sources = {
        file: framework
        for framework in frameworks
        for file in framework.sources
        if file.startswith(SHARED_PAGES)
    }
    return {file: sources[file].render_listing(file) for file in sorted(sources)}


def build_environment(titles: Mapping[str, str]) -> Environment:
    """Return the Jinja environment of the report's templates; titles are by framework."""
    environment = Environment(
        loader=PackageLoader("bench.report", "templates/report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["memory_growth"] = format_memory_growth
    environment.filters["framework_title"] = lambda name: titles.get(name, name)
    environment.globals["source"] = lambda name: Markup(read_template_source(environment, name))
    return environment


def read_template_source(environment: Environment, name: str) -> str:
    """Return the text of a stylesheet or script that becomes part of the page."""
    assert environment.loader
    return environment.loader.get_source(environment, name)[0]
