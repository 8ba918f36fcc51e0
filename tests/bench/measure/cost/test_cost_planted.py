"""A difference that was planted is told, one that is not there is not, whatever the clock does."""

import math
import random
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
from bench.results import store
from bench.results.schema import CONTROL_PREFIX, REPEAT_SUFFIX, SLOWED_SUFFIX
from bench.results.views import build_sensitivity_rows as rows
from tests.bench.kitchens import bare

# As the menu's slices scattered on two busy cores: each by itself, and all together with the core's
# speed. On a quiet machine it is a third of that.
SLICE_SCATTER, DRIFT, LAUNCH_SCATTER = 0.095, 0.3, 0.005
MENU = select_pages(["menu"])


def measured(percent: float, effort: SamplingBudget, seed: int):
    """Return what a run of this effort sees of bare, its twins and its slowed copy."""
    draw = random.Random(seed).gauss
    speeds = {"bare": 1.0, CONTROL_PREFIX + "bare": 1.0, "bare" + REPEAT_SUFFIX: 1.0}
    speeds["bare" + SLOWED_SUFFIX] = 1 + percent / 100
    times = {name: [] for name in speeds}
    for _ in range(effort.launches):
        drift = [draw(0, DRIFT) for _ in range(effort.cycles)]
        for name, speed in speeds.items():
            shift = draw(0, LAUNCH_SCATTER)
            slices = [math.exp(d + shift + draw(0, SLICE_SCATTER)) for d in drift]
            times[name].append([300_000 * speed * one for one in slices])
    ground = SimpleNamespace(baseline="bare", twin=CONTROL_PREFIX + "bare")
    return SimpleNamespace(ground=ground, times={"menu": times})


def planted(percent: float, effort: SamplingBudget) -> SensitivityRun:
    named = SimpleNamespace(framework=SimpleNamespace(name="bare"))
    return SensitivityRun(SimpleNamespace(environments=[named]), MENU, effort, percent)


@pytest.mark.parametrize(
    ("percent", "effort"), [(10, QUICK_BUDGET), (5, FULL_BUDGET)], ids=["quick", "full"]
)
def test_planted_differences_are_told_and_no_others(percent, effort):
    found = planted(percent, effort)
    for seed in range(20):
        found.record_repetition(measured(percent, effort, seed))
    tally = found.detection_counts["menu", "bare"]
    assert tally.told >= 19
    assert tally.false_alarms <= 1
    assert is_reliable(found.build_part(seconds=1))


def test_what_is_too_little_for_a_run_is_not_told():
    found = planted(1, QUICK_BUDGET)
    for seed in range(20):
        found.record_repetition(measured(1, QUICK_BUDGET, seed))
    assert found.detection_counts["menu", "bare"].told <= 1
    assert not is_reliable(found.build_part(seconds=1))


def test_one_false_alarm_in_twenty_may_be_and_no_more():
    def part(told, alarms):
        one = {"told": told, "false_alarms": alarms, "added_percent": [9, 11], "twins_percent": [0]}
        return {"repetitions": 20, "pages": {"menu": {"bare": one}}}

    assert is_reliable(part(20, 1))
    assert is_reliable(part(19, 0))
    assert not is_reliable(part(20, 2))
    assert not is_reliable(part(18, 0))
    [row] = rows(part(19, 1))
    assert (row["told"], row["false alarms"]) == ("19 of 20", "1 of 20")
    assert row["came out at"] == "+9.0 to +11.0 %"


def test_the_loop_is_as_long_as_was_measured_beside_the_application(monkeypatch):
    clock, spun = [0], []
    monkeypatch.setattr(slowdown, "thread_time_ns", lambda: clock[0])

    def spin(turns):
        spun.append(turns)
        clock[0] += turns * 2

    def application(environ, start_response):
        clock[0] += 100_000
        return []

    monkeypatch.setattr(slowdown, "busy_loop", spin)
    slower = slowdown.slow_application(
        application, PreparedRequest({"target": "/", "status": 200}, None), 10
    )
    before = clock[0]
    slower({}, None)
    assert spun[-1] == 5_000
    assert clock[0] - before == 110_000


@pytest.fixture
def ground(tmp_path):
    with fresh_testbed([bare()], Paths(state=tmp_path / "state")) as ground:
        yield ground


def test_every_framework_enters_with_two_copies(ground):
    found = SensitivityRun(ground, MENU, SamplingBudget(2, 1), 10).run(Progress(), 1)["planted"]
    assert found["repetitions"] == len(found["noise_floors"]) == 1
    assert set(found["pages"]["menu"]) == {"bare"}
    assert len(found["pages"]["menu"]["bare"]["added_percent"]) == 1


def test_repetitions_before_ctrl_c_are_kept(ground, monkeypatch, capsys):
    written = {}
    monkeypatch.setattr(store, "update_results", lambda told, file: written.update(told))

    def go(self, progress, within):
        if within.startswith("repetition 3"):
            raise KeyboardInterrupt
        self.measurement.times = measured(10, SamplingBudget(4, 5), seed=1).times

    monkeypatch.setattr(AdaptiveRun, "run", go)
    with pytest.raises(KeyboardInterrupt):
        SensitivityRun(ground, MENU, QUICK_BUDGET, 10).run(Progress(), 20)
    assert written["planted"]["repetitions"] == 2
    assert "kept: 2 repetitions" in capsys.readouterr().err
