"""Measurements on two workers give complete parts, and every request is counted."""

import threading
from contextlib import suppress

import psutil
import psycopg
import pytest

import shared_db
from bench.measure.cluster import cost_run, load_run, load_tasks
from bench.measure.cluster.postgres_schema import isolated_database
from bench.measure.cost.budget import SamplingBudget
from bench.measure.load import open_loop, shards
from bench.measure.load.targets import find_loadable_page
from bench.measure.workload.scenarios import select_pages
from bench.results import raw_times
from tests.bench.kitchens import environment_of
from tests.bench.measure.clusters import cluster, until, wait_for
from tests.postgres import postgres_server, why_not

pytestmark = pytest.mark.xdist_group("cluster")  # the tests share two workers
BUDGET = SamplingBudget(launches=3, cycles=2)


@pytest.fixture(scope="module")
def database():
    """The URL of a database for the workers, "" without PostgreSQL."""
    if why_not():
        yield ""
        return
    with postgres_server() as server:
        yield server.create_empty_database()


@pytest.fixture(scope="module")
def workers(tmp_path_factory, database):
    """A scheduler with two workers, whose database is PostgreSQL where it is installed."""
    with cluster(tmp_path_factory.mktemp("cluster"), workers=0) as dask_cluster:
        dask_cluster.add_workers(2, DATABASE_URL=database)
        wait_for(dask_cluster, workers=2)
        yield dask_cluster


@pytest.fixture
def written(monkeypatch, written_parts):
    """The parts and the raw times that the command writes."""
    monkeypatch.setattr(
        raw_times, "write_raw_times", lambda times, _: written_parts.update(times=times)
    )
    return written_parts


def kill_a_timing_worker(dask_cluster, results):
    """End the worker that runs applications, after one task has finished.

    Workers of one checkout take turns: the other worker waits.
    """
    until(lambda: results.is_dir() and list(results.iterdir()))
    dask_cluster.kill(until(lambda: next(filter(has_applications, dask_cluster.workers), None)))


def has_applications(pid):
    """Return whether a worker of the cluster has started timing workers."""
    with suppress(psutil.NoSuchProcess):  # a process that has just ended
        return any(
            "bench.agent.timing_worker" in child.cmdline()
            for child in psutil.Process(pid).children()
        )
    return False


def test_a_page_is_timed_although_one_worker_dies(workers, database, ready, places, written):
    testbed = cost_run.build_testbed(ready, places, "")
    killer = threading.Thread(target=kill_a_timing_worker, args=[workers, places.state / "cells"])
    killer.start()
    results = cost_run.measure_cluster_cost(
        workers.address, testbed, select_pages(["db"]), BUDGET, seed=1
    )
    killer.join()
    assert [process.poll() is None for process in workers.workers.values()].count(False) == 1
    workers.add_workers(1, DATABASE_URL=database)
    wait_for(workers, workers=2)
    cost = results.cost
    assert written["cost"] == cost
    assert set(cost.pages["db"]) == {"bare", "control of bare", "flask"}
    assert cost.failed == {}
    assert [(task.page, task.launch, task.machine) for task in cost.tasks] == [
        ("db", 0, 0),
        ("db", 1, 0),
        ("db", 2, 0),
    ]
    assert len(cost.machines) == 1
    [label] = cost.databases
    assert label.startswith("PostgreSQL" if database else "SQLite")
    assert [len(launch) for launch in written["times"]["db"]["flask"]] == [2, 2, 2]
    assert not list((places.state / "cells").iterdir())  # finished: the next run starts anew
    assert schemas_in(database) == []


def test_a_schema_that_a_dead_worker_left_is_replaced(database, monkeypatch):
    if not database:
        pytest.skip(why_not())
    monkeypatch.setenv("DATABASE_URL", database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA cookoff_left")
        connection.execute("CREATE TABLE cookoff_left.larder_schema (version int)")
    with isolated_database("left") as url:
        assert shared_db.create(url)
        assert schemas_in(database) == [("cookoff_left",)]
    assert schemas_in(database) == []


def schemas_in(database):
    """Return the schemas of tasks in a database."""
    if not database:
        return []
    query = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'cookoff%'"
    with psycopg.connect(database) as connection:
        return connection.execute(query).fetchall()


def test_workers_send_a_load_and_every_request_is_counted(workers, places, monkeypatch):
    monkeypatch.setattr(load_tasks, "CAPACITY_REQUESTS", 100)
    monkeypatch.setattr(load_tasks, "LEAD_SECONDS", 0.5)
    monkeypatch.setattr(open_loop, "MAX_TRIES", 1)
    merges = []
    merge_shards = shards.merge_shards

    def record_merge(results):
        merges.append((list(results), merge_shards(results)))
        return merges[-1][1]

    monkeypatch.setattr(load_tasks, "merge_shards", record_merge)
    settings = load_run.LoadSettings(find_loadable_page("plaintext"), 30, None, 1, 1.0)
    part = load_run.measure_cluster_load(
        workers.address, [environment_of("bare")], places, "", settings, "127.0.0.1"
    )
    assert part.failed == {}
    assert (part.cluster.host, part.cluster.workers) == ("127.0.0.1", 2)
    row = part.frameworks["bare"]
    assert row.scheduled == row.answered + row.unanswered > 0
    assert row.wrong == 0
    assert merges
    for results, merged in merges:
        assert len(results) == 2
        for name in ("latency", "lateness"):
            counts = [getattr(result, name).total_count for result in results]
            assert getattr(merged, name).total_count == sum(counts) > 0
        assert merged.latency.total_count == merged.answered
    assert not list((places.state / "cells").iterdir())
