"""Fit a power law to times at several sizes."""

import math
import statistics
from collections.abc import Sequence


def fit_exponent(points: Sequence[tuple[int, float]]) -> float | None:
    """Return the exponent of a power law through (size, time) pairs, None for fewer than 2 pairs.

    The exponent is the slope of log time over log size, by least squares.
    """
    if len(points) < 2:
        return None
    sizes, times = ([math.log(value) for value in column] for column in zip(*points, strict=True))
    return round(statistics.linear_regression(sizes, times).slope, 3)
