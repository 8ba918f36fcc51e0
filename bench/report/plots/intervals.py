"""Who differs from whom on a page? A forest plot with a bracket for every tie."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from bench.report.plots.forest import LABEL_WIDTH, PLOT_WIDTH, ROW_HEIGHT, draw_plot

BRACKET_WIDTH = 12


def draw_intervals(
    costs: Mapping[str, Mapping[str, Any]], ties: Sequence[Sequence[str]], title: str
) -> Markup:
    """Return the plot of a page, the quickest first.

    costs is a page of results.json's cost.pages (each value with ratio, low, high); ties is that
    page's list of names that are not shown to differ. A tie of one gets no bracket.
    """
    ordered = dict(sorted(costs.items(), key=lambda item: float(item[1]["ratio"])))
    rows = {name: number for number, name in enumerate(ordered)}
    shown = [[rows[name] for name in tie if name in rows] for tie in ties if len(tie) > 1]
    brackets = [draw_bracket(tie, place) for place, tie in enumerate(shown) if tie]
    return draw_plot(ordered, title, Markup("").join(brackets), BRACKET_WIDTH * (len(brackets) + 1))


def draw_bracket(members: Sequence[int], place: int) -> Markup:
    """Return the bracket of a tie, so many places to the right, with a tick at each of its rows."""
    x = LABEL_WIDTH + PLOT_WIDTH + 30 + place * BRACKET_WIDTH
    middles = [number * ROW_HEIGHT + 14 for number in members]
    ticks = " ".join(f"M{x} {y} h-6" for y in middles)
    return Markup(
        '<path d="M{x} {top} V{bottom} {ticks}" fill="none" stroke="currentColor" '
        'stroke-opacity=".6"><title>not shown to differ</title></path>'
    ).format(x=x, top=min(middles), bottom=max(middles), ticks=ticks)
