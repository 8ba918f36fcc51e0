"""Plot each instrument against the time in the application, to show whether they agree.

A framework whose dot is far from the fitted line needs a closer look.
"""

import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from markupsafe import Markup

from bench.report.plots.lines import Points, draw_scatter
from bench.results.schema import InstructionCount, PageCost, Results

Value = TypeVar("Value")
MIN_POINTS = 3  # two points are always on a line


@dataclass(frozen=True)
class Plot:
    """A plot with its title and the table of its numbers."""

    title: str
    picture: Markup
    heads: list[str]
    rows: list[list[str]]


def plot_agreements(results: Results) -> Iterator[Plot]:
    """Yield a plot for each instrument that can be compared with the time in the application."""
    pages = results.cost.pages if results.cost else {}
    for page, calls in (results.calls or {}).items():
        by_name = extract_values(calls, lambda row: row.python + row.builtin)
        yield from plot_against_time(pages, page, by_name, "calls", "Calls")
    for page, counts in (results.instructions.pages if results.instructions else {}).items():
        by_name = extract_values(counts, lambda row: row.instructions)
        for plot in plot_against_time(pages, page, by_name, "instructions", "Instructions"):
            yield add_allocations(plot, counts)
    if closed := results.closed_loop:
        for connections, rows in list(closed.connections.items())[:1]:
            by_name = extract_values(rows, lambda row: 1e6 / row.rps)
            words = f"µs per request at {connections} connections"
            yield from plot_against_time(pages, closed.page, by_name, words, "Throughput")


def add_allocations(plot: Plot, counts: Mapping[str, InstructionCount]) -> Plot:
    """Return the plot with a column for the allocations that Valgrind counted."""
    allocated = [counts[name].allocations for name, *_ in plot.rows]
    words = ["not counted" if count is None else f"{count:,}" for count in allocated]
    rows = [[*row, word] for row, word in zip(plot.rows, words, strict=True)]
    return replace(plot, heads=[*plot.heads, "allocations"], rows=rows)


def extract_values(
    by_name: Mapping[str, Value], value: Callable[[Value], float]
) -> dict[str, float]:
    """Return one number for each name."""
    return {name: float(value(row)) for name, row in by_name.items()}


def plot_against_time(
    pages: Mapping[str, Mapping[str, PageCost]],
    page: str,
    by_name: Mapping[str, float],
    words: str,
    instrument: str,
) -> Iterator[Plot]:
    """Yield the plot of a page if there are enough points."""
    times = pages.get(page, {})
    points = {
        name: (times[name].microseconds, value) for name, value in by_name.items() if name in times
    }
    if len(points) < MIN_POINTS:
        return
    line, r = fit_line(points)
    title = f"{instrument} against time for {page}: r = {r:.3f}"
    picture = draw_scatter(points, title, "µs in the application", words, line)
    rows = [[name, f"{x:,.1f}", f"{y:,.0f}"] for name, (x, y) in points.items()]
    yield Plot(title, picture, ["Framework", "µs in the application", words], rows)


def fit_line(points: Mapping[str, tuple[float, float]]) -> tuple[Points, float]:
    """Return the positive part of the least-squares line through the points, and Pearson's r.

    The line is a curve on log scales, so the result has many points.
    """
    x, y = zip(*points.values(), strict=True)
    if len(set(x)) < 2 or len(set(y)) < 2:
        return [], 0.0
    slope, offset = statistics.linear_regression(x, y)
    ratio = max(x) / min(x)
    steps = [min(x) * ratio ** (step / 40) for step in range(41)]
    line = [(step, slope * step + offset) for step in steps if slope * step + offset > 0]
    return line, statistics.correlation(x, y)
