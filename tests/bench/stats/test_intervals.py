"""A difference is reported only where the launches agree on it."""

import math
import random
import subprocess
import sys

import pytest

from bench.stats.intervals import Interval, confidence_interval, t_quantile, trimmed_mean


def launches(ratio: float, deviation: float, count: int = 5, slices: int = 40) -> list[list[float]]:
    draw = random.Random(7).gauss
    return [[ratio * math.exp(draw(0, deviation)) for _ in range(slices)] for _ in range(count)]


def test_a_difference_that_launches_agree_on_is_reported():
    assert confidence_interval(launches(1.10, 0.02)).classify() == "slower"
    assert confidence_interval(launches(0.90, 0.02)).classify() == "faster"


def test_a_certain_but_small_difference_is_not_reported():
    interval = confidence_interval(launches(1.02, 0.001))
    assert interval.low > 1
    assert interval.classify() == "no difference shown"


def test_a_difference_below_the_noise_floor_is_not_reported():
    interval = confidence_interval(launches(1.10, 0.02))
    assert interval.classify(min_ratio=1.2) == "no difference shown"


def test_launches_that_disagree_show_no_difference():
    disagreeing = [[0.8] * 10, [1.3] * 10, [1.2] * 10]
    assert confidence_interval(disagreeing).classify() == "no difference shown"


def test_the_interval_is_students_over_launches():
    interval = confidence_interval([[math.exp(0.1)] * 5, [math.exp(0.2)] * 5, [math.exp(0.3)] * 5])
    assert interval.ratio == pytest.approx(math.exp(0.2))
    margin = 9.925 * 0.1 / math.sqrt(3)  # t(0.995, 2 degrees of freedom) times the standard error
    assert interval.high == pytest.approx(math.exp(0.2 + margin), rel=1e-4)
    assert interval.low == pytest.approx(math.exp(0.2 - margin), rel=1e-4)


# NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.2, column 0.995.
PUBLISHED = {
    1: 63.657,
    2: 9.925,
    3: 5.841,
    4: 4.604,
    5: 4.032,
    6: 3.707,
    8: 3.355,
    12: 3.055,
    15: 2.947,
    20: 2.845,
    30: 2.750,
    60: 2.660,
    100: 2.626,
    math.inf: 2.576,
}


@pytest.mark.parametrize("degrees", PUBLISHED)
def test_quantiles_of_students_t_have_the_published_values(degrees):
    assert round(t_quantile(degrees), 3) == PUBLISHED[degrees]


def test_a_fraction_of_degrees_lies_between_its_neighbours():
    assert PUBLISHED[3] < t_quantile(2.5) < PUBLISHED[2]


def test_an_import_of_the_statistics_does_not_import_scipy():
    code = "import sys, bench.stats.pairwise, bench.cli.main; print('scipy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


def test_a_slice_in_which_the_machine_paused_does_not_count():
    assert trimmed_mean([1, 1, 1, 1, 1000]) == 1


def test_a_single_launch_raises_an_error():
    with pytest.raises(ValueError, match="at least 2 launches"):
        confidence_interval([[1.0, 1.1]])


def test_twenty_launches_give_an_interval():
    assert isinstance(confidence_interval(launches(1.0, 0.01, count=20)), Interval)
