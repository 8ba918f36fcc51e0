"""How does one thing go with another? Lines or dots on log scales, for growth and percentiles."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from bench.report.plots.svg import LogAxis, short, svg

Points = Sequence[tuple[float, float]]
WIDTH, HEIGHT = 520, 300
LEFT, TOP, RIGHT, BOTTOM = 70, 12, 190, 44
LABEL_HEIGHT = 15
DASHES = ("", "7 3", "2 3", "9 3 2 3", "1 4")


def growth(found: Mapping[str, Mapping[str, Any]], title: str, x: str, y: str) -> Markup:
    """Return how each name's values grow; found is results.json's growth["rows"] or another.

    Each value has points and exponent, which stands beside the name. Names without points are left
    out.
    """
    series = {
        f"{name} ~ n^{one['exponent']:z.2f}": one["points"]
        for name, one in found.items()
        if len(one["points"]) > 1
    }
    return lines(series, title, x, y)


def percentiles(curves: Mapping[str, Points], title: str) -> Markup:
    """Return latency by percentile, on a scale of 1/(1-p) that gives every nine the same room.

    curves has the curve of each framework of results.json's load_open: percents, milliseconds.
    """
    series = {
        name: [(1 / (1 - percent / 100), value) for percent, value in curve if percent < 100]
        for name, curve in curves.items()
    }
    return lines(series, title, "percentile", "milliseconds", nines)


def nines(odds: float) -> str:
    """Return the percentile that one of so many is beyond."""
    return f"{100 - 100 / odds:.6g} %"


def lines(
    series: Mapping[str, Points], title: str, x: str, y: str, shown: Callable[[float], str] = short
) -> Markup:
    """Return a line with dots for each name's points; all values are above 0."""
    drawn = {name: [(float(a), float(b)) for a, b in one] for name, one in series.items()}
    across, up = axes([point for points in drawn.values() for point in points] or [(1, 1)])
    parts = [*grid(across, up, shown), *captions(x, y)]
    ends = {name: up.at(points[-1][1]) for name, points in drawn.items() if points}
    places = spread(ends)
    for number, (name, points) in enumerate(drawn.items()):
        if points:
            parts += line(name, points, across, up, DASHES[number % len(DASHES)], places[name])
    return svg(parts, LEFT + WIDTH + RIGHT, TOP + HEIGHT + BOTTOM, title)


def scatter(
    points: Mapping[str, tuple[float, float]], title: str, x: str, y: str, through: Points = ()
) -> Markup:
    """Return a dot with its name for each pair of values, and a line through some points.

    All values are above 0.
    """
    across, up = axes(list(points.values()) or [(1, 1)])
    parts = [*grid(across, up, short), *captions(x, y)]
    if through:
        parts.append(path([(across.at(a), up.at(b)) for a, b in through], "4 3"))
    for name, (a, b) in points.items():
        parts += [dot(across.at(a), up.at(b)), label(name, across.at(a) + 8, up.at(b) + 4)]
    return svg(parts, LEFT + WIDTH + RIGHT, TOP + HEIGHT + BOTTOM, title)


def axes(points: Points) -> tuple[LogAxis, LogAxis]:
    """Return the axes that hold these points."""
    across = LogAxis.over([a for a, _ in points], LEFT, LEFT + WIDTH)
    return across, LogAxis.over([b for _, b in points], TOP + HEIGHT, TOP)


def grid(across: LogAxis, up: LogAxis, shown: Callable[[float], str]) -> Iterator[Markup]:
    """Yield the lines at round values, and the values."""
    stroke = 'stroke="currentColor" stroke-opacity=".15"/>'
    for tick in across.ticks():
        yield Markup('<path d="M{x:.1f} {a} V{b}" ' + stroke).format(
            x=across.at(tick), a=TOP, b=TOP + HEIGHT
        )
        yield Markup('<text x="{x:.1f}" y="{y}" text-anchor="middle">{text}</text>').format(
            x=across.at(tick), y=TOP + HEIGHT + 17, text=shown(tick)
        )
    for tick in up.ticks():
        yield Markup('<path d="M{a} {y:.1f} H{b}" ' + stroke).format(
            y=up.at(tick), a=LEFT, b=LEFT + WIDTH
        )
        yield Markup('<text x="{x}" y="{y:.1f}" text-anchor="end">{text}</text>').format(
            x=LEFT - 8, y=up.at(tick) + 4, text=short(tick)
        )


def captions(x: str, y: str) -> Iterator[Markup]:
    """Yield what the axes show."""
    yield Markup('<text x="{x}" y="{y}" text-anchor="middle">{text}</text>').format(
        x=LEFT + WIDTH / 2, y=TOP + HEIGHT + 37, text=x
    )
    yield Markup(
        '<text transform="translate(14 {y}) rotate(-90)" text-anchor="middle">{text}</text>'
    ).format(y=TOP + HEIGHT / 2, text=y)


def line(
    name: str, points: Points, across: LogAxis, up: LogAxis, dashes: str, place: float
) -> Iterator[Markup]:
    """Yield a line through the points, its dots, and its name at the right."""
    places = [(across.at(a), up.at(b)) for a, b in points]
    yield path(places, dashes)
    yield from (dot(a, b) for a, b in places)
    yield label(name, LEFT + WIDTH + 10, place + 4)


def path(places: Points, dashes: str) -> Markup:
    """Return a line through some places."""
    return Markup(
        '<path d="M{path}" fill="none" stroke="currentColor" stroke-width="1.5" '
        'stroke-dasharray="{dashes}"/>'
    ).format(path=" L".join(f"{a:.1f} {b:.1f}" for a, b in places), dashes=dashes)


def spread(ends: Mapping[str, float]) -> dict[str, float]:
    """Return where each name stands so that none covers another, as near its line as that goes."""
    places: dict[str, float] = {}
    above = float(-LABEL_HEIGHT)
    for name in sorted(ends, key=lambda one: ends[one]):
        above = places[name] = max(ends[name], above + LABEL_HEIGHT)
    return places


def dot(x: float, y: float) -> Markup:
    """Return a dot."""
    return Markup('<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>').format(x=x, y=y)


def label(text: str, x: float, y: float) -> Markup:
    """Return a name."""
    return Markup('<text x="{x:.1f}" y="{y:.1f}">{text}</text>').format(x=x, y=y, text=text)
