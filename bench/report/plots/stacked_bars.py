"""Draw stacked bars, for example the calls of a request by layer."""

from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from bench.report.plots.forest import LABEL_WIDTH, PLOT_WIDTH, ROW_HEIGHT
from bench.report.plots.svg import build_svg

LEGEND_HEIGHT = 28


def draw_stacked_bars(
    bars: Mapping[str, Mapping[str, float]], title: str, unit: str, layers: Sequence[str]
) -> Markup:
    """Return a bar for each name, stacked from its layers; the stylesheet colours the layers.

    bars is results.json's calls_by_layer[page], or other values in one unit, by name and layer.
    layers are all layers in their order; the bars may lack some of them.
    """
    longest = max((sum(parts.values()) for parts in bars.values()), default=0) or 1
    present = {layer for parts in bars.values() for layer in parts}
    shown = [layer for layer in layers if layer in present]
    parts = [*draw_legend(shown)]
    for number, (name, by_layer) in enumerate(bars.items()):
        values = {layer: by_layer[layer] for layer in shown if layer in by_layer}
        parts += draw_bar(name, values, number, longest, unit)
    height = LEGEND_HEIGHT + ROW_HEIGHT * len(bars) + 8
    return build_svg(parts, LABEL_WIDTH + PLOT_WIDTH + 110, height, title)


def draw_legend(names: list[str]) -> Iterator[Markup]:
    """Yield a square and a name for each layer."""
    for number, name in enumerate(names):
        x = LABEL_WIDTH + number * 110
        yield draw_rectangle(x, 4, 12, name, name)
        yield Markup('<text x="{x}" y="15">{name}</text>').format(x=x + 18, name=name)


def draw_bar(
    name: str, layers: Mapping[str, float], number: int, longest: float, unit: str
) -> Iterator[Markup]:
    """Yield a name, its layers side by side, and their sum."""
    y, x = LEGEND_HEIGHT + number * ROW_HEIGHT, float(LABEL_WIDTH)
    yield Markup('<text x="{x}" y="{y}" text-anchor="end">{name}</text>').format(
        x=LABEL_WIDTH - 12, y=y + 15, name=name
    )
    for layer, value in layers.items():
        width = PLOT_WIDTH * value / longest
        hint = f"{layer}: {value:,.4g} {unit}"
        yield draw_rectangle(x, y + 3, width, layer, hint)
        x += width
    total = sum(layers.values())
    yield Markup('<text x="{x:.1f}" y="{y}">{total} {unit}</text>').format(
        x=x + 8, y=y + 15, total=f"{total:,.4g}" if total < 1000 else f"{total:,.0f}", unit=unit
    )


def draw_rectangle(x: float, y: float, width: float, layer: str, hint: str) -> Markup:
    """Return a rectangle in the colour of its layer, with a tooltip."""
    return Markup(
        '<rect class="layer-{layer}" x="{x:.1f}" y="{y}" width="{width:.1f}" height="14">'
        "<title>{hint}</title></rect>"
    ).format(layer=layer, x=x, y=y, width=width, hint=hint)
