"""Build the plots and tables of the costs: for each page, and for each instrument that ran."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from msgspec.structs import asdict

from bench.report.baselines import PairIntervals, get_pair_interval
from bench.report.instrument_agreement import Plot, plot_agreements
from bench.report.plots.forest import draw_intervals
from bench.report.plots.lines import draw_percentiles, draw_scaling
from bench.report.plots.stacked_bars import draw_stacked_bars
from bench.results.schema import (
    FLOOR,
    LAYERS,
    PRERENDERED,
    Cost,
    LayerCalls,
    OpenLoad,
    PageCost,
    Results,
    ScalingCurve,
)

NOT_FRAMEWORKS = (FLOOR, PRERENDERED)  # entries of the cost that are no site
TYPICAL_MICROSECONDS = 10_000  # of a typical request of a site, with its database


@dataclass(frozen=True)
class Comparison:
    """One cell of the matrix: the comparison of two frameworks, and its ratio with interval."""

    word: str
    note: str


@dataclass(frozen=True)
class PageCosts:
    """One page's costs, the fastest framework first."""

    name: str
    costs: list[tuple[str, PageCost]]
    ties: list[list[str]]
    floor: float  # the smallest ratio that is reported as a difference
    plot: Markup
    # One row for each framework, one cell for each other.
    matrix: list[tuple[str, list[Comparison]]]
    finding: str  # the title of the page


def build_pages(cost: Cost) -> Iterator[PageCosts]:
    """Yield the costs of each page that was timed."""
    for name, costs in cost.pages.items():
        ordered = sorted(costs.items(), key=lambda item: item[1].ratio)
        ties = cost.ties.get(name, [])
        plot = draw_intervals(costs, ties, f"Cost of {name}, as ratios with 99 % intervals")
        floor = cost.noise_floors.get(name, cost.max_control_ratio)
        matrix = build_matrix(cost.faster_than.get(name, {}), cost.pairs.get(name, {}))
        finding = describe_range(name, costs, cost.baseline)
        yield PageCosts(name, ordered, ties, floor, plot, matrix, finding)


def describe_range(page: str, costs: Mapping[str, PageCost], baseline: str) -> str:
    """Return the title of a page: the range of its time, as multiples of the baseline's."""
    ratios = [row.ratio for name, row in costs.items() if name not in NOT_FRAMEWORKS]
    start = f"{page[:1].upper()}{page[1:]}"
    if not ratios:
        return start
    return f"{start}: from {min(ratios):.2f} to {max(ratios):.2f} times the time of {baseline}"


def build_matrix(
    faster_than: Mapping[str, Sequence[str]], pairs: PairIntervals
) -> list[tuple[str, list[Comparison]]]:
    """Return a row for each name, with its comparison to every name."""

    def describe(name: str, other: str) -> str:
        if other in faster_than[name]:
            return "faster"
        return "slower" if name in faster_than[other] else "·"

    def format_ratio(name: str, other: str) -> str:
        if name == other or name not in pairs or other not in pairs:
            return ""
        interval = get_pair_interval(pairs, name, other)
        bounds = f"{interval.low:.2f} to {interval.high:.2f}"
        return f"{interval.ratio:.2f} times, 99 %: {bounds}"

    return [
        (
            name,
            [Comparison(describe(name, other), format_ratio(name, other)) for other in faster_than],
        )
        for name in faster_than
    ]


def plot_growth(results: Results) -> Iterator[Plot]:
    """Yield how the time grows with the size of the site, the data and the request."""
    yield from plot_scaling(results.scaling or {})


def plot_load(results: Results) -> Iterator[Plot]:
    """Yield the throughput as connections grow, and the latency at a fixed rate."""
    if results.closed_loop:
        title = "Requests per second as connections grow"
        yield from plot_by_size(results.closed_loop.scaling, title, "connections", "requests/s")
    if results.open_loop:
        yield from plot_latency(results.open_loop)


def plot_other_instruments(results: Results) -> Iterator[Plot]:
    """Yield the shares of a typical request, the calls by layer, and the instruments' agreement."""
    if results.cost:
        yield from plot_shares(results.cost)
    yield from plot_calls(results.calls_by_layer or {})
    yield from plot_agreements(results)


