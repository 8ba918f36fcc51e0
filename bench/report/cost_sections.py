"""What does each framework cost, page by page, by every instrument that ran? Plots and tables."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from bench.report.baselines import Pairs, interval
from bench.report.instrument_agreement import Plot, agreements
from bench.report.plots.intervals import intervals
from bench.report.plots.lines import growth, percentiles
from bench.report.plots.stacked_bars import layers

Found = Mapping[str, Any]
TEN_MILLISECONDS = 10_000  # microseconds: a request as sites have them, database and all


@dataclass(frozen=True)
class Word:
    """What one is as against another, and how sure that is."""

    word: str
    note: str


@dataclass(frozen=True)
class Page:
    """One page's costs, the quickest framework first."""

    name: str
    costs: list[tuple[str, Mapping[str, Any]]]
    ties: list[list[str]]
    floor: float  # the ratio under which nothing is claimed
    plot: Markup
    matrix: list[tuple[str, list[Word]]]  # who is faster or slower than whom, each with each


def pages(cost: Found | None) -> Iterator[Page]:
    """Yield the pages that were timed."""
    for name, costs in (cost or {"pages": {}})["pages"].items():
        assert cost
        ordered = sorted(costs.items(), key=lambda item: float(item[1]["ratio"]))
        ties = cost["ties"].get(name, [])
        plot = intervals(costs, ties, f"Cost of {name}, as ratios with 99 % intervals")
        floor = cost["floors"].get(name, cost["noise_floor"])
        quicker = cost.get("quicker_than", {}).get(name, {})
        each = cost.get("pairs", {}).get(name, {})
        yield Page(name, ordered, ties, floor, plot, matrix(quicker, each))


def matrix(quicker: Mapping[str, Sequence[str]], each: Pairs) -> list[tuple[str, list[Word]]]:
    """Return a row for each name: what it is, as against each of the names in turn."""

    def word(one: str, other: str) -> str:
        if other in quicker[one]:
            return "faster"
        return "slower" if one in quicker[other] else "·"

    def note(one: str, other: str) -> str:
        if one == other or one not in each or other not in each:
            return ""
        over = interval(each, one, other)
        return f"{over['ratio']:.2f} times, 99 %: {over['low']:.2f} to {over['high']:.2f}"

    return [(one, [Word(word(one, b), note(one, b)) for b in quicker]) for one in quicker]


def others(found: Found) -> Iterator[Plot]:
    """Yield what the other instruments saw, each where it ran."""
    yield from shares(found.get("cost"))
    yield from calls(found.get("layers", {}))
    yield from agreements(found)
    yield from grown(found.get("growth", {}))
    yield from with_connections(found.get("load_closed"))
    yield from waits(found.get("load_open"))


def shares(cost: Found | None) -> Iterator[Plot]:
    """Yield what each page's additions are of a request of 10 ms; less than the baseline is 0."""
    for page, costs in (cost or {"pages": {}})["pages"].items():
        added = {name: max(0.0, float(one["added_microseconds"])) for name, one in costs.items()}
        bars = {name: {"added": 100 * one / TEN_MILLISECONDS} for name, one in added.items()}
        rows = [[name, share(one), f"{one:.1f}"] for name, one in added.items()]
        title = f"Share of a 10 ms request for {page}"
        heads = ["Framework", "% of 10 ms", "µs added"]
        yield Plot(title, layers(bars, title, "%"), heads, rows)


def calls(by_page: Found) -> Iterator[Plot]:
    """Yield the calls of a request, layer by layer."""
    for page, bars in by_page.items():
        if bars:
            heads = list(next(iter(bars.values())))
            rows = [[name, *(f"{one[h]:,}" for h in heads)] for name, one in bars.items()]
            title = f"Calls for {page}, layer by layer"
            yield Plot(title, layers(bars, title, "calls"), ["Framework", *heads], rows)


def grown(axes: Found) -> Iterator[Plot]:
    """Yield how time grows with rows, routes and the size of a body."""
    for axis, by_name in axes.items():
        title = f"Time as {axis} grow" if axis != "body" else "Time as an upload grows"
        yield from growing(by_name, title, "bytes" if axis == "body" else axis, "µs")


def with_connections(part: Found | None) -> Iterator[Plot]:
    """Yield how the rate goes with the number of connections, where several were tried."""
    title = "Requests a second as connections grow"
    yield from growing((part or {}).get("growth", {}), title, "connections", "requests/s")


def growing(by_name: Found, title: str, x: str, y: str) -> Iterator[Plot]:
    """Yield a plot of values by size, the exponents and points in words, and who lacks which."""
    shown = {name: one for name, one in by_name.items() if one["exponent"] is not None}
    if shown:
        rows = [
            [
                name,
                f"{one['exponent']:z.2f}" if name in shown else "",
                by_size(one["points"]),
                one.get("left_out", ""),
            ]
            for name, one in by_name.items()
        ]
        heads = ["Framework", "exponent", f"{y} by size", "left out"]
        yield Plot(title, growth(shown, title, x, y), heads, rows)


def by_size(points: Iterable[tuple[float, float]]) -> str:
    """Return the points of a line in words."""
    return ", ".join(f"{x:,}: {y:,.0f}" for x, y in points)


def waits(part: Found | None) -> Iterator[Plot]:
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
                *(shown(one[p]) for p in ("p50", "p90", "p99")),
                f"no: {busy[name]}" if name in busy else "yes",
            ]
            for name, one in frameworks.items()
        ]
        yield Plot(title, percentiles(curves, title), heads, rows)


def shown(value: float | None) -> str:
    """Return a number of milliseconds, or why there is none."""
    return "too few" if value is None else f"{value:.2f}"


def share(microseconds: float) -> str:
    """Return what an addition is of a request of 10 ms, in percent."""
    return f"{100 * microseconds / TEN_MILLISECONDS:.1f}"
