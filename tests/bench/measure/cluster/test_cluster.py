"""Every task has one result, whatever happens to workers, and a worker runs one task at a time."""

import shutil
import threading
from itertools import pairwise

import pytest

from bench.core.errors import DependencyError, UsageError
from bench.core.paths import ROOT
from bench.measure.cluster.checkout import SOURCE_FOLDERS, describe_checkout
from bench.measure.cluster.dispatcher import Dispatcher
from bench.measure.cluster.tasks import Task, TaskCache
from bench.measure.cluster.worker_pool import open_worker_pool
from tests.bench.measure.clusters import cluster, until, wait_for

NUMBERS = range(12)
HALF_WAY = 6


@pytest.fixture
def cache(tmp_path):
    return TaskCache(tmp_path / "cache")


@pytest.fixture
def make_task(tmp_path):
    """Return a function that makes a task of one kind."""
    checkout = describe_checkout()
    return lambda work, number=0, **inputs: Task(
        f"{work} {number}",
        f"tests.bench.measure.cluster_tasks:{work}",
        {"folder": str(tmp_path), "number": number, **inputs},
        checkout,
    )


def list_runs(folder, number="*"):
    """Return the process ids of all runs of a task, or of all tasks."""
    return [int(file.name.split("-")[2]) for file in folder.glob(f"task-{number}-*")]


def never_overlap(results):
    """Return whether on each worker every task ended before the next task started."""
    by_worker = {}
    for result in results:
        by_worker.setdefault(result["worker"], []).append((result["began"], result["ended"]))
    return all(
        end <= start
        for spans in by_worker.values()
        for (_, end), (start, _) in pairwise(sorted(spans))
    )


def test_a_killed_worker_loses_no_result_and_no_worker_runs_two_tasks_at_once(
    tmp_path, make_task, cache
):
    tasks = [make_task("count", n, waits_for="go" if n == HALF_WAY else "") for n in NUMBERS]
    with cluster(tmp_path, workers=2) as dask_cluster:
        wait_for(dask_cluster, workers=2)
        with open_worker_pool(dask_cluster.address) as workers:
            dispatcher = Dispatcher(workers, cache)
            thread = threading.Thread(target=dispatcher.run, args=[tasks])
            thread.start()
            [victim] = until(lambda: list_runs(tmp_path, HALF_WAY))
            dask_cluster.kill(victim)
            (tmp_path / "go").touch()
            thread.join()
            dispatched = dispatcher.result
            assert dispatched.failures == {}
            assert [dispatched.results[t.key]["found"]["number"] for t in tasks] == list(NUMBERS)
            assert [cache.get(t) for t in tasks] == [dispatched.results[t.key] for t in tasks]
            assert dispatched.results[tasks[HALF_WAY].key]["found"]["pid"] != victim
            assert len(list_runs(tmp_path, HALF_WAY)) == 2
            assert never_overlap(dispatched.results.values())

            run_count = len(list_runs(tmp_path))
            cache.remove(tasks[:1])
            again = Dispatcher(workers, cache).run(tasks)
            assert again.results.keys() == dispatched.results.keys()
            assert len(list_runs(tmp_path)) == run_count + 1


def test_a_task_that_kills_its_workers_fails_and_the_results_of_the_others_are_stored(
    tmp_path, make_task, cache
):
    tasks = [
        make_task("end_the_worker"),
        make_task("fail"),
        *(make_task("count", n) for n in range(4)),
    ]
    with cluster(tmp_path, workers=2, allowed_failures=0) as dask_cluster:
        wait_for(dask_cluster, workers=2)
        with open_worker_pool(dask_cluster.address) as workers:
            dispatched = Dispatcher(workers, cache).run(tasks[:1])
            assert list(dispatched.failures) == ["end_the_worker 0"]
            assert "1 worker died during this task" in dispatched.failures["end_the_worker 0"]
            dispatched = Dispatcher(workers, cache).run(tasks[1:])
    assert dispatched.failures == {"fail 0": "bare: menu answered 500"}
    assert [cache.get(task) is not None for task in tasks] == [False, False, *[True] * 4]


def test_an_unusable_worker_is_rejected_by_name_and_the_others_run_its_tasks(
    tmp_path, make_task, capsys
):
    other = tmp_path / "other"
    for folder in SOURCE_FOLDERS:
        shutil.copytree(ROOT / folder, other / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (other / "bench" / "__init__.py").write_text('"""Another state."""\n')
    with cluster(tmp_path, workers=0) as dask_cluster:
        with pytest.raises(
            DependencyError, match="no usable worker; start a worker from a checkout of this"
        ):
            open_worker_pool(dask_cluster.address).__enter__()
        dask_cluster.add_workers(1, root=other)
        wait_for(dask_cluster, workers=1)
        with (
            pytest.raises(DependencyError, match="no usable worker"),
            open_worker_pool(dask_cluster.address),
        ):
            pass
        assert "rejected: its" in capsys.readouterr().err
        dask_cluster.add_workers(2)
        wait_for(dask_cluster, workers=3)
        with open_worker_pool(dask_cluster.address) as workers:
            assert len(workers.list_usable_workers()) == 2
            dispatched = Dispatcher(workers).run([make_task("build", n) for n in range(4)])
            [remaining] = workers.list_usable_workers()
    assert dispatched.failures == {}
    assert {result["worker"] for result in dispatched.results.values()} == {remaining}
    assert len(dispatched.results) == 4
    assert "rejected: flask: no room" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["soup", "http://127.0.0.1:1", "tcp://soup", "tcp://a:b"])
def test_an_invalid_scheduler_address_is_a_usage_error(address):
    with (
        pytest.raises(UsageError, match="is not a scheduler's address such as tcp://"),
        open_worker_pool(address),
    ):
        pass


def test_the_key_of_a_task_depends_on_its_inputs_and_its_checkout(make_task):
    task = make_task("count", 1)
    assert task.key == make_task("count", 1).key
    assert task.key != make_task("count", 2).key
    assert task.key != Task(task.name, task.work, task.inputs, {**task.checkout, "commit": "x"}).key