def plot_shares(cost: Cost) -> Iterator[Plot]:
    """Yield the added time of each page as a share of a 10 ms request; a negative time is 0."""
    for page, costs in cost.pages.items():
        added = {name: max(0.0, row.added_microseconds) for name, row in costs.items()}
        bars = {name: {"added": 100 * time / TYPICAL_MICROSECONDS} for name, time in added.items()}
        rows = [[name, format_share(time), f"{time:.1f}"] for name, time in added.items()]
        title = f"Share of a 10 ms request for {page}"
        heads = ["Framework", "% of 10 ms", "µs added"]
        yield Plot(title, draw_stacked_bars(bars, title, "%", ["added"]), heads, rows)


def plot_calls(by_page: Mapping[str, Mapping[str, LayerCalls]]) -> Iterator[Plot]:
    """Yield the calls of a request by layer, one plot for each page."""
    for page, by_name in by_page.items():
        bars = {name: asdict(calls) for name, calls in by_name.items()}
        if bars:
            heads = list(next(iter(bars.values())))
            rows = [[name, *(f"{bar[head]:,}" for head in heads)] for name, bar in bars.items()]
            title = f"Calls for {page} by layer"
            yield Plot(
                title,
                draw_stacked_bars(bars, title, "calls", list(LAYERS)),
                ["Framework", *heads],
                rows,
            )


def plot_scaling(axes: Mapping[str, Mapping[str, ScalingCurve]]) -> Iterator[Plot]:
    """Yield how time grows with the rows, the routes, and the size of a body."""
    for axis, by_name in axes.items():
        title = f"Time as {axis} grow" if axis != "body" else "Time as an upload grows"
        yield from plot_by_size(by_name, title, "bytes" if axis == "body" else axis, "µs")


def plot_by_size(by_name: Mapping[str, ScalingCurve], title: str, x: str, y: str) -> Iterator[Plot]:
    """Yield a plot of values by size, with a table of exponents, points and skipped sizes."""
    plotted = {name: curve for name, curve in by_name.items() if curve.exponent is not None}
    if plotted:
        rows = [
            [
                name,
                "" if curve.exponent is None else f"{curve.exponent:z.2f}",
                format_points(curve.points),
                curve.skipped,
            ]
            for name, curve in by_name.items()
        ]
        exponents = [curve.exponent for curve in plotted.values() if curve.exponent is not None]
        title = f"{title}: from n^{min(exponents):z.2f} to n^{max(exponents):z.2f}"
        heads = ["Framework", "exponent", f"{y} by size", "skipped"]
        yield Plot(title, draw_scaling(plotted, title, x, y), heads, rows)


def format_points(points: Iterable[tuple[float, float]]) -> str:
    """Return the points of a line as text."""
    return ", ".join(f"{x:,}: {y:,.0f}" for x, y in points)


def plot_latency(part: OpenLoad) -> Iterator[Plot]:
    """Yield the latency at a fixed rate by percentile."""
    busy = part.too_busy
    curves = {
        f"{name} (too busy)" if name in busy else name: row.percentiles_ms
        for name, row in part.frameworks.items()
        if row.percentiles_ms
    }
    if curves:
        title = f"Latency of {part.page} at a fixed rate"
        heads = ["Framework", "rate", "p50 ms", "p90 ms", "p99 ms", "reliable"]
        rows = [
            [
                name,
                f"{row.rate_rps:.0f}",
                *map(format_milliseconds, (row.p50_ms, row.p90_ms, row.p99_ms)),
                f"no: {busy[name]}" if name in busy else "yes",
            ]
            for name, row in part.frameworks.items()
        ]
        yield Plot(title, draw_percentiles(curves, title), heads, rows)


def format_milliseconds(value: float | None) -> str:
    """Return a number of milliseconds; "too few" if there were too few samples."""
    return "too few" if value is None else f"{value:.2f}"


def format_share(microseconds: float) -> str:
    """Return an added time as a share of a 10 ms request, in percent."""
    return f"{100 * microseconds / TYPICAL_MICROSECONDS:z.1f}"
