"""What several machines found is put together as what one found; nothing is counted twice."""

import json
from types import SimpleNamespace

import pytest

from bench.core.errors import UsageError
from bench.measure.cluster import cost_run, cost_tasks, load_tasks
from bench.measure.cluster.cost_merge import CostMerge
from bench.measure.cluster.tasks import TaskCache
from bench.measure.cost.budget import SamplingBudget
from bench.measure.load import open_loop as at_rate
from bench.measure.load import shards
from bench.measure.load.open_loop_generator import LoadResult, record_duration
from bench.measure.load.sources import LoadRound
from bench.measure.load.targets import find_loadable_page
from bench.measure.workload.scenarios import select_pages

EFFORT = SamplingBudget(launches=2, cycles=2)


def test_a_site_on_the_loopback_address_is_no_goal_for_another_machine():
    crew = SimpleNamespace(machines={"tcp://10.0.0.7:1": "another"})
    load_tasks.require_reachable(crew, "10.0.0.1")
    with pytest.raises(UsageError, match=r"tcp://10\.0\.0\.7:1 on another machine cannot reach"):
        load_tasks.require_reachable(crew, "127.0.0.1")


@pytest.mark.parametrize("host", ["0.0.0.0", "soup", "::1"])
def test_sites_listen_on_one_address_that_workers_can_be_told(host):
    with pytest.raises(UsageError, match=r"IPv4 address|one address of this machine"):
        load_tasks.require_reachable(SimpleNamespace(machines={}), host)


def test_a_round_that_is_kept_is_not_sent_again(tmp_path, monkeypatch):
    crew = SimpleNamespace(fit=lambda: ["one", "other"], checkout={})
    sent = []

    def done(self, cells):
        sent.extend(cells)
        return [{"found": shards.encode_result(outcome(1, 2))} for _ in cells]

    monkeypatch.setattr(load_tasks.ClusterSource, "run_tasks", done)
    site = SimpleNamespace(name="bare", address=("127.0.0.1", 8000))
    for attempt in (0, 0, 1):
        source = load_tasks.ClusterSource(crew, TaskCache(tmp_path))
        taken = LoadRound(site, find_loadable_page("menu"), 50, 1.0, number=3, attempt=attempt)
        assert source.run(taken).answered == 4
    assert len(sent) == 4
    assert {one.inputs["rate"] for one in sent} == {25}
    assert len({one.inputs["seed"] for one in sent}) == 2
    assert sent[0].inputs["starts_at"] == sent[1].inputs["starts_at"]


def outcome(*milliseconds):
    found = LoadResult(due=len(milliseconds) + 1, answered=len(milliseconds), failed=1, seconds=1.5)
    for one in milliseconds:
        record_duration(found.latency, one / 1000)
        record_duration(found.lateness, 0.0001)
    return found


def test_an_outcome_travels_whole_and_histograms_add_up():
    travelled = [
        shards.decode_result(json.loads(json.dumps(shards.encode_result(one))))
        for one in (outcome(1, 2, 3), outcome(40))
    ]
    whole = shards.merge_shards(travelled)
    assert (whole.due, whole.answered, whole.failed, whole.seconds) == (6, 4, 2, 1.5)
    assert whole.latency.total_count == whole.lateness.total_count == 4
    assert whole.latency.get_value_at_percentile(50) == pytest.approx(2000, rel=0.01)
    assert whole.latency.get_value_at_percentile(100) == pytest.approx(40_000, rel=0.01)


@pytest.mark.parametrize(("seconds", "believed"), [(0.05, True), (0.5, False)])
def test_a_round_whose_shards_did_not_begin_together_is_rejected(seconds, believed):
    whole = shards.merge_shards(
        [outcome(1, 2, 3), shards.apply_start_delay(outcome(1, 2, 3), seconds)]
    )
    assert at_rate.generator_lagged(whole) is not believed


def cell_result(machine, times, failed=()):
    facts = {"id": machine, "facts": {"processor": machine}}
    noise = {"steal": 0.0, "others": 0.0, "load": [1.0, 1.0, 1.0], "noisy": []}
    found = {"times": times, "failed": dict(failed), "noise": noise, "larder": "SQLite 3"}
    return {"found": found, "worker": machine, "began": 0.0, "ended": 1.0, "machine": facts}


def gathered(ready, places, *told):
    """Return what is gathered of a page's cells."""
    ground, pages = cost_run.build_testbed(ready, places, ""), select_pages(["db"])
    cells = cost_tasks.build_tasks(ground, pages, SamplingBudget(len(told), 2), 1, {})
    found = {cell.key: one for cell, one in zip(cells, told, strict=True) if one}
    return CostMerge.from_results(ground, pages, 1, cells, found)


def launch(baseline, flask):
    return {"bare": [[baseline] * 2], "the twin of bare": [[baseline] * 2], "flask": [[flask] * 2]}


def test_ratios_are_of_all_machines_and_absolute_times_of_one(ready, places):
    quick, slow = launch(1000.0, 2000.0), launch(50_000.0, 100_000.0)
    where = {"a": slow, "b": quick, "b again": quick, "c": slow}
    results = [cell_result(machine[0], times) for machine, times in where.items()]
    told = gathered(ready, places, *results).build_part()
    assert [one["processor"] for one in told["machines"]] == ["a", "b", "c"]
    assert told["told_by"] == {"db": 1}
    assert told["launches"] == 4
    flask = told["pages"]["db"]["flask"]
    assert (flask["ratio"], flask["verdict"]) == (2.0, "slower")
    assert (flask["microseconds"], flask["added_microseconds"]) == (2.0, 1.0)


def test_who_failed_on_one_machine_is_ranked_on_none(ready, places):
    well = launch(1000.0, 2000.0)
    thin = {name: times for name, times in well.items() if name != "flask"}
    ill = cell_result("b", thin, {"flask": "flask: db answered 500"})
    told = gathered(ready, places, cell_result("a", well), ill).build_part()
    assert told["failed"] == {"flask": "flask: db answered 500"}
    assert "flask" not in told["pages"]["db"]


def test_one_launch_says_nothing(ready, places):
    one = cell_result("a", launch(1.0, 2.0))
    assert gathered(ready, places, one, None).build_part() is None
