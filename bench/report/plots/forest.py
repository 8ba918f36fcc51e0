"""How does one see intervals side by side? As a forest plot: a dot and a line for each, in SVG."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

Scale = Callable[[float], float]
LABEL_WIDTH = 170
PLOT_WIDTH = 560
ROW_HEIGHT = 24
LABEL_SPACE = 32
TICKS = (0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)


def draw_forest(costs: Mapping[str, Mapping[str, Any]], title: str) -> Markup:
    """Return a plot of ratios on a log scale; every value has keys ratio, low and high."""
    return draw_plot(costs, title, Markup(""), 0)


def draw_plot(
    costs: Mapping[str, Mapping[str, Any]], title: str, beside: Markup, beside_width: float
) -> Markup:
    """Return the plot with something beside it, which takes so much width."""
    low = max(TICKS[0], min(0.95, *(one["low"] for one in costs.values())))
    high = min(TICKS[-1], max(1.1, *(one["high"] for one in costs.values())))
    span = math.log(high) - math.log(low)

    def x(ratio: float) -> float:
        within = min(max(ratio, low), high)
        return LABEL_WIDTH + PLOT_WIDTH * (math.log(within) - math.log(low)) / span

    height = ROW_HEIGHT * (len(costs) + 1) + 8
    parts = [draw_axis(x, low, high, height)]
    parts += [draw_row(x, name, one, number) for number, (name, one) in enumerate(costs.items())]
    parts.append(beside)
    return Markup(
        '<svg viewBox="0 0 {width} {height}" width="{width}" role="img" aria-label="{title}" '
        'font-size="13" fill="currentColor">{parts}</svg>'
    ).format(
        width=LABEL_WIDTH + PLOT_WIDTH + 40 + beside_width,
        height=height,
        title=title,
        parts=Markup("").join(parts),
    )


def draw_axis(x: Scale, low: float, high: float, height: int) -> Markup:
    """Return the vertical lines at round ratios; the one at 1 is the baseline."""
    line = Markup(
        '<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{bottom}" stroke="currentColor" '
        'stroke-opacity="{strength}"/><text x="{x:.1f}" y="{below}" text-anchor="middle" '
        'fill-opacity=".7">{ratio:g}</text>'
    )
    return Markup("").join(
        line.format(
            x=x(tick),
            bottom=height - 20,
            below=height - 5,
            ratio=tick,
            strength=0.6 if tick == 1 else 0.15,
        )
        for tick in choose_ticks(x, low, high)
    )


def choose_ticks(x: Scale, low: float, high: float) -> list[float]:
    """Return the ticks in the plot, 1 first, without those whose labels would touch another's."""
    shown: list[float] = []
    for tick in sorted((tick for tick in TICKS if low <= tick <= high), key=lambda tick: tick != 1):
        if all(abs(x(tick) - x(other)) >= LABEL_SPACE for other in shown):
            shown.append(tick)
    return shown


def draw_row(x: Scale, name: str, one: Mapping[str, Any], number: int) -> Markup:
    """Return a framework's name, interval and dot."""
    return Markup(
        '<text x="{label}" y="{text_y}" text-anchor="end">{name}</text>'
        '<line x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}" stroke="currentColor" '
        'stroke-width="2"/><circle cx="{dot:.1f}" cy="{y}" r="4"/>'
    ).format(
        label=LABEL_WIDTH - 12,
        name=name,
        y=number * ROW_HEIGHT + 14,
        text_y=number * ROW_HEIGHT + 18,
        low=x(one["low"]),
        high=x(one["high"]),
        dot=x(one["ratio"]),
    )
