"""Draw lines and points on log scales, for growth, percentiles and scatter plots."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from markupsafe import Markup

from bench.report.plots.svg import LogAxis, build_svg, format_tick
from bench.results.schema import ScalingCurve

Points = Sequence[tuple[float, float]]
WIDTH, HEIGHT = 520, 300
LEFT, TOP, RIGHT, BOTTOM = 70, 12, 190, 44
LABEL_HEIGHT = 15
DASHES = ("", "7 3", "2 3", "9 3 2 3", "1 4")


def draw_scaling(by_name: Mapping[str, ScalingCurve], title: str, x: str, y: str) -> Markup:
    """Return a line of each name's values by size, with the exponent beside the name.

    Names with fewer than two points are skipped.
    """
    series = {
        f"{name} ~ n^{curve.exponent:z.2f}": curve.points
        for name, curve in by_name.items()
        if len(curve.points) > 1
    }
    return draw_lines(series, title, x, y)


def draw_percentiles(curves: Mapping[str, Points], title: str) -> Markup:
    """Return latency by percentile, on a scale of 1/(1-p) with equal space for every nine.

    curves maps each framework of results.json's open_loop to its (percent, milliseconds) points.
    """
    series = {
        name: [(1 / (1 - percent / 100), value) for percent, value in curve if percent < 100]
        for name, curve in curves.items()
    }
    return draw_lines(series, title, "percentile", "milliseconds", format_percentile)


def format_percentile(odds: float) -> str:
    """Return the percentile that one of `odds` samples exceeds."""
    return f"{100 - 100 / odds:.6g} %"


def draw_lines(
    series: Mapping[str, Points],
    title: str,
    x: str,
    y: str,
    format_x: Callable[[float], str] = format_tick,
) -> Markup:
    """Return a line with dots for each name's points; all values are above 0."""
    lines = {name: [(float(a), float(b)) for a, b in points] for name, points in series.items()}
    across, up = build_axes([point for points in lines.values() for point in points] or [(1, 1)])
    parts = [*draw_grid(across, up, format_x), *draw_captions(x, y)]
    ends = {name: up.to_coordinate(points[-1][1]) for name, points in lines.items() if points}
    labels = spread_labels(ends)
    for number, (name, points) in enumerate(lines.items()):
        if points:
            parts += draw_line(name, points, across, up, DASHES[number % len(DASHES)], labels[name])
    return build_svg(parts, LEFT + WIDTH + RIGHT, TOP + HEIGHT + BOTTOM, title)


def draw_scatter(
    points: Mapping[str, tuple[float, float]], title: str, x: str, y: str, through: Points = ()
) -> Markup:
    """Return a dot with its name for each pair of values, and a line through further points.

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
    """Return the horizontal and the vertical axis that cover these points."""
    across = LogAxis.covering([a for a, _ in points], LEFT, LEFT + WIDTH)
    return across, LogAxis.covering([b for _, b in points], TOP + HEIGHT, TOP)


def draw_grid(across: LogAxis, up: LogAxis, format_x: Callable[[float], str]) -> Iterator[Markup]:
    """Yield the grid lines at round values, with their labels."""
    stroke = 'stroke="currentColor" stroke-opacity=".15"/>'
    for tick in across.list_ticks():
        yield Markup('<path d="M{x:.1f} {a} V{b}" ' + stroke).format(
            x=across.to_coordinate(tick), a=TOP, b=TOP + HEIGHT
        )
        yield Markup('<text x="{x:.1f}" y="{y}" text-anchor="middle">{text}</text>').format(
            x=across.to_coordinate(tick), y=TOP + HEIGHT + 17, text=format_x(tick)
        )
    for tick in up.list_ticks():
        yield Markup('<path d="M{a} {y:.1f} H{b}" ' + stroke).format(
            y=up.to_coordinate(tick), a=LEFT, b=LEFT + WIDTH
        )
        yield Markup('<text x="{x}" y="{y:.1f}" text-anchor="end">{text}</text>').format(
            x=LEFT - 8, y=up.to_coordinate(tick) + 4, text=format_tick(tick)
        )


def draw_captions(x: str, y: str) -> Iterator[Markup]:
    """Yield the captions of both axes."""
    yield Markup('<text x="{x}" y="{y}" text-anchor="middle">{text}</text>').format(
        x=LEFT + WIDTH / 2, y=TOP + HEIGHT + 37, text=x
    )
    yield Markup(
        '<text transform="translate(14 {y}) rotate(-90)" text-anchor="middle">{text}</text>'
    ).format(y=TOP + HEIGHT / 2, text=y)


def draw_line(
    name: str, points: Points, across: LogAxis, up: LogAxis, dashes: str, label_y: float
) -> Iterator[Markup]:
    """Yield a line through the points, its dots, and its name on the right."""
    coordinates = [(across.to_coordinate(a), up.to_coordinate(b)) for a, b in points]
    yield draw_path(coordinates, dashes)
    yield from (draw_dot(a, b) for a, b in coordinates)
    yield draw_label(name, LEFT + WIDTH + 10, label_y + 4)


def draw_path(coordinates: Points, dashes: str) -> Markup:
    """Return a line through these coordinates."""
    return Markup(
        '<path d="M{path}" fill="none" stroke="currentColor" stroke-width="1.5" '
        'stroke-dasharray="{dashes}"/>'
    ).format(path=" L".join(f"{a:.1f} {b:.1f}" for a, b in coordinates), dashes=dashes)


def spread_labels(ends: Mapping[str, float]) -> dict[str, float]:
    """Return the y coordinate of each label, near its line's end and without overlap."""
    coordinates: dict[str, float] = {}
    above = float(-LABEL_HEIGHT)
    for name in sorted(ends, key=lambda name: ends[name]):
        above = coordinates[name] = max(ends[name], above + LABEL_HEIGHT)
    return coordinates


def draw_dot(x: float, y: float) -> Markup:
    """Return a dot."""
    return Markup('<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>').format(x=x, y=y)


def draw_label(text: str, x: float, y: float) -> Markup:
    """Return a label."""
    return Markup('<text x="{x:.1f}" y="{y:.1f}">{text}</text>').format(x=x, y=y, text=text)
