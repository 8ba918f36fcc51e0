"""Build a profile of each framework, and the list of the frameworks."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from bench.conformance.levels import CORE
from bench.frameworks.features import FEATURES
from bench.frameworks.manifest import NEEDS
from bench.report.annotated_source import AnnotatedSource
from bench.report.data import ReportData
from bench.report.hardening_section import build_clause_rows, build_cost_cell, find_groups
from bench.report.pages import kata_pages
from bench.report.pages.page import Page, slugify
from bench.report.template_time import TimeSplit, split_cost
from bench.results.schema import PageCost
from bench.results.views import format_memory_growth

SECTION = "frameworks/index.html"


@dataclass(frozen=True)
class PageRow:
    """The time of one page: with its interval, and by layer if the page's feature was traced."""

    page: str
    address: str
    cost: PageCost
    split: TimeSplit | None


def build_pages(data: ReportData) -> Iterator[Page]:
    """Yield the list of the frameworks, and a page for each framework."""
    addresses = [f"frameworks/{name}.html" for name in data.names]
    yield Page(
        SECTION,
        "frameworks.html",
        "The frameworks",
        "Every framework with its strengths, its cautions and when to choose it.",
        {"frameworks": data.frameworks, "profiles": data.profiles},
        section=SECTION,
    )
    for framework, address in zip(data.frameworks, addresses, strict=True):
        yield build_profile(data, framework, address, addresses)


def build_profile(
    data: ReportData, framework: AnnotatedSource, address: str, addresses: list[str]
) -> Page:
    """Return the profile of one framework."""
    results, name = data.results, framework.name
    groups = find_groups(results)
    rows = {row.facts.name: row for row in build_clause_rows(results, list(groups))}
    hardening = results.hardening.pages if results.hardening else {}
    return Page(
        address,
        "framework.html",
        framework.title,
        framework.facts.summary,
        {
            "framework": framework,
            "profile": data.profiles.get(name),
            "needs": list(NEEDS),
            "features": [(feature, find_metrics(framework, feature.id)) for feature in FEATURES],
            "clause_groups": groups,
            "clause_row": rows.get(name),
            "hardening_costs": {
                page: build_cost_cell(costs.get(name)) for page, costs in hardening.items()
            },
            "kata_rows": list(find_kata_rows(data, name)),
            "page_rows": list(find_page_rows(data, name)),
            "startup": (results.startup or {}).get(name),
            "memory_growth": format_memory_growth,
            "files": sort_files(framework),
            "core": CORE,
        },
        command=f"cookoff compare {name}",
        section=SECTION,
        sequence=addresses,
    )


def find_metrics(framework: AnnotatedSource, feature: str) -> object:
    """Return the metrics of a feature's code."""
    return next(entry for entry in framework.facts.code.features if entry.id == feature)


def find_kata_rows(
    data: ReportData, name: str
) -> Iterator[tuple[str, str, kata_pages.PatchRow | None]]:
    """Yield the title and the address of each kata, and the framework's patch, None without one."""
    for id, kata in (data.results.katas or {}).items():
        patch = kata.frameworks.get(name)
        row = kata_pages.build_row(name, patch) if patch else None
        yield kata.title, kata_pages.build_address(id), row


def find_page_rows(data: ReportData, name: str) -> Iterator[PageRow]:
    """Yield the time of each page of a framework."""
    for page, costs in data.results.cost.pages.items() if data.results.cost else ():
        if name in costs:
            split = split_cost(data.results, page, name)
            yield PageRow(page, f"cost/{slugify(page)}.html", costs[name], split)


def sort_files(framework: AnnotatedSource) -> list[str]:
    """Return the files of an app: Python first, then the others, in alphabetical order."""
    return sorted(framework.sources, key=lambda file: (PurePosixPath(file).suffix != ".py", file))
