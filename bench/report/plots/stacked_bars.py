"""Draw stacked bars, for example the calls of a request by layer."""

from collections.abc import Iterator, Mapping

from markupsafe import Markup

from bench.report.plots.forest import LABEL_WIDTH, PLOT_WIDTH, ROW_HEIGHT
from bench.report.plots.svg import build_svg

# From the server's layer to the database's; neighbours differ clearly in opacity.
OPACITIES = (0.9, 0.5, 0.25, 0.65, 0.12)
LEGEND_HEIGHT = 28


def draw_stacked_bars(bars: Mapping[str, Mapping[str, float]], title: str, unit: str) -> Markup:
    """Return a bar for each name, stacked from its layers; all bars have the same layers.

    bars is results.json's calls_by_layer[page], or other values in one unit, by name and layer.
    """
    longest = max((sum(layers.values()) for layers in bars.values()), default=0) or 1
    names = list(next(iter(bars.values()), {}))
    parts = [*draw_legend(names)]
    for number, (name, layers) in enumerate(bars.items()):
        parts += draw_bar(name, layers, number, longest, unit)
    height = LEGEND_HEIGHT + ROW_HEIGHT * len(bars) + 8
    return build_svg(parts, LABEL_WIDTH + PLOT_WIDTH + 110, height, title)


def draw_legend(names: list[str]) -> Iterator[Markup]:
    """Yield a square and a name for each layer."""
    for number, name in enumerate(names):
        x = LABEL_WIDTH + number * 110
        yield draw_rectangle(x, 4, 12, choose_opacity(number), name)
        yield Markup('<text x="{x}" y="15">{name}</text>').format(x=x + 18, name=name)


def draw_bar(
    name: str, layers: Mapping[str, float], number: int, longest: float, unit: str
) -> Iterator[Markup]:
    """Yield a name, its layers side by side, and their sum."""
    y, x = LEGEND_HEIGHT + number * ROW_HEIGHT, float(LABEL_WIDTH)
    yield Markup('<text x="{x}" y="{y}" text-anchor="end">{name}</text>').format(
        x=LABEL_WIDTH - 12, y=y + 15, name=name
    )
    for position, (layer, value) in enumerate(layers.items()):
        width = PLOT_WIDTH * value / longest
        hint = f"{layer}: {value:,.4g} {unit}"
        yield draw_rectangle(x, y + 3, width, choose_opacity(position), hint)
        x += width
    total = sum(layers.values())
    yield Markup('<text x="{x:.1f}" y="{y}">{total} {unit}</text>').format(
        x=x + 8, y=y + 15, total=f"{total:,.4g}" if total < 1000 else f"{total:,.0f}", unit=unit
    )


def choose_opacity(number: int) -> float:
    """Return the opacity of a layer's rectangle."""
    return OPACITIES[number % len(OPACITIES)]


def draw_rectangle(x: float, y: float, width: float, opacity: float, hint: str) -> Markup:
    """Return a rectangle with a tooltip."""
    return Markup(
        '<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="14" fill-opacity="{opacity}" '
        'stroke="currentColor" stroke-opacity=".6"><title>{hint}</title></rect>'
    ).format(x=x, y=y, width=width, opacity=opacity, hint=hint)
