"""Look up the interval between two frameworks, whichever of them the results name first."""

from collections.abc import Mapping

from bench.results.schema import Ratio

PairIntervals = Mapping[str, Mapping[str, Ratio]]  # of a page: bench/measure/cost/summary.py


def get_pair_interval(pairs: PairIntervals, name: str, baseline: str) -> Ratio:
    """Return the ratio of a framework's time to another's, with its interval, for one page."""
    if name == baseline:
        return Ratio(1.0, 1.0, 1.0)
    if name in pairs[baseline]:
        return pairs[baseline][name]
    inverse = pairs[name][baseline]
    return Ratio(1 / inverse.ratio, 1 / inverse.high, 1 / inverse.low)
