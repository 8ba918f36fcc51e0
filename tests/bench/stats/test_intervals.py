"""A difference is claimed only where launches agree on one."""

import math
import random

import pytest

from bench.stats.intervals import Interval, confidence_interval, trimmed_mean


def launches(ratio: float, scatter: float, count: int = 5, slices: int = 40) -> list[list[float]]:
    draw = random.Random(7).gauss
    return [[ratio * math.exp(draw(0, scatter)) for _ in range(slices)] for _ in range(count)]


def test_a_difference_that_launches_agree_on_is_claimed():
    assert confidence_interval(launches(1.10, 0.02)).classify() == "slower"
    assert confidence_interval(launches(0.90, 0.02)).classify() == "faster"


def test_a_difference_that_is_sure_but_small_is_not_claimed():
    interval = confidence_interval(launches(1.02, 0.001))
    assert interval.low > 1
    assert interval.classify() == "no difference shown"


def test_no_difference_below_the_noise_floor_is_claimed():
    assert (
        confidence_interval(launches(1.10, 0.02)).classify(min_ratio=1.2) == "no difference shown"
    )


def test_launches_that_disagree_show_nothing():
    disagreeing = [[0.8] * 10, [1.3] * 10, [1.2] * 10]
    assert confidence_interval(disagreeing).classify() == "no difference shown"


def test_the_interval_is_students_over_launches():
    interval = confidence_interval([[math.exp(0.1)] * 5, [math.exp(0.2)] * 5, [math.exp(0.3)] * 5])
    assert interval.ratio == pytest.approx(math.exp(0.2))
    margin = 9.925 * 0.1 / math.sqrt(3)  # t(0.995, 2 degrees of freedom) times the standard error
    assert interval.high == pytest.approx(math.exp(0.2 + margin))
    assert interval.low == pytest.approx(math.exp(0.2 - margin))


def test_a_slice_in_which_the_machine_slept_does_not_count():
    assert trimmed_mean([1, 1, 1, 1, 1000]) == 1


def test_one_launch_makes_no_interval():
    with pytest.raises(ValueError, match="at least 2 launches"):
        confidence_interval([[1.0, 1.1]])


def test_more_launches_than_the_table_knows_are_fine():
    assert isinstance(confidence_interval(launches(1.0, 0.01, count=20)), Interval)
