"""Is the difference between two of them real?

Differences are ratios of times, taken within one cycle so that both sides saw the same machine, and
averaged as logarithms. What varies from launch to launch (the hash seed, where memory came to lie)
decides how sure we are: the interval is Student's, over launches, never over slices. How much they
vary, the other pairs on the page may help to say (bench/stats/variance_shrinkage.py).
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench.stats.variance_shrinkage import NO_PRIOR, VariancePrior

TRIM_SHARE = 0.2  # of the slices, cut off at each end: where the machine did something else
MIN_EFFECT = 1.03  # a smaller difference is not called one, however sure

# The 99.5 % quantiles of Student's t for 1 to 12 degrees of freedom (Student, Biometrika 6, 1908;
# any table of the distribution), then the normal distribution's rounded up.
_T = (63.657, 9.925, 5.841, 4.604, 4.032, 3.707, 3.499, 3.355, 3.250, 3.169, 3.106, 3.055)
_T_BEYOND = 3.05


@dataclass(frozen=True)
class Interval:
    """A ratio with its 99 % confidence interval over launches."""

    ratio: float
    low: float
    high: float

    def classify(self, min_ratio: float = MIN_EFFECT) -> str:
        """Return "slower", "faster" or "no difference shown", as against the baseline.

        `least` is the ratio, 1 or above, up to which no difference is claimed: twins that are that
        far apart are themselves no exception.
        """
        if self.low > 1 and self.ratio > min_ratio:
            return "slower"
        if self.high < 1 and 1 / self.ratio > min_ratio:
            return "faster"
        return "no difference shown"

    def as_dict(self) -> dict[str, float]:
        """Return ratio, low and high as results.json has them."""
        return {
            "ratio": round(self.ratio, 4),
            "low": round(self.low, 4),
            "high": round(self.high, 4),
        }


def confidence_interval(
    ratios: Sequence[Sequence[float]], prior: VariancePrior = NO_PRIOR
) -> Interval:
    """Return the interval for the ratios of each launch; ValueError with fewer than 2 launches.

    scatter is what is known of how launches scatter from the other pairs on the page.
    """
    if len(ratios) < 2:
        raise ValueError("an interval takes at least 2 launches")
    logs = log_means(ratios)
    degrees = len(logs) - 1
    middle = statistics.fmean(logs)
    variance = prior.shrink(statistics.variance(logs), degrees)
    margin = t_quantile(degrees + prior.degrees) * math.sqrt(variance / len(logs))
    return Interval(math.exp(middle), math.exp(middle - margin), math.exp(middle + margin))


def log_means(ratios: Sequence[Sequence[float]]) -> list[float]:
    """Return the trimmed mean of the log-ratios of each launch."""
    return [trimmed_mean([math.log(ratio) for ratio in launch]) for launch in ratios]


def t_quantile(degrees: float) -> float:
    """Return the 99.5 % quantile of Student's t for 1 or more degrees of freedom, rounded down."""
    return _T[int(degrees) - 1] if degrees < len(_T) + 1 else _T_BEYOND


def trimmed_mean(values: Sequence[float]) -> float:
    """Return the mean without the lowest and the highest TRIM of the values."""
    cut = int(len(values) * TRIM_SHARE)
    return statistics.fmean(sorted(values)[cut : len(values) - cut])
