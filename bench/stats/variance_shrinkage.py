"""How much do launches scatter? A few say little; those of all pairs on a page say more.

A pair's own variance, from 4 or 6 launches, may be small by luck, which Student's t answers with
very wide intervals. The pairs of a page were measured in the same launches, and what scatters is
mostly the machine: their variances are so many draws around a common one. How far they agree tells
how many degrees of freedom the common one is worth (empirical Bayes; Smyth, Statistical
Applications in Genetics and Molecular Biology 3, 2004, article 3). Where pairs scatter
differently, it is worth little, and the pair's own variance decides. Beyond that paper, and to be
careful: a pair that scatters more than the others keeps its own variance, and the common one is
never worth more than MOST_DEGREES, nor more than the launches give.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

MAX_DEGREES = 10.0
MIN_PAIRS = 3


@dataclass(frozen=True)
class VariancePrior:
    """What the pairs of a page have in common: a variance, and the degrees of freedom behind it."""

    degrees: float = 0.0
    variance: float = 0.0

    def shrink(self, pair_variance: float, degrees: int) -> float:
        """Return the variance to go by, for a pair's own one with so many degrees of freedom."""
        both = self.degrees * self.variance + degrees * pair_variance
        return max(pair_variance, both / (self.degrees + degrees))


NO_PRIOR = VariancePrior()  # each pair is on its own, and its interval is plain Student's


def fit_prior(variances: Sequence[float], launches: int, entries: int) -> VariancePrior:
    """Return what the variances of all pairs of some entries have in common."""
    known, degrees = [one for one in variances if one > 0], launches - 1
    if len(known) < MIN_PAIRS or degrees < 1:
        return NO_PRIOR
    half = degrees / 2
    logs = [math.log(one) - digamma(half) + math.log(half) for one in known]
    beyond_chance = statistics.variance(logs) - trigamma(half)
    # A page of k entries has (k - 1)(n - 1) degrees of freedom in all; n - 1 are the pair's own.
    most = min(MAX_DEGREES, (entries - 2) * degrees)
    found = 2 * inverse_trigamma(beyond_chance) if beyond_chance > 0 else math.inf
    middle = statistics.fmean(logs)
    if found < math.inf:
        middle += digamma(found / 2) - math.log(found / 2)
    return VariancePrior(min(found, most), math.exp(middle))


def digamma(x: float) -> float:
    """Return the derivative of the logarithm of gamma (Abramowitz and Stegun, 6.3.5 and 6.3.18)."""
    below = 0.0
    while x < 6:
        below, x = below - 1 / x, x + 1
    square = 1 / x**2
    return below + math.log(x) - 1 / (2 * x) - square * (1 / 12 - square * (1 / 120 - square / 252))


def trigamma(x: float) -> float:
    """Return the derivative of digamma (Abramowitz and Stegun, 6.4.6 and 6.4.12)."""
    below = 0.0
    while x < 6:
        below, x = below + 1 / x**2, x + 1
    square = 1 / x**2
    return below + 1 / x + square / 2 + square / x * (1 / 6 - square * (1 / 30 - square / 42))


def inverse_trigamma(value: float) -> float:
    """Return the x above 0 at which trigamma, which falls, has this value above 0."""
    low, high = 1e-3, 1e6
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if trigamma(middle) > value else (low, middle)
    return low
