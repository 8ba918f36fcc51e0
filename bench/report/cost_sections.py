"""What does each framework cost, page by page, by every instrument that ran? Plots and tables."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from bench.report.baselines import PairIntervals, get_pair_interval
from bench.report.instrument_agreement import Plot, plot_agreements
from bench.report.plots.intervals import draw_intervals
from bench.report.plots.lines import draw_growth, draw_percentiles
from bench.report.plots.stacked_bars import draw_stacked_bars

Results = Mapping[str, Any]
TYPICAL_MICROSECONDS = 10_000  # microseconds: a request as sites have them, database and all


@dataclass(frozen=True)
class Comparison:
    """What one is as against another, and how sure that is."""

    word: str
    note: str


@dataclass(frozen=True)
class PageCosts:
    """One page's costs, the quickest framework first."""

    name: str
    costs: list[tuple[str, Mapping[str, Any]]]
    ties: list[list[str]]
    floor: float  # the ratio under which nothing is claimed
    plot: Markup
    matrix: list[tuple[str, list[Comparison]]]  # who is faster or slower than whom, each with each


def build_pages(cost: Results | None) -> Iterator[PageCosts]:
    """Yield the pages that were timed."""
    for name, costs in (cost or {"pages": {}})["pages"].items():
        assert cost
        ordered = sorted(costs.items(), key=lambda item: float(item[1]["ratio"]))
        ties = cost["ties"].get(name, [])
        plot = draw_intervals(costs, ties, f"Cost of {name}, as ratios with 99 % intervals")
        floor = cost["floors"].get(name, cost["noise_floor"])
        quicker = cost.get("quicker_than", {}).get(name, {})
        each = cost.get("pairs", {}).get(name, {})
        yield PageCosts(name, ordered, ties, floor, plot, build_matrix(quicker, each))


def build_matrix(
    quicker: Mapping[str, Sequence[str]], each: PairIntervals
) -> list[tuple[str, list[Comparison]]]:
    """Return a row for each name: what it is, as against each of the names in turn."""

    def word(one: str, other: str) -> str:
        if other in quicker[one]:
            return "faster"
        return "slower" if one in quicker[other] else "·"

    def note(one: str, other: str) -> str:
        if one == other or one not in each or other not in each:
            return ""
        over = get_pair_interval(each, one, other)
        return f"{over['ratio']:.2f} times, 99 %: {over['low']:.2f} to {over['high']:.2f}"

    return [(one, [Comparison(word(one, b), note(one, b)) for b in quicker]) for one in quicker]


def build_other_plots(found: Results) -> Iterator[Plot]:
    """Yield what the other instruments saw, each where it ran."""
    yield from plot_shares(found.get("cost"))
    yield from plot_calls(found.get("layers", {}))
    yield from plot_agreements(found)
    yield from plot_growth(found.get("growth", {}))
    yield from plot_connections(found.get("load_closed"))
    yield from plot_latency(found.get("load_open"))


def plot_shares(cost: Results | None) -> Iterator[Plot]:
    """Yield what each page's additions are of a request of 10 ms; less than the baseline is 0."""
    for page, costs in (cost or {"pages": {}})["pages"].items():
        added = {name: max(0.0, float(one["added_microseconds"])) for name, one in costs.items()}
        bars = {name: {"added": 100 * one / TYPICAL_MICROSECONDS} for name, one in added.items()}
        rows = [[name, format_share(one), f"{one:.1f}"] for name, one in added.items()]
        title = f"Share of a 10 ms request for {page}"
        heads = ["Framework", "% of 10 ms", "µs added"]
        yield Plot(title, draw_stacked_bars(bars, title, "%"), heads, rows)


def plot_calls(by_page: Results) -> Iterator[Plot]:
    """Yield the calls of a request, layer by layer."""
    for page, bars in by_page.items():
        if bars:
            heads = list(next(iter(bars.values())))
            rows = [[name, *(f"{one[h]:,}" for h in heads)] for name, one in bars.items()]
            title = f"Calls for {page}, layer by layer"
            yield Plot(title, draw_stacked_bars(bars, title, "calls"), ["Framework", *heads], rows)


def plot_growth(axes: Results) -> Iterator[Plot]:
    """Yield how time grows with rows, routes and the size of a body."""
    for axis, by_name in axes.items():
        title = f"Time as {axis} grow" if axis != "body" else "Time as an upload grows"
        yield from plot_by_size(by_name, title, "bytes" if axis == "body" else axis, "µs")


def plot_connections(part: Results | None) -> Iterator[Plot]:
    """Yield how the rate goes with the number of connections, where several were tried."""
    title = "Requests a second as connections grow"
    yield from plot_by_size((part or {}).get("growth", {}), title, "connections", "requests/s")


def plot_by_size(by_name: Results, title: str, x: str, y: str) -> Iterator[Plot]:
    """Yield a plot of values by size, the exponents and points in words, and who lacks which."""
    shown = {name: one for name, one in by_name.items() if one["exponent"] is not None}
    if shown:
        rows = [
            [
                name,
                f"{one['exponent']:z.2f}" if name in shown else "",
                format_points(one["points"]),
                one.get("left_out", ""),
            ]
            for name, one in by_name.items()
        ]
        heads = ["Framework", "exponent", f"{y} by size", "left out"]
        yield Plot(title, draw_growth(shown, title, x, y), heads, rows)


def format_points(points: Iterable[tuple[float, float]]) -> str:
    """Return the points of a line in words."""
    return ", ".join(f"{x:,}: {y:,.0f}" for x, y in points)


def plot_latency(part: Results | None) -> Iterator[Plot]:
    """Yield latency at a fixed rate, by percentile."""
    frameworks = part["frameworks"] if part else {}
    busy = part.get("too_busy", {}) if part else {}
    curves = {
        f"{name} (too busy)" if name in busy else name: one["curve"]
        for name, one in frameworks.items()
        if one["curve"]
    }
    if part and curves:
        title = f"Latency of {part['page']} at a fixed rate"
        heads = ["Framework", "rate", "p50 ms", "p90 ms", "p99 ms", "to be believed"]
        rows = [
            [
                name,
                f"{one['rate']:.0f}",
                *(format_milliseconds(one[p]) for p in ("p50", "p90", "p99")),
                f"no: {busy[name]}" if name in busy else "yes",
            ]
            for name, one in frameworks.items()
        ]
        yield Plot(title, draw_percentiles(curves, title), heads, rows)


def format_milliseconds(value: float | None) -> str:
    """Return a number of milliseconds, or why there is none."""
    return "too few" if value is None else f"{value:.2f}"


def format_share(microseconds: float) -> str:
    """Return what an addition is of a request of 10 ms, in percent."""
    return f"{100 * microseconds / TYPICAL_MICROSECONDS:.1f}"
