"""Draw ratios with their intervals as a forest plot, with a bracket for every tie."""

import math
from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup

from bench.report.plots.svg import build_svg
from bench.results.schema import Ratio

Scale = Callable[[float], float]
LABEL_WIDTH = 170
PLOT_WIDTH = 560
ROW_HEIGHT = 24
LABEL_SPACE = 32
BRACKET_WIDTH = 12
# Ratios; the axis reaches from the first to the last one at most.
TICKS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
AXIS_TITLE = "times the baseline; faster to the left"


def draw_intervals(costs: Mapping[str, Ratio], ties: Sequence[Sequence[str]], title: str) -> Markup:
    """Return the plot of a page on a log scale, the fastest framework first.

    costs is a page of results.json's cost.pages. ties is that page's list of names without a
    difference shown. A tie of a single name gets no bracket.
    """
    ordered = dict(sorted(costs.items(), key=lambda item: item[1].ratio))
    numbers = {name: number for number, name in enumerate(ordered)}
    rows_of_ties = [
        [numbers[name] for name in tie if name in numbers] for tie in ties if len(tie) > 1
    ]
    brackets = [draw_bracket(rows, column) for column, rows in enumerate(rows_of_ties) if rows]
    low = max(TICKS[0], min(0.95, *(cost.low for cost in costs.values())))
    high = min(TICKS[-1], max(1.1, *(cost.high for cost in costs.values())))
    x = build_scale(low, high)
    height = ROW_HEIGHT * (len(costs) + 1) + 28
    rows = [draw_row(x, name, cost, numbers[name]) for name, cost in ordered.items()]
    width = LABEL_WIDTH + PLOT_WIDTH + 40 + BRACKET_WIDTH * (len(brackets) + 1)
    return build_svg([draw_axis(x, low, high, height), *rows, *brackets], width, height, title)


def build_scale(low: float, high: float) -> Scale:
    """Return the log scale from a ratio to its x coordinate; ratios outside stay at the ends."""
    span = math.log(high) - math.log(low)

    def to_coordinate(ratio: float) -> float:
        within = min(max(ratio, low), high)
        return LABEL_WIDTH + PLOT_WIDTH * (math.log(within) - math.log(low)) / span

    return to_coordinate


def draw_axis(x: Scale, low: float, high: float, height: int) -> Markup:
    """Return the vertical lines at round ratios; the line at 1 is the baseline."""
    line = Markup(
        '<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{bottom}" stroke="currentColor" '
        'stroke-opacity="{opacity}"/><text x="{x:.1f}" y="{below}" text-anchor="middle" '
        'fill-opacity=".7">{ratio:g}</text>'
    )
    title = Markup('<text x="{x}" y="{y}" text-anchor="middle" fill-opacity=".7">{text}</text>')
    return Markup("").join(
        line.format(
            x=x(tick),
            bottom=height - 40,
            below=height - 25,
            ratio=tick,
            opacity=0.6 if tick == 1 else 0.15,
        )
        for tick in choose_ticks(x, low, high)
    ) + title.format(x=LABEL_WIDTH + PLOT_WIDTH / 2, y=height - 5, text=AXIS_TITLE)


def choose_ticks(x: Scale, low: float, high: float) -> list[float]:
    """Return the ticks in the plot, 1 first, without ticks whose labels would overlap."""
    shown: list[float] = []
    for tick in sorted((tick for tick in TICKS if low <= tick <= high), key=lambda tick: tick != 1):
        if all(abs(x(tick) - x(other)) >= LABEL_SPACE for other in shown):
            shown.append(tick)
    return shown


def draw_row(x: Scale, name: str, cost: Ratio, number: int) -> Markup:
    """Return a framework's name, interval and dot; an arrow in place of a dot off the axis."""
    arrow = draw_arrow(x, cost.ratio, number)
    if arrow:
        dot = arrow
    else:
        dot = Markup('<circle cx="{x:.1f}" cy="{y}" r="4"/>').format(
            x=x(cost.ratio), y=number * ROW_HEIGHT + 14
        )
    return Markup(
        '<text x="{label}" y="{text_y}" text-anchor="end">{name}</text>'
        '<line x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}" stroke="currentColor" '
        'stroke-width="2"/>{dot}'
    ).format(
        label=LABEL_WIDTH - 12,
        name=name,
        y=number * ROW_HEIGHT + 14,
        text_y=number * ROW_HEIGHT + 18,
        low=x(cost.low),
        high=x(cost.high),
        dot=dot,
    )


def draw_arrow(x: Scale, ratio: float, number: int) -> Markup | None:
    """Return an arrow at the end of the axis for a ratio beyond that end; None for other ratios."""
    if TICKS[0] <= ratio <= TICKS[-1]:
        return None
    direction = 1 if ratio > TICKS[-1] else -1
    return Markup(
        '<path d="M{x:.1f} {y} h{length} m{back} -5 l{step} 5 l{back} 5" fill="none" '
        'stroke="currentColor" stroke-width="2"><title>{ratio:.2g}: beyond the axis</title></path>'
    ).format(
        x=x(ratio),
        y=number * ROW_HEIGHT + 14,
        length=8 * direction,
        back=-5 * direction,
        step=5 * direction,
        ratio=ratio,
    )


def draw_bracket(rows: Sequence[int], column: int) -> Markup:
    """Return the bracket of a tie in a column right of the plot, with a tick at each row."""
    x = LABEL_WIDTH + PLOT_WIDTH + 30 + column * BRACKET_WIDTH
    middles = [number * ROW_HEIGHT + 14 for number in rows]
    ticks = " ".join(f"M{x} {y} h-6" for y in middles)
    return Markup(
        '<path d="M{x} {top} V{bottom} {ticks}" fill="none" stroke="currentColor" '
        'stroke-opacity=".6"><title>no difference shown</title></path>'
    ).format(x=x, top=min(middles), bottom=max(middles), ticks=ticks)
