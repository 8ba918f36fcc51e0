"""Estimate the variance between launches from all pairs of a page.

A pair's own variance, from 4 or 6 launches, may be small by chance, and Student's t allows for that
with very wide intervals. All pairs of a page were measured in the same launches, and most of the
variance comes from the machine, so their variances are samples around a common variance. The more
the variances agree, the more degrees of freedom the common variance gets (empirical Bayes; Smyth,
Statistical Applications in Genetics and Molecular Biology 3, 2004, article 3). Where the variances
differ, the common variance gets few, and the pair's own variance decides.

Two limits go beyond that paper, for caution: a pair that varies more than the others keeps its own
variance, and the common variance never gets more than MAX_DEGREES, nor more degrees of freedom than
the launches provide.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

MAX_DEGREES = 10.0
MIN_PAIRS = 3


@dataclass(frozen=True)
class VariancePrior:
    """What the pairs of a page have in common: a variance and its degrees of freedom."""

    degrees: float = 0.0
    variance: float = 0.0

    def shrink(self, pair_variance: float, degrees: int) -> float:
        """Return the variance to use for a pair whose own variance has `degrees` of freedom."""
        total = self.degrees * self.variance + degrees * pair_variance
        return max(pair_variance, total / (self.degrees + degrees))


NO_PRIOR = VariancePrior()  # each pair by itself: its interval is Student's, unchanged


def fit_prior(variances: Sequence[float], launches: int, entries: int) -> VariancePrior:
    """Return what the variances of all pairs of `entries` entries have in common.

    Fewer than MIN_PAIRS variances above 0, or fewer than 2 launches, give NO_PRIOR.
    """
    positive, degrees = [variance for variance in variances if variance > 0], launches - 1
    if len(positive) < MIN_PAIRS or degrees < 1:
        return NO_PRIOR
    from scipy.special import digamma, polygamma  # here, because the import takes a second

    half = degrees / 2
    shift = math.log(half) - float(digamma(half))  # so that the mean of the logs is unbiased
    logs = [math.log(variance) + shift for variance in positive]
    excess = statistics.variance(logs) - float(polygamma(1, half))
    fitted = 2 * invert_trigamma(excess) if excess > 0 else math.inf
    mean = statistics.fmean(logs)
    if fitted < math.inf:
        mean += float(digamma(fitted / 2)) - math.log(fitted / 2)
    # A page of k entries has (k - 1)(n - 1) degrees of freedom in all; n - 1 are the pair's own.
    limit = min(MAX_DEGREES, (entries - 2) * degrees)
    return VariancePrior(min(fitted, limit), math.exp(mean))


def invert_trigamma(value: float) -> float:
    """Return the x above 0 at which trigamma, which falls from infinity to 0, equals `value`."""
    from scipy.optimize import brentq
    from scipy.special import polygamma

    # 1/x < trigamma(x) < 1/x + 1/x²; the factors of 2 leave room for rounding.
    low, high = 1 / (2 * value), (1 + math.sqrt(1 + 4 * value)) / value
    return float(brentq(lambda x: polygamma(1, x) - value, low, high))
