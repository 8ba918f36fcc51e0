"""Do two instruments agree? A framework whose dot is far off the others' line is worth a look."""

import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from bench.report.plots.lines import Points, draw_scatter

Results = Mapping[str, Any]
MIN_POINTS = 3  # two are always on a line


@dataclass(frozen=True)
class Plot:
    """A plot with its title, and the numbers it is made of."""

    title: str
    picture: Markup
    heads: list[str]
    rows: list[list[str]]


def plot_agreements(found: Results) -> Iterator[Plot]:
    """Yield a plot for each instrument that can be held against the time in the application."""
    cost = found.get("cost")
    pages: Results = cost["pages"] if cost else {}
    for page, counts in found.get("calls", {}).items():
        by_name = extract_values(counts, lambda one: one["python"] + one["builtin"])
        yield from plot_against_time(pages, page, by_name, "calls", "Calls")
    for page, counts in (found.get("instructions") or {"pages": {}})["pages"].items():
        by_name = extract_values(counts, lambda one: one["instructions"])
        for plot in plot_against_time(pages, page, by_name, "instructions", "Instructions"):
            yield add_allocations(plot, counts)
    if closed := found.get("load_closed"):
        for count, rows in list(closed["connections"].items())[:1]:
            by_name = extract_values(rows, lambda one: 1e6 / one["rps"])
            words = f"µs a request, at {count} connections"
            yield from plot_against_time(pages, closed["page"], by_name, words, "Throughput")


def add_allocations(plot: Plot, counts: Results) -> Plot:
    """Return a plot with what Valgrind counted beside the instructions."""
    allocated = [counts[name].get("allocations") for name, *_ in plot.rows]
    words = ["not counted" if count is None else f"{count:,}" for count in allocated]
    rows = [[*row, word] for row, word in zip(plot.rows, words, strict=True)]
    return replace(plot, heads=[*plot.heads, "allocations"], rows=rows)


def extract_values(by_name: Results, value: Callable[[Any], float]) -> dict[str, float]:
    """Return one number for each name."""
    return {name: float(value(one)) for name, one in by_name.items()}


def plot_against_time(
    pages: Results, page: str, by_name: Mapping[str, float], words: str, instrument: str
) -> Iterator[Plot]:
    """Yield the plot of a page where there are dots enough."""
    times = pages.get(page, {})
    points = {
        name: (float(times[name]["microseconds"]), value)
        for name, value in by_name.items()
        if name in times
    }
    if len(points) < MIN_POINTS:
        return
    line, r = fit_line(points)
    title = f"{instrument} against time for {page}: r = {r:.3f}"
    picture = draw_scatter(points, title, "µs in the application", words, line)
    rows = [[name, f"{x:,.1f}", f"{y:,.0f}"] for name, (x, y) in points.items()]
    yield Plot(title, picture, ["Framework", "µs in the application", words], rows)


def fit_line(points: Mapping[str, tuple[float, float]]) -> tuple[Points, float]:
    """Return the line of least squares through the dots, as far as it is above 0, and Pearson's r.

    It is a curve on log scales, so that it has many points.
    """
    x, y = zip(*points.values(), strict=True)
    if len(set(x)) < 2 or len(set(y)) < 2:
        return [], 0.0
    slope, offset = statistics.linear_regression(x, y)
    ratio = max(x) / min(x)
    places = [min(x) * ratio ** (step / 40) for step in range(41)]
    line = [(place, slope * place + offset) for place in places if slope * place + offset > 0]
    return line, statistics.correlation(x, y)
