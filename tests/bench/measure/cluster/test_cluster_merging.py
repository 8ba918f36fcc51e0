"""Results of several machines merge into one part; nothing is counted twice."""

import json
from types import SimpleNamespace

import pytest

from bench.core.errors import UsageError
from bench.measure.cluster import cost_run, cost_tasks, load_tasks
from bench.measure.cluster.cost_merge import CostMerge
from bench.measure.cluster.tasks import TaskCache
from bench.measure.cost.budget import SamplingBudget
from bench.measure.load import open_loop, shards
from bench.measure.load.open_loop_generator import LoadResult, record_duration
from bench.measure.load.sources import LoadRound
from bench.measure.load.targets import find_loadable_page
from bench.measure.workload.scenarios import select_pages
from tests.bench.results.samples import MACHINE

LOOPBACK = "127.0.0.1"


def test_a_worker_on_another_machine_cannot_reach_a_loopback_address():
    pool = SimpleNamespace(machine_by_worker={"tcp://10.0.0.7:1": "another"})
    load_tasks.require_reachable(pool, "10.0.0.1")
    with pytest.raises(UsageError, match=r"tcp://10\.0\.0\.7:1 on another machine cannot reach"):
        load_tasks.require_reachable(pool, LOOPBACK)


@pytest.mark.parametrize("host", ["0.0.0.0", "soup", "::1"])
def test_sites_listen_on_one_ipv4_address(host):
    with pytest.raises(UsageError, match=r"not an IPv4 address|with one IPv4 address"):
        load_tasks.require_reachable(SimpleNamespace(machine_by_worker={}), host)


def test_a_stored_round_is_not_sent_again(tmp_path, monkeypatch):
    pool = SimpleNamespace(list_usable_workers=lambda: ["first", "second"], checkout={})
    sent = []

    def run_tasks(self, tasks):
        sent.extend(tasks)
        return [{"found": shards.encode_result(make_result(1, 2))} for _ in tasks]

    monkeypatch.setattr(load_tasks.ClusterSource, "run_tasks", run_tasks)
    site = SimpleNamespace(name="bare", address=(LOOPBACK, 8000))
    for attempt in (0, 0, 1):
        source = load_tasks.ClusterSource(pool, TaskCache(tmp_path))
        load_round = LoadRound(site, find_loadable_page("menu"), 50, 1.0, number=3, attempt=attempt)
        assert source.run(load_round).answered == 4
    assert len(sent) == 4
    assert {task.work for task in sent} == {f"{load_tasks.__name__}:send_shard"}
    assert {task.inputs["rate"] for task in sent} == {25}
    assert len({task.inputs["seed"] for task in sent}) == 2
    assert sent[0].inputs["starts_at"] == sent[1].inputs["starts_at"]


def make_result(*milliseconds):
    result = LoadResult(
        due=len(milliseconds) + 1, answered=len(milliseconds), failed=1, seconds=1.5
    )
    for duration in milliseconds:
        record_duration(result.latency, duration / 1000)
        record_duration(result.lateness, 0.0001)
    return result


def test_a_result_survives_encoding_and_histograms_add_up():
    decoded = [
        shards.decode_result(json.loads(json.dumps(shards.encode_result(result))))
        for result in (make_result(1, 2, 3), make_result(40))
    ]
    merged = shards.merge_shards(decoded)
    assert (merged.due, merged.answered, merged.failed, merged.seconds) == (6, 4, 2, 1.5)
    assert merged.latency.total_count == merged.lateness.total_count == 4
    assert merged.latency.get_value_at_percentile(50) == pytest.approx(2000, rel=0.01)
    assert merged.latency.get_value_at_percentile(100) == pytest.approx(40_000, rel=0.01)


@pytest.mark.parametrize(("seconds", "valid"), [(0.05, True), (0.5, False)])
def test_a_round_whose_shards_did_not_start_together_is_rejected(seconds, valid):
    merged = shards.merge_shards(
        [make_result(1, 2, 3), shards.apply_start_delay(make_result(1, 2, 3), seconds)]
    )
    assert open_loop.generator_lagged(merged) is not valid


def make_task_result(machine, times, failed=()):
    facts = {"id": machine, "facts": MACHINE | {"processor": machine}}
    noise = {"load_averages": [1.0, 1.0, 1.0]}
    measured = {"times": times, "failed": dict(failed), "noise": noise, "database": "SQLite 3"}
    return {"found": measured, "worker": machine, "began": 0.0, "ended": 1.0, "machine": facts}


def build_part(ready, places, *results):
    """Return the part that these results of a page's tasks merge into; None is a missing result."""
    testbed, pages = cost_run.build_testbed(ready, places, ""), select_pages(["db"])
    tasks = cost_tasks.build_tasks(testbed, pages, SamplingBudget(len(results), 2), 1, {})
    by_key = {task.key: result for task, result in zip(tasks, results, strict=True) if result}
    return CostMerge.from_results(testbed, pages, 1, tasks, by_key).build_part()


def launch(baseline, flask):
    return {"bare": [[baseline] * 2], "control of bare": [[baseline] * 2], "flask": [[flask] * 2]}


def test_ratios_use_all_machines_and_absolute_times_one_machine(ready, places):
    fast, slow = launch(1000.0, 2000.0), launch(50_000.0, 100_000.0)
    times_by_launch = {"a": slow, "b": fast, "b again": fast, "c": slow}
    results = [make_task_result(name[0], times) for name, times in times_by_launch.items()]
    part = build_part(ready, places, *results)
    assert [machine.processor for machine in part.machines] == ["a", "b", "c"]
    assert part.absolute_time_machines == {"db": 1}
    assert part.launches == 4
    flask = part.pages["db"]["flask"]
    assert (flask.ratio, flask.verdict) == (2.0, "slower")
    assert (flask.microseconds, flask.added_microseconds) == (2.0, 1.0)


def test_a_framework_that_failed_on_one_machine_is_not_ranked(ready, places):
    complete = launch(1000.0, 2000.0)
    incomplete = {name: times for name, times in complete.items() if name != "flask"}
    failed = make_task_result("b", incomplete, {"flask": "flask: db answered 500"})
    part = build_part(ready, places, make_task_result("a", complete), failed)
    assert part.failed == {"flask": "flask: db answered 500"}
    assert "flask" not in part.pages["db"]


def test_one_launch_makes_no_part(ready, places):
    assert build_part(ready, places, make_task_result("a", launch(1.0, 2.0)), None) is None
