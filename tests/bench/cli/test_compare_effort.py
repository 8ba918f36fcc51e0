"""A comparison stays within its budget unless the command line sets launches or cycles."""

from bench.cli.pipeline import DEFAULT_EFFORT, choose_effort


def test_given_launches_and_cycles_are_measured_completely():
    budget = choose_effort(launches=20, cycles=100)
    assert (budget.launches, budget.cycles, budget.budget_seconds) == (20, 100, 0)
    assert budget.should_continue(done=19, noisy=False, spent_seconds=10_000)
    assert not choose_effort(launches=2, cycles=None).budget_seconds


def test_the_default_effort_stays_within_its_budget():
    assert choose_effort(None, None) is DEFAULT_EFFORT
    assert not DEFAULT_EFFORT.should_continue(done=4, noisy=True, spent_seconds=60)
