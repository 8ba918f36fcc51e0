"""Shared parts of the plots: the SVG element, and logarithmic axes."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup


def build_svg(parts: Iterable[Markup], width: float, height: float, title: str) -> Markup:
    """Return an SVG element in the page's text colour; screen readers announce the title."""
    return Markup(
        '<svg viewBox="0 0 {width} {height}" width="{width}" role="img" aria-label="{title}" '
        'font-size="13" fill="currentColor">{parts}</svg>'
    ).format(width=width, height=height, title=title, parts=Markup("").join(parts))


@dataclass(frozen=True)
class LogAxis:
    """A log scale that maps low to the coordinate start, and high to end."""

    low: float
    high: float
    start: float
    end: float

    @classmethod
    def covering(cls, values: Sequence[float], start: float, end: float) -> "LogAxis":
        """Return the axis for these values, all above 0; nearly equal values get a wider axis."""
        low, high = min(values), max(values)
        if high / low < 1.05:
            low, high = low / 1.5, high * 1.5
        return cls(low, high, start, end)

    def to_coordinate(self, value: float) -> float:
        """Return the coordinate of a value; a value outside the axis stays at its end."""
        within = min(max(value, self.low), self.high)
        share = math.log(within / self.low) / math.log(self.high / self.low)
        return self.start + (self.end - self.start) * share

    def list_ticks(self) -> list[float]:
        """Return the ticks: 1, 2 and 5 times powers of ten, or only powers on a long axis."""
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        factors = (1, 2, 5) if last - first <= 3 else (1,)
        ticks = [factor * 10.0**power for power in range(first, last + 1) for factor in factors]
        return [tick for tick in ticks if self.low * 0.999 <= tick <= self.high * 1.001]


def format_tick(value: float) -> str:
    """Return a number in short form: 10k, 2M, 0.5."""
    for limit, letter in ((1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:g}{letter}"
    return f"{value:g}"
