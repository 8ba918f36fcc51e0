"""How does one thing go with another? Lines or dots on log scales, for growth and percentiles."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from bench.report.plots.svg import LogAxis, build_svg, format_tick

Points = Sequence[tuple[float, float]]
WIDTH, HEIGHT = 520, 300
LEFT, TOP, RIGHT, BOTTOM = 70, 12, 190, 44
LABEL_HEIGHT = 15
DASHES = ("", "7 3", "2 3", "9 3 2 3", "1 4")


def draw_growth(found: Mapping[str, Mapping[str, Any]], title: str, x: str, y: str) -> Markup:
    """Return how each name's values grow; found is results.json's growth["rows"] or another.

    Each value has points and exponent, which stands beside the name. Names without points are left
    out.
    """
    series = {
        f"{name} ~ n^{one['exponent']:z.2f}": one["points"]
        for name, one in found.items()
        if len(one["points"]) > 1
    }
    return draw_lines(series, title, x, y)


def draw_percentiles(curves: Mapping[str, Points], title: str) -> Markup:
    """Return latency by percentile, on a scale of 1/(1-p) that gives every nine the same room.

    curves has the curve of each framework of results.json's load_open: percents, milliseconds.
    """
    series = {
        name: [(1 / (1 - percent / 100), value) for percent, value in curve if percent < 100]
        for name, curve in curves.items()
    }
    return draw_lines(series, title, "percentile", "milliseconds", format_percentile)


def format_percentile(odds: float) -> str:
    """Return the percentile that one of so many is beyond."""
    return f"{100 - 100 / odds:.6g} %"


def draw_lines(
    series: Mapping[str, Points],
    title: str,
    x: str,
    y: str,
    shown: Callable[[float], str] = format_tick,
) -> Markup:
    """Return a line with dots for each name's points; all values are above 0."""
    drawn = {name: [(float(a), float(b)) for a, b in one] for name, one in series.items()}
    across, up = build_axes([point for points in drawn.values() for point in points] or [(1, 1)])
    parts = [*draw_grid(across, up, shown), *draw_captions(x, y)]
    ends = {name: up.to_coordinate(points[-1][1]) for name, points in drawn.items() if points}
    places = spread_labels(ends)
    for number, (name, points) in enumerate(drawn.items()):
        if points:
            parts += draw_line(name, points, across, up, DASHES[number % len(DASHES)], places[name])
    return build_svg(parts, LEFT + WIDTH + RIGHT, TOP + HEIGHT + BOTTOM, title)


def draw_scatter(
    points: Mapping[str, tuple[float, float]], title: str, x: str, y: str, through: Points = ()
) -> Markup:
    """Return a dot with its name for each pair of values, and a line through some points.

    All values are above 0.
    """
    across, up = build_axes(list(points.values()) or [(1, 1)])
    parts = [*draw_grid(across, up, format_tick), *draw_captions(x, y)]
    if through:
        parts.append(
            draw_path([(across.to_coordinate(a), up.to_coordinate(b)) for a, b in through], "4 3")
        )
    for name, (a, b) in points.items():
        parts += [
            draw_dot(across.to_coordinate(a), up.to_coordinate(b)),
            draw_label(name, across.to_coordinate(a) + 8, up.to_coordinate(b) + 4),
        ]
    return build_svg(parts, LEFT + WIDTH + RIGHT, TOP + HEIGHT + BOTTOM, title)


def build_axes(points: Points) -> tuple[LogAxis, LogAxis]:
    """Return the axes that hold these points."""
    across = LogAxis.covering([a for a, _ in points], LEFT, LEFT + WIDTH)
    return across, LogAxis.covering([b for _, b in points], TOP + HEIGHT, TOP)


def draw_grid(across: LogAxis, up: LogAxis, shown: Callable[[float], str]) -> Iterator[Markup]:
    """Yield the lines at round values, and the values."""
    stroke = 'stroke="currentColor" stroke-opacity=".15"/>'
    for tick in across.list_ticks():
        yield Markup('<path d="M{x:.1f} {a} V{b}" ' + stroke).format(
            x=across.to_coordinate(tick), a=TOP, b=TOP + HEIGHT
        )
        yield Markup('<text x="{x:.1f}" y="{y}" text-anchor="middle">{text}</text>').format(
            x=across.to_coordinate(tick), y=TOP + HEIGHT + 17, text=shown(tick)
        )
    for tick in up.list_ticks():
        yield Markup('<path d="M{a} {y:.1f} H{b}" ' + stroke).format(
            y=up.to_coordinate(tick), a=LEFT, b=LEFT + WIDTH
        )
        yield Markup('<text x="{x}" y="{y:.1f}" text-anchor="end">{text}</text>').format(
            x=LEFT - 8, y=up.to_coordinate(tick) + 4, text=format_tick(tick)
        )


def draw_captions(x: str, y: str) -> Iterator[Markup]:
    """Yield what the axes show."""
    yield Markup('<text x="{x}" y="{y}" text-anchor="middle">{text}</text>').format(
        x=LEFT + WIDTH / 2, y=TOP + HEIGHT + 37, text=x
    )
    yield Markup(
        '<text transform="translate(14 {y}) rotate(-90)" text-anchor="middle">{text}</text>'
    ).format(y=TOP + HEIGHT / 2, text=y)


def draw_line(
    name: str, points: Points, across: LogAxis, up: LogAxis, dashes: str, place: float
) -> Iterator[Markup]:
    """Yield a line through the points, its dots, and its name at the right."""
    places = [(across.to_coordinate(a), up.to_coordinate(b)) for a, b in points]
    yield draw_path(places, dashes)
    yield from (draw_dot(a, b) for a, b in places)
    yield draw_label(name, LEFT + WIDTH + 10, place + 4)


def draw_path(places: Points, dashes: str) -> Markup:
    """Return a line through some places."""
    return Markup(
        '<path d="M{path}" fill="none" stroke="currentColor" stroke-width="1.5" '
        'stroke-dasharray="{dashes}"/>'
    ).format(path=" L".join(f"{a:.1f} {b:.1f}" for a, b in places), dashes=dashes)


def spread_labels(ends: Mapping[str, float]) -> dict[str, float]:
    """Return where each name stands so that none covers another, as near its line as that goes."""
    places: dict[str, float] = {}
    above = float(-LABEL_HEIGHT)
    for name in sorted(ends, key=lambda one: ends[one]):
        above = places[name] = max(ends[name], above + LABEL_HEIGHT)
    return places


def draw_dot(x: float, y: float) -> Markup:
    """Return a dot."""
    return Markup('<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>').format(x=x, y=y)


def draw_label(text: str, x: float, y: float) -> Markup:
    """Return a name."""
    return Markup('<text x="{x:.1f}" y="{y:.1f}">{text}</text>').format(x=x, y=y, text=text)
