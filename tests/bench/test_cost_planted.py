"""A difference that was planted is told, one that is not there is not, whatever the clock does."""

import math
import random
from types import SimpleNamespace

import pytest

from bench.agent import slowdown
from bench.agent.prepared_request import Kept
from bench.core.paths import Places
from bench.core.progress import Progress
from bench.measure.cost.adaptive_run import Run
from bench.measure.cost.budget import FULL, QUICK, Effort
from bench.measure.cost.sensitivity import Planted, holds
from bench.measure.workload.scenarios import pages_called
from bench.measure.workload.testbed import fresh_ground
from bench.results import store
from bench.results.schema import AGAIN, SLOWED, TWIN
from bench.results.views import sensitivity_rows as rows
from tests.bench.kitchens import bare

# As the menu's slices scattered on two busy cores: each by itself, and all together with the core's
# speed. On a quiet machine it is a third of that.
SLICE_SCATTER, DRIFT, LAUNCH_SCATTER = 0.095, 0.3, 0.005
MENU = pages_called(["menu"])


def measured(percent: float, effort: Effort, seed: int):
    """Return what a run of this effort sees of bare, its twins and its slowed copy."""
    draw = random.Random(seed).gauss
    speeds = {"bare": 1.0, TWIN + "bare": 1.0, "bare" + AGAIN: 1.0}
    speeds["bare" + SLOWED] = 1 + percent / 100
    times = {name: [] for name in speeds}
    for _ in range(effort.launches):
        drift = [draw(0, DRIFT) for _ in range(effort.cycles)]
        for name, speed in speeds.items():
            shift = draw(0, LAUNCH_SCATTER)
            slices = [math.exp(d + shift + draw(0, SLICE_SCATTER)) for d in drift]
            times[name].append([300_000 * speed * one for one in slices])
    ground = SimpleNamespace(baseline="bare", twin=TWIN + "bare")
    return SimpleNamespace(ground=ground, times={"menu": times})


def planted(percent: float, effort: Effort) -> Planted:
    named = SimpleNamespace(framework=SimpleNamespace(name="bare"))
    return Planted(SimpleNamespace(environments=[named]), MENU, effort, percent)


@pytest.mark.parametrize(("percent", "effort"), [(10, QUICK), (5, FULL)], ids=["quick", "full"])
def test_planted_differences_are_told_and_no_others(percent, effort):
    found = planted(percent, effort)
    for seed in range(20):
        found.take(measured(percent, effort, seed))
    tally = found.tallies["menu", "bare"]
    assert tally.told >= 19
    assert tally.false_alarms <= 1
    assert holds(found.part(seconds=1))


def test_what_is_too_little_for_a_run_is_not_told():
    found = planted(1, QUICK)
    for seed in range(20):
        found.take(measured(1, QUICK, seed))
    assert found.tallies["menu", "bare"].told <= 1
    assert not holds(found.part(seconds=1))


def test_one_false_alarm_in_twenty_may_be_and_no_more():
    def part(told, alarms):
        one = {"told": told, "false_alarms": alarms, "added_percent": [9, 11], "twins_percent": [0]}
        return {"repetitions": 20, "pages": {"menu": {"bare": one}}}

    assert holds(part(20, 1))
    assert holds(part(19, 0))
    assert not holds(part(20, 2))
    assert not holds(part(18, 0))
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

    monkeypatch.setattr(slowdown, "spin", spin)
    slower = slowdown.slowed(application, Kept({"target": "/", "status": 200}, None), 10)
    before = clock[0]
    slower({}, None)
    assert spun[-1] == 5_000
    assert clock[0] - before == 110_000


@pytest.fixture
def ground(tmp_path):
    with fresh_ground([bare()], Places(state=tmp_path / "state")) as ground:
        yield ground


def test_every_framework_enters_with_two_copies(ground):
    found = Planted(ground, MENU, Effort(2, 1), 10).go(Progress(), 1)["planted"]
    assert found["repetitions"] == len(found["noise_floors"]) == 1
    assert set(found["pages"]["menu"]) == {"bare"}
    assert len(found["pages"]["menu"]["bare"]["added_percent"]) == 1


def test_repetitions_before_ctrl_c_are_kept(ground, monkeypatch, capsys):
    written = {}
    monkeypatch.setattr(store, "write", lambda told, file: written.update(told))

    def go(self, progress, within):
        if within.startswith("repetition 3"):
            raise KeyboardInterrupt
        self.measurement.times = measured(10, Effort(4, 5), seed=1).times

    monkeypatch.setattr(Run, "go", go)
    with pytest.raises(KeyboardInterrupt):
        Planted(ground, MENU, QUICK, 10).go(Progress(), 20)
    assert written["planted"]["repetitions"] == 2
    assert "kept: 2 repetitions" in capsys.readouterr().err
