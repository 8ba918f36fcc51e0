"""Compute the confidence interval of a ratio of times.

Differences are ratios of times that were measured within one cycle, so that both sides met the same
state of the machine. Ratios are averaged as logarithms. Times vary more from launch to launch (hash
seed, addresses in memory) than within a launch, so the interval is Student's over launches, never
over slices. The other pairs of a page help to estimate the variance between launches
(bench/stats/variance_shrinkage.py).
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench.stats.variance_shrinkage import NO_PRIOR, VariancePrior

TRIM_SHARE = 0.2  # of the slices, cut off at each end: there the machine did something else
MIN_EFFECT = 1.03  # a smaller ratio is not reported as a difference, however certain
CONFIDENCE = 0.99


@dataclass(frozen=True)
class Interval:
    """A ratio with its 99 % confidence interval over launches."""

    ratio: float
    low: float
    high: float

    def classify(self, min_ratio: float = MIN_EFFECT) -> str:
        """Return "slower", "faster" or "no difference shown", compared with the baseline.

        Up to `min_ratio`, which is 1 or more, no difference is reported: where two copies of the
        baseline differ that much, so may any two frameworks.
        """
        if self.low > 1 and self.ratio > min_ratio:
            return "slower"
        if self.high < 1 and 1 / self.ratio > min_ratio:
            return "faster"
        return "no difference shown"

    def as_dict(self) -> dict[str, float]:
        """Return ratio, low and high as results.json stores them."""
        return {
            "ratio": round(self.ratio, 4),
            "low": round(self.low, 4),
            "high": round(self.high, 4),
        }


def confidence_interval(
    ratios: Sequence[Sequence[float]], prior: VariancePrior = NO_PRIOR
) -> Interval:
    """Return the interval for the ratios of each launch.

    `prior` is what the other pairs of the page show about the variance between launches. Raises
    ValueError for fewer than 2 launches.
    """
    if len(ratios) < 2:
        raise ValueError("a confidence interval needs at least 2 launches")
    logs = log_means(ratios)
    degrees = len(logs) - 1
    mean = statistics.fmean(logs)
    variance = prior.shrink(statistics.variance(logs), degrees)
    margin = t_quantile(degrees + prior.degrees) * math.sqrt(variance / len(logs))
    return Interval(math.exp(mean), math.exp(mean - margin), math.exp(mean + margin))


def log_means(ratios: Sequence[Sequence[float]]) -> list[float]:
    """Return the trimmed mean of the log-ratios of each launch."""
    return [trimmed_mean([math.log(ratio) for ratio in launch]) for launch in ratios]


def t_quantile(degrees: float) -> float:
    """Return the quantile of Student's t that bounds a two-sided 99 % interval.

    `degrees` of freedom may be a fraction, and infinite: then Student's t is the normal
    distribution.
    """
    from scipy.special import stdtrit  # here, because the import takes a second

    return float(stdtrit(degrees, (1 + CONFIDENCE) / 2))


def trimmed_mean(values: Sequence[float]) -> float:
    """Return the mean without the lowest and the highest TRIM_SHARE of the values."""
    cut = int(len(values) * TRIM_SHARE)
    return statistics.fmean(sorted(values)[cut : len(values) - cut])
