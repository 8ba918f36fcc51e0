"""All pairs of a page share a variance; a pair that varies more keeps its own."""

import math
import random
import statistics
from itertools import combinations

import pytest

from bench.stats.intervals import confidence_interval
from bench.stats.pairwise import compare_launches, estimate_prior
from bench.stats.variance_shrinkage import (
    MAX_DEGREES,
    NO_PRIOR,
    VariancePrior,
    fit_prior,
    invert_trigamma,
)

# Abramowitz and Stegun, table 6.1 (x from 1 to 2) and equation 6.4.4 (x = 1/2).
TRIGAMMA = {0.5: 4.9348022005, 1.0: 1.6449340668, 1.5: 0.9348022005, 2.0: 0.6449340668}


@pytest.mark.parametrize("x", TRIGAMMA)
def test_trigamma_is_inverted_at_published_values(x):
    assert invert_trigamma(TRIGAMMA[x]) == pytest.approx(x)


@pytest.mark.parametrize("value", [1e-17, 1e-6, 1e6, 1e12])
def test_trigamma_is_inverted_for_extreme_values(value):
    # trigamma(x) is about 1/x for a large x and 1/x² for a small one.
    assert invert_trigamma(value) == pytest.approx(1 / min(value, math.sqrt(value)), rel=0.01)


def test_the_common_variance_follows_from_published_values():
    """For 2 degrees of freedom, digamma(1) is minus Euler's constant (Abramowitz and Stegun)."""
    prior = fit_prior([2.0] * 20, launches=3, entries=7)
    assert prior.variance == pytest.approx(2 * math.exp(0.5772156649))


def test_variances_that_agree_get_many_degrees_of_freedom():
    prior = fit_prior([2.0] * 20, launches=4, entries=7)
    assert prior.degrees == MAX_DEGREES
    # No more degrees of freedom than the launches provide.
    assert fit_prior([2.0] * 3, launches=4, entries=3).degrees == 3


def test_variances_that_differ_widely_get_few_degrees_of_freedom():
    prior = fit_prior([10.0**power for power in range(-6, 7)], launches=6, entries=7)
    assert prior.degrees < 1


@pytest.mark.parametrize("variances", [[], [1.0, 2.0], [0.0] * 9])
def test_too_few_variances_give_no_prior(variances):
    assert fit_prior(variances, launches=4, entries=5) == NO_PRIOR


def test_a_pair_that_scatters_more_keeps_its_own_variance():
    prior = VariancePrior(degrees=9, variance=1.0)
    assert prior.shrink(4.0, degrees=3) == 4.0
    assert prior.shrink(0.2, degrees=3) == pytest.approx((9 * 1 + 3 * 0.2) / 12)
    assert NO_PRIOR.shrink(0.2, degrees=3) == pytest.approx(0.2)


def test_without_a_prior_the_interval_is_students():
    ratios = [[1.1], [1.2], [1.3]]
    assert confidence_interval(ratios) == confidence_interval(ratios, NO_PRIOR)
    narrow = confidence_interval(
        ratios, VariancePrior(10, statistics.variance(map(math.log, (1.1, 1.2, 1.3))))
    )
    assert narrow.ratio == confidence_interval(ratios).ratio
    assert narrow.high < confidence_interval(ratios).high


def page(draw, launches, deviations, slower=1.0):
    """Return one slice for each launch of some entries, the last of them slower."""
    times = {
        str(number): [[math.exp(draw(0, deviation))] for _ in range(launches)]
        for number, deviation in enumerate(deviations)
    }
    last = str(len(deviations) - 1)
    return times | {last: [[slower * launch[0]] for launch in times[last]]}


@pytest.mark.parametrize("launches", [4, 6, 8])
@pytest.mark.parametrize("deviations", [[0.02] * 6, [0.02] * 5 + [0.06]], ids=["alike", "one odd"])
def test_fewer_than_two_percent_of_equal_pairs_are_reported_as_different(launches, deviations):
    draw, false_alarms, pairs = random.Random(11).gauss, 0, 0
    for _ in range(150):
        times = page(draw, launches, deviations)
        prior = estimate_prior(times)
        for pair in combinations(times.values(), 2):
            interval = compare_launches(*pair, prior)
            false_alarms += not interval.low <= 1 <= interval.high
            pairs += 1
    assert false_alarms / pairs < 0.02


def test_the_prior_finds_a_difference_of_a_tenth_with_four_launches():
    draw, alone, together = random.Random(12).gauss, 0, 0
    for _ in range(100):
        times = page(draw, 4, [0.02] * 6, slower=1.1)
        pair = times["5"], times["0"]
        alone += compare_launches(*pair).classify() == "slower"
        together += compare_launches(*pair, estimate_prior(times)).classify() == "slower"
    assert together >= 95 > 75 > alone
