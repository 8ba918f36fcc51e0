"""The cost of hardening is measured against the site as taught: time, interval, verdict, calls."""

import shutil
from dataclasses import replace
from types import SimpleNamespace

import pytest

from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.measure.cost import hardening
from bench.measure.cost.adaptive_run import AdaptiveRun
from bench.measure.cost.budget import QUICK_BUDGET, SamplingBudget
from bench.measure.cost.hardening import summarize_hardening
from bench.measure.cost.site_variants import decide
from bench.measure.workload.scenarios import select_pages
from bench.measure.workload.testbed import fresh_testbed
from bench.results.schema import NOT_DECIDED, Noise
from bench.results.views import build_hardening_rows
from bench.stats.intervals import Interval
from tests.bench.kitchens import bare
from tests.bench.measure.cost.simulated_times import NANOSECONDS, simulate

MENU = select_pages(["menu"])
FLASK = SimpleNamespace(framework=SimpleNamespace(name="flask"))


def simulate_costs(percent):
    """Return the cost of a hardening that adds this percentage, as 20 simulated runs report it."""
    speeds = {"flask": 2 * (1 + percent / 100), "flask as taught": 2.0}
    measurements = [simulate(speeds, QUICK_BUDGET, seed, [FLASK]) for seed in range(20)]
    parts = [summarize_hardening(each, Noise(), {}) for each in measurements]
    return [part.pages["menu"]["flask"] for part in parts]


def test_a_planted_slowdown_of_the_hardening_is_detected():
    costs = simulate_costs(percent=10)
    assert sum(cost.verdict == "slower" for cost in costs) >= 19
    planted_microseconds = 2 * NANOSECONDS / 1000 * 0.1
    # The median of the simulated slices, which the microseconds refer to, varies by some percent.
    covered = [cost.added_low < planted_microseconds < cost.added_high for cost in costs]
    assert sum(covered) >= 18
    for cost in costs:
        assert cost.added_low < cost.added_microseconds < cost.added_high
        assert cost.added_microseconds == pytest.approx(planted_microseconds, rel=0.5)


def test_a_hardening_without_cost_is_not_decided():
    costs = simulate_costs(percent=0)
    assert sum(cost.verdict == NOT_DECIDED for cost in costs) >= 19


@pytest.mark.parametrize(
    ("low", "high", "floor", "verdict"),
    [
        pytest.param(1.02, 1.06, 1.01, "slower", id="clear of the noise floor"),
        pytest.param(1.02, 1.06, 1.03, NOT_DECIDED, id="within the noise floor"),
        pytest.param(0.99, 1.06, 1.0, NOT_DECIDED, id="zero is inside"),
        pytest.param(0.90, 0.95, 1.03, "faster", id="faster"),
        pytest.param(0.90, 0.98, 1.03, NOT_DECIDED, id="faster within the noise floor"),
    ],
)
def test_zero_inside_the_interval_and_the_noise_floor_is_not_decided(low, high, floor, verdict):
    assert decide(Interval((low + high) / 2, low, high), floor) == verdict


def test_calls_are_added_when_both_sites_were_counted():
    measurement = simulate({"flask": 2.0, "flask as taught": 2.0}, QUICK_BUDGET, 1, [FLASK])
    calls = {"menu": {"flask": 130, "flask as taught": 100}}
    cost = summarize_hardening(measurement, Noise(), calls).pages["menu"]["flask"]
    assert (cost.taught_calls, cost.added_calls) == (100, 30)
    [row] = build_hardening_rows({"flask": cost})
    assert (row["calls as taught"], row["calls added"]) == (100, "+30")
    del calls["menu"]["flask as taught"]
    cost = summarize_hardening(measurement, Noise(), calls).pages["menu"]["flask"]
    assert (cost.taught_calls, cost.added_calls) == (None, None)


def test_a_site_that_failed_has_no_cost_and_a_reason():
    measurement = simulate({"flask": 2.0}, QUICK_BUDGET, 1, [FLASK])
    measurement.failed = {("flask as taught", "app"): "flask as taught: menu answered 500"}
    part = summarize_hardening(measurement, Noise(), {})
    assert part.pages == {"menu": {}}
    assert part.failed == {"flask as taught": "flask as taught: menu answered 500"}


WITHOUT_HARDENING = """

def harden(site):
    pass
"""
PLANTED = """
    site.checks.append(spend_time)


def spend_time(request):
    for _ in range(20_000):
        len("")
"""
PLANTED_CALLS = 20_001


@pytest.fixture
def testbed(places):
    """Return a testbed of bare without hardening, and with a planted slowdown as hardening."""

    def copy_bare(name, code):
        original = bare()
        folder = shutil.copytree(original.framework.folder, places.apps / name)
        with (folder / "hardening.py").open("a") as file:
            file.write(code)
        return replace(original, framework=replace(original.framework, name=name, folder=folder))

    copies = {"plain": WITHOUT_HARDENING, "planted": WITHOUT_HARDENING + PLANTED}
    environments = [copy_bare(name, code) for name, code in copies.items()]
    with fresh_testbed(environments, Paths(state=places.state)) as testbed:
        yield testbed


def test_the_hardened_site_is_compared_with_the_site_as_taught(testbed):
    budget = SamplingBudget(3, 3)
    part = hardening.measure_hardening(testbed, Progress(), MENU, budget, seed=1).hardening
    assert (part.baseline, part.launches, part.failed) == ("plain", 3, {})
    costs = part.pages["menu"]
    assert costs["plain"].added_calls == 0
    assert costs["planted"].added_calls == PLANTED_CALLS
    assert costs["planted"].taught_calls == costs["plain"].taught_calls > 0
    # Not the verdict, which may be "not decided" on a busy machine; simulated runs test it.
    assert costs["planted"].added_microseconds > 0


def test_ctrl_c_stores_the_finished_launches(testbed, written_parts, monkeypatch, capsys):
    def run_two_launches(self, progress):
        speeds = {"planted": 2.0, "planted as taught": 1.0}
        simulated = simulate(speeds, SamplingBudget(2, 5), 1, testbed.environments)
        simulated.testbed.baseline = "bare"
        self.measurement = simulated
        raise KeyboardInterrupt

    monkeypatch.setattr(AdaptiveRun, "run", run_two_launches)
    with pytest.raises(KeyboardInterrupt):
        hardening.measure_hardening(testbed, Progress(), MENU, QUICK_BUDGET, seed=1)
    assert written_parts["hardening"].launches == 2
    assert set(written_parts["hardening"].pages["menu"]) == {"planted"}
    assert "timing interrupted; stored: 2 launches" in capsys.readouterr().err
