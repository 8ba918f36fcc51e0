"""Build the page about the method: how each figure is measured, and what its words mean."""

from msgspec.structs import asdict

from bench.report import machines, missing_parts
from bench.report.data import ReportData
from bench.report.glossary import GLOSSARY
from bench.report.instruments import INSTRUMENTS
from bench.report.pages.page import Page
from bench.results.views import build_sensitivity_rows


def build_page(data: ReportData) -> Page:
    """Return the page."""
    results = data.results
    sensitivity = results.sensitivity
    return Page(
        "method.html",
        "method.html",
        "How it is measured",
        "What each instrument shows and does not show, the machine, and the glossary.",
        {
            "machine_facts": asdict(results.machine),
            "machine_groups": list(machines.find_machine_groups(results)),
            "missing_parts": list(missing_parts.find_missing_parts(results)),
            "instruments": INSTRUMENTS,
            "sensitivity_rows": list(build_sensitivity_rows(sensitivity)) if sensitivity else [],
            "glossary": GLOSSARY,
        },
    )
