"""Build the page about hardening: the clauses met as taught, and the cost of the rest."""

from bench.report import hardening_section
from bench.report.data import ReportData
from bench.report.pages.page import Page


def build_page(data: ReportData) -> Page:
    """Return the page."""
    return Page(
        "hardening.html",
        "hardening.html",
        "Hardening",
        "What each framework meets as its documentation teaches it, and what hardening costs.",
        hardening_section.build_variables(data.results),
        command="cookoff contract --as-taught",
    )
