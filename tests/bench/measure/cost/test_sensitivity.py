"""A sensitivity run detects a planted slowdown, and raises no false alarm for a copy."""

from types import SimpleNamespace

import pytest

from bench.agent import slowdown
from bench.agent.prepared_request import PreparedRequest
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.measure.cost.adaptive_run import AdaptiveRun
from bench.measure.cost.budget import FULL_BUDGET, QUICK_BUDGET, SamplingBudget
from bench.measure.cost.sensitivity import SensitivityRun, is_reliable
from bench.measure.workload.scenarios import select_pages
from bench.measure.workload.testbed import fresh_testbed
from bench.results.schema import (
    REPEAT_SUFFIX,
    SLOWED_SUFFIX,
    Detection,
    Sensitivity,
)
from bench.results.views import build_sensitivity_rows
from tests.bench.kitchens import bare
from tests.bench.measure.cost.simulated_times import simulate

MENU = select_pages(["menu"])


def simulate_copies(percent: float, budget: SamplingBudget, seed: int):
    """Return a simulated measurement of bare, its control, its copy and its slowed copy."""
    copies = {"bare" + REPEAT_SUFFIX: 1.0, "bare" + SLOWED_SUFFIX: 1 + percent / 100}
    return simulate(copies, budget, seed)


def simulated_run(percent: float, budget: SamplingBudget) -> SensitivityRun:
    """Return a sensitivity run with 20 simulated repetitions."""
    environment = SimpleNamespace(framework=SimpleNamespace(name="bare"))
    run = SensitivityRun(SimpleNamespace(environments=[environment]), MENU, budget, percent)
    for seed in range(20):
        run.record_repetition(simulate_copies(percent, budget, seed))
    return run


@pytest.mark.parametrize(
    ("percent", "budget"), [(10, QUICK_BUDGET), (5, FULL_BUDGET)], ids=["quick", "full"]
)
def test_a_planted_slowdown_is_detected_without_false_alarms(percent, budget):
    run = simulated_run(percent, budget)
    detection = run.detections["menu", "bare"]
    assert detection.detected >= 19
    assert detection.false_alarms <= 1
    assert is_reliable(run.build_results(seconds=1).sensitivity)


def test_a_slowdown_below_the_threshold_is_not_detected():
    run = simulated_run(1, QUICK_BUDGET)
    assert run.detections["menu", "bare"].detected <= 1
    assert not is_reliable(run.build_results(seconds=1).sensitivity)


def test_one_wrong_decision_in_twenty_is_allowed_and_two_are_not():
    def part(detected, alarms):
        detection = Detection(detected, alarms, slowed_percent=[9, 11], control_percent=[0])
        return Sensitivity(10.0, 20, 60, [], {"menu": {"bare": detection}})

    assert is_reliable(part(20, 1))
    assert is_reliable(part(19, 0))
    assert not is_reliable(part(20, 2))
    assert not is_reliable(part(18, 0))
    [row] = build_sensitivity_rows(part(19, 1))
    assert (row["detected"], row["false alarms"]) == ("19 of 20", "1 of 20")
    assert row["measured"] == "+9.0 to +11.0 %"


def test_the_busy_loop_takes_its_percentage_of_the_application(monkeypatch):
    clock, iterations = [0], []
    monkeypatch.setattr(slowdown, "thread_time_ns", lambda: clock[0])

    def busy_loop(count):
        iterations.append(count)
        clock[0] += count * 2

    def application(environ, start_response):
        clock[0] += 100_000
        return []

    monkeypatch.setattr(slowdown, "busy_loop", busy_loop)
    slowed = slowdown.slow_application(
        application, PreparedRequest({"target": "/", "status": 200}, None), 10
    )
    before = clock[0]
    slowed({}, None)
    assert iterations[-1] == 5_000
    assert clock[0] - before == 110_000


@pytest.fixture
def testbed(tmp_path):
    with fresh_testbed([bare()], Paths(state=tmp_path / "state")) as testbed:
        yield testbed


def test_every_framework_enters_with_two_copies(testbed):
    run = SensitivityRun(testbed, MENU, SamplingBudget(2, 1), 10)
    part = run.run(Progress(), 1).sensitivity
    assert part.repetitions == len(part.max_control_ratios) == 1
    assert set(part.pages["menu"]) == {"bare"}
    assert len(part.pages["menu"]["bare"].slowed_percent) == 1


def test_ctrl_c_saves_the_finished_repetitions(testbed, written_parts, monkeypatch, capsys):
    def run_until_third_repetition(self, progress, prefix):
        if prefix.startswith("repetition 3"):
            raise KeyboardInterrupt
        self.measurement.times = simulate_copies(10, SamplingBudget(4, 5), seed=1).times

    monkeypatch.setattr(AdaptiveRun, "run", run_until_third_repetition)
    with pytest.raises(KeyboardInterrupt):
        SensitivityRun(testbed, MENU, QUICK_BUDGET, 10).run(Progress(), 20)
    assert written_parts["sensitivity"].repetitions == 2
    assert "interrupted after 2 of " in capsys.readouterr().err
