"""What does each framework cost, page by page, by every instrument that ran? Plots and tables."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from bench.plots.intervals import intervals
from bench.plots.layers import layers
from bench.plots.lines import growth, percentiles, scatter

Found = Mapping[str, Any]
TEN_MILLISECONDS = 10_000  # microseconds: a request as sites have them, database and all


@dataclass(frozen=True)
class Page:
    """One page's costs, the quickest framework first."""

    name: str
    costs: list[tuple[str, Mapping[str, Any]]]
    ties: list[list[str]]
    floor: float  # the ratio under which nothing is claimed
    plot: Markup


@dataclass(frozen=True)
class Plot:
    """A plot with its title, and the numbers it is made of."""

    title: str
    picture: Markup
    heads: list[str]
    rows: list[list[str]]


def pages(cost: Found | None) -> Iterator[Page]:
    """Yield the pages that were timed."""
    for name, costs in (cost["pages"] if cost else {}).items():
        ordered = sorted(costs.items(), key=lambda item: float(item[1]["ratio"]))
        ties = cost["ties"].get(name, []) if cost else []
        plot = intervals(costs, ties, f"Cost of {name}, as ratios with 99 % intervals")
        floor = cost["floors"].get(name, cost["noise_floor"]) if cost else 1.0
        yield Page(name, ordered, ties, floor, plot)


def others(found: Found) -> Iterator[Plot]:
    """Yield what the other instruments saw, each where it ran."""
    yield from calls(found.get("layers", {}))
    yield from against_calls(found)
    yield from grown(found.get("growth", {}))
    yield from waits(found.get("load_open"))


def calls(by_page: Found) -> Iterator[Plot]:
    """Yield the calls of a request, layer by layer."""
    for page, bars in by_page.items():
        if bars:
            heads = list(next(iter(bars.values())))
            rows = [[name, *(f"{one[h]:,}" for h in heads)] for name, one in bars.items()]
            title = f"Calls for {page}, layer by layer"
            yield Plot(title, layers(bars, title, "calls"), ["Framework", *heads], rows)


def against_calls(found: Found) -> Iterator[Plot]:
    """Yield time against calls: a dot far from the others' line is worth a look."""
    cost = found.get("cost") or {"pages": {}}
    for page, counts in found.get("calls", {}).items():
        times = cost["pages"].get(page, {})
        points = {
            name: (float(one["python"] + one["builtin"]), float(times[name]["microseconds"]))
            for name, one in counts.items()
            if name in times
        }
        if len(points) > 2:
            title = f"Time against calls for {page}"
            rows = [[name, f"{x:,.0f}", f"{y:,.1f}"] for name, (x, y) in points.items()]
            picture = scatter(points, title, "calls", "µs")
            yield Plot(title, picture, ["Framework", "calls", "µs"], rows)


def grown(axes: Found) -> Iterator[Plot]:
    """Yield how time grows with rows, routes and the size of a body."""
    for axis, by_name in axes.items():
        shown = {name: one for name, one in by_name.items() if one["points"]}
        if shown:
            title = f"Time as {axis} grow" if axis != "body" else "Time as an upload grows"
            rows = [
                [
                    name,
                    f"{one['exponent']:.2f}",
                    ", ".join(f"{x:,}: {y:,.0f}" for x, y in one["points"]),
                ]
                for name, one in shown.items()
            ]
            picture = growth(shown, title, axis, "µs")
            yield Plot(title, picture, ["Framework", "exponent", "µs by size"], rows)


def by_size(points: Iterable[tuple[float, float]]) -> str:
    """Return the points of a line in words."""
    return ", ".join(f"{x:,}: {y:,.0f}" for x, y in points)


def waits(part: Found | None) -> Iterator[Plot]:
    """Yield latency at a fixed rate, by percentile."""
    frameworks = part["frameworks"] if part else {}
    curves = {name: one["curve"] for name, one in frameworks.items() if one["curve"]}
    if part and curves:
        title = f"Latency of {part['page']} at a fixed rate"
        heads = ["Framework", "rate", "p50 ms", "p90 ms", "p99 ms"]
        rows = [
            [name, f"{one['rate']:.0f}", *(shown(one[p]) for p in ("p50", "p90", "p99"))]
            for name, one in frameworks.items()
        ]
        yield Plot(title, percentiles(curves, title), heads, rows)


def shown(value: float | None) -> str:
    """Return a number of milliseconds, or why there is none."""
    return "too few" if value is None else f"{value:.2f}"


def share(microseconds: float) -> str:
    """Return what an addition is of a request of 10 ms, in percent."""
    return f"{100 * microseconds / TEN_MILLISECONDS:.1f}"
