"""Where does a request go, layer by layer? Stacked bars."""

from collections.abc import Iterator, Mapping

from markupsafe import Markup

from bench.report.plots.forest import LABEL_WIDTH, PLOT_WIDTH, ROW_HEIGHT
from bench.report.plots.svg import build_svg

# From the guest's side to the larder's; every second one is outlined, so that two that meet differ.
OPACITIES = (0.9, 0.5, 0.25, 0.65, 0.12)
LEGEND_HEIGHT = 28


def draw_stacked_bars(bars: Mapping[str, Mapping[str, float]], title: str, unit: str) -> Markup:
    """Return a bar for each name, made of its layers' values; all bars have the same layers.

    bars is for one page: results.json's layers[page] for calls, or any values in one unit.
    """
    most = max((sum(one.values()) for one in bars.values()), default=0) or 1
    names = list(next(iter(bars.values()), {}))
    parts = [*draw_legend(names)]
    for number, (name, one) in enumerate(bars.items()):
        parts += draw_bar(name, one, number, most, unit)
    height = LEGEND_HEIGHT + ROW_HEIGHT * len(bars) + 8
    return build_svg(parts, LABEL_WIDTH + PLOT_WIDTH + 110, height, title)


def draw_legend(names: list[str]) -> Iterator[Markup]:
    """Yield a square and a name for each layer."""
    for number, name in enumerate(names):
        x = LABEL_WIDTH + number * 110
        yield draw_rectangle(x, 4, 12, choose_opacity(number), name)
        yield Markup('<text x="{x}" y="15">{name}</text>').format(x=x + 18, name=name)


def draw_bar(
    name: str, one: Mapping[str, float], number: int, most: float, unit: str
) -> Iterator[Markup]:
    """Yield a name, its layers side by side, and their sum."""
    y, x = LEGEND_HEIGHT + number * ROW_HEIGHT, float(LABEL_WIDTH)
    yield Markup('<text x="{x}" y="{y}" text-anchor="end">{name}</text>').format(
        x=LABEL_WIDTH - 12, y=y + 15, name=name
    )
    for place, (layer, value) in enumerate(one.items()):
        width = PLOT_WIDTH * value / most
        yield draw_rectangle(
            x, y + 3, width, choose_opacity(place), f"{layer}: {value:,.4g} {unit}"
        )
        x += width
    total = sum(one.values())
    yield Markup('<text x="{x:.1f}" y="{y}">{total} {unit}</text>').format(
        x=x + 8, y=y + 15, total=f"{total:,.4g}" if total < 1000 else f"{total:,.0f}", unit=unit
    )


def choose_opacity(number: int) -> float:
    """Return how strong a layer's colour is."""
    return OPACITIES[number % len(OPACITIES)]


def draw_rectangle(x: float, y: float, width: float, strength: float, words: str) -> Markup:
    """Return a rectangle with a hint."""
    return Markup(
        '<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="14" fill-opacity="{strength}" '
        'stroke="currentColor" stroke-opacity=".6"><title>{words}</title></rect>'
    ).format(x=x, y=y, width=width, strength=strength, words=words)
