"""Build the first page: the heat table, the chooser, the conclusions and two pictures."""

from collections.abc import Iterator

from markupsafe import Markup

from bench.report.data import ReportData
from bench.report.overview import MENU
from bench.report.pages.page import Page
from bench.report.plots.lines import draw_scatter
from bench.report.plots.stacked_bars import draw_stacked_bars
from bench.report.ranking import PRESETS
from bench.report.template_time import TimeSplit, split_cost
from bench.results.schema import LAYERS


def build_index(data: ReportData) -> Page:
    """Return the first page of the report."""
    count = len(data.frameworks)
    return Page(
        path="index.html",
        template="index.html",
        title=f"The same site in {count} framework{'s' * (count != 1)}",
        description="The same small restaurant site in each Python web framework, tested for equal "
        "behaviour and compared: code, defaults, cost.",
        values={
            "criteria": data.criteria,
            "rows": sorted(data.overview, key=lambda row: row.facts.title.lower()),
            "profiles": data.profiles,
            "presets": PRESETS,
            "pictures": list(draw_pictures(data)),
        },
        command="cookoff compare",
    )


def draw_pictures(data: ReportData) -> Iterator[tuple[str, Markup]]:
    """Yield the titles and the pictures that this run has the figures for."""
    splits = {name: split_cost(data.results, MENU, name) for name in data.names}
    known = {name: split for name, split in splits.items() if split}
    if known:
        yield draw_layers(data, known)
    if data.results.cost and MENU in data.results.cost.pages:
        yield draw_lines_against_cost(data)


def draw_layers(data: ReportData, splits: dict[str, TimeSplit]) -> tuple[str, Markup]:
    """Return the picture of where the time of the menu page goes, with its finding as the title."""
    ordered = sorted(splits, key=lambda name: splits[name].total)
    bars = {data.titles[name]: splits[name].layers for name in ordered}
    shares = {name: split.template / split.total for name, split in splits.items()}
    highest = max(shares, key=lambda name: shares[name])
    title = (
        f"{data.titles[highest]} spends {shares[highest] * 100:.0f} % of the menu page in "
        "templates, the largest share"
    )
    return title, draw_stacked_bars(bars, title, "µs", list(LAYERS))


def draw_lines_against_cost(data: ReportData) -> tuple[str, Markup]:
    """Return the picture of lines of Python against the time of the menu page."""
    assert data.results.cost
    times = data.results.cost.pages[MENU]
    points = {
        facts.title: (
            facts.code.python_lines + facts.code.hardening_lines,
            times[name].microseconds,
        )
        for name, facts in data.results.frameworks.items()
        if name in times
    }
    fewest = min(points, key=lambda title: points[title][0])
    title = f"{fewest} needs the fewest lines; lines of Python against the time of the menu page"
    return title, draw_scatter(points, title, "lines of Python, hardening included", "µs")
