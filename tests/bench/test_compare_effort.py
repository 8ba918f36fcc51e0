"""A comparison is short by itself, and as long as it is asked to be."""

from bench.cli.pipeline import FIRST_LOOK, effort_of


def test_what_is_asked_for_is_measured_whole():
    asked = effort_of(launches=20, cycles=100)
    assert (asked.launches, asked.cycles, asked.budget_seconds) == (20, 100, 0)
    assert asked.goes_on(done=19, noisy=False, spent_seconds=10_000)
    assert not effort_of(launches=2, cycles=None).budget_seconds


def test_unasked_it_stays_within_its_budget():
    assert effort_of(None, None) is FIRST_LOOK
    assert not FIRST_LOOK.goes_on(done=4, noisy=True, spent_seconds=60)
