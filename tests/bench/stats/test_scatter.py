"""All pairs together know how launches scatter; one that scatters more keeps its own."""

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
    digamma,
    fit_prior,
    trigamma,
)
from bench.stats.variance_shrinkage import inverse_trigamma as inverse

EULER = 0.5772156649


def test_the_functions_have_the_values_of_the_tables():
    assert digamma(1) == pytest.approx(-EULER)
    assert digamma(0.5) == pytest.approx(-EULER - 2 * math.log(2))
    assert trigamma(1) == pytest.approx(math.pi**2 / 6)
    assert trigamma(0.5) == pytest.approx(math.pi**2 / 2)
    assert inverse(trigamma(3.25)) == pytest.approx(3.25)


def test_variances_that_agree_are_worth_many_degrees():
    found = fit_prior([2.0] * 20, launches=4, entries=7)
    assert found.degrees == MAX_DEGREES
    assert (
        fit_prior([2.0] * 3, launches=4, entries=3).degrees == 3
    )  # no more than the launches give


def test_variances_that_differ_widely_are_worth_few():
    found = fit_prior([10.0**power for power in range(-6, 7)], launches=6, entries=7)
    assert found.degrees < 1


@pytest.mark.parametrize("variances", [[], [1.0, 2.0], [0.0] * 9])
def test_too_few_variances_say_nothing(variances):
    assert fit_prior(variances, launches=4, entries=5) == NO_PRIOR


def test_a_pair_that_scatters_more_keeps_its_own_variance():
    others = VariancePrior(degrees=9, variance=1.0)
    assert others.shrink(4.0, degrees=3) == 4.0
    assert others.shrink(0.2, degrees=3) == pytest.approx((9 * 1 + 3 * 0.2) / 12)
    assert NO_PRIOR.shrink(0.2, degrees=3) == pytest.approx(0.2)


def test_without_others_the_interval_is_plain_students():
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
    return times | {last: [[slower * one[0]] for one in times[last]]}


@pytest.mark.parametrize("launches", [4, 6, 8])
@pytest.mark.parametrize("deviations", [[0.02] * 6, [0.02] * 5 + [0.06]], ids=["alike", "one odd"])
def test_of_a_hundred_pairs_that_do_not_differ_hardly_one_is_told_apart(launches, deviations):
    draw, told, of = random.Random(11).gauss, 0, 0
    for _ in range(150):
        times = page(draw, launches, deviations)
        scatter = estimate_prior(times)
        for pair in combinations(times.values(), 2):
            interval = compare_launches(*pair, scatter)
            told += not interval.low <= 1 <= interval.high
            of += 1
    assert told / of < 0.02


def test_a_tenth_is_told_with_four_launches_where_one_pair_alone_could_not_tell():
    draw, alone, together = random.Random(12).gauss, 0, 0
    for _ in range(100):
        times = page(draw, 4, [0.02] * 6, slower=1.1)
        pair = times["5"], times["0"]
        alone += compare_launches(*pair).classify() == "slower"
        together += compare_launches(*pair, estimate_prior(times)).classify() == "slower"
    assert together >= 95 > 75 > alone
