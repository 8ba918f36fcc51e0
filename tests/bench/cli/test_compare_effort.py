"""A comparison is short by itself, and as long as it is asked to be."""

from bench.cli.pipeline import DEFAULT_EFFORT, choose_effort


def test_what_is_asked_for_is_measured_whole():
    asked = choose_effort(launches=20, cycles=100)
    assert (asked.launches, asked.cycles, asked.budget_seconds) == (20, 100, 0)
    assert asked.should_continue(done=19, noisy=False, spent_seconds=10_000)
    assert not choose_effort(launches=2, cycles=None).budget_seconds


def test_unasked_it_stays_within_its_budget():
    assert choose_effort(None, None) is DEFAULT_EFFORT
    assert not DEFAULT_EFFORT.should_continue(done=4, noisy=True, spent_seconds=60)
