"""Draw the calls of one request as an icicle chart: what calls stands above what is called."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bench.report.plots.svg import build_svg

WIDTH = 1000.0
ROW_HEIGHT = 20
CHARACTER_WIDTH = 7.5  # of the text in a block, at font size 13


@dataclass(frozen=True)
class IcicleBlock:
    """One block: a call with all calls below it."""

    row: int
    first: int  # the number of calls before it
    calls: int
    layer: str
    name: str


def draw_icicle(blocks: Sequence[IcicleBlock], longest: int, title: str) -> Markup:
    """Return the chart; `longest` is the number of calls that takes the whole width."""
    rows = max((block.row for block in blocks), default=0) + 1
    scale = WIDTH / max(1, longest)
    parts = [part for block in blocks for part in draw_block(block, scale)]
    return build_svg(parts, WIDTH, rows * ROW_HEIGHT, title)


def draw_block(block: IcicleBlock, scale: float) -> Iterator[Markup]:
    """Yield a rectangle with a tooltip, and its name as far as it fits."""
    x, y, width = block.first * scale, block.row * ROW_HEIGHT, block.calls * scale
    yield Markup(
        '<rect class="layer-{layer}" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height}">'
        "<title>{layer}: {name}, {calls} calls</title></rect>"
    ).format(
        layer=block.layer,
        x=x,
        y=y,
        width=max(0.5, width - 1),
        height=ROW_HEIGHT - 1,
        name=block.name,
        calls=f"{block.calls:,}",
    )
    if text := fit_text(block.name, width):
        yield Markup('<text class="on-layer {layer}" x="{x:.1f}" y="{y}">{text}</text>').format(
            layer=block.layer, x=x + 4, y=y + 14, text=text
        )


def fit_text(name: str, width: float) -> str:
    """Return the part of a name that fits into a block, "" if it would be too short to read."""
    count = int((width - 8) / CHARACTER_WIDTH)
    if len(name) <= count:
        return name
    return f"{name[: count - 1]}…" if count >= 6 else ""
