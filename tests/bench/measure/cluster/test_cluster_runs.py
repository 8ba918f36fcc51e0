"""A measurement on two workers says what one on this machine says, and counts every request."""

import threading
from contextlib import suppress

import psutil
import psycopg
import pytest

import shared_db
from bench.measure.cluster import cost_run, load_run, load_tasks
from bench.measure.cluster.postgres_schema import isolated_database
from bench.measure.cost.budget import SamplingBudget
from bench.measure.load import open_loop as at_rate
from bench.measure.load import shards
from bench.measure.load.targets import find_loadable_page
from bench.measure.workload.scenarios import select_pages
from bench.results import raw_times, store
from tests.bench.kitchens import environment_of
from tests.bench.measure.clusters import cluster, until, wait_for
from tests.postgres import postgres_server, why_not

pytestmark = pytest.mark.xdist_group("cluster")  # they share two workers
EFFORT = SamplingBudget(launches=3, cycles=2)


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
    """A scheduler with two workers, whose larder is PostgreSQL's."""
    with cluster(tmp_path_factory.mktemp("cluster"), workers=0) as made:
        made.add_workers(2, DATABASE_URL=database)
        wait_for(made, workers=2)
        yield made


@pytest.fixture
def written(monkeypatch):
    """What is written, part by part, and the raw times."""
    parts = {}
    monkeypatch.setattr(store, "update_results", lambda told, file: parts.update(told))
    monkeypatch.setattr(raw_times, "write_raw_times", lambda times, _: parts.update(times=times))
    return parts


def kill_one_that_times(made, cells):
    """End a worker that has applications under way, once a cell is finished.

    Workers of one checkout take turns: the other waits.
    """
    until(lambda: cells.is_dir() and list(cells.iterdir()))
    made.kill(until(lambda: next(filter(has_applications, made.workers), None)))


def has_applications(pid):
    """Tell whether a worker of the cluster has started workers of its own."""
    with suppress(psutil.NoSuchProcess):  # what was there a moment ago
        return any(
            "bench.agent.timing_worker" in one.cmdline() for one in psutil.Process(pid).children()
        )
    return False


def test_a_page_is_timed_by_workers_one_of_which_dies_over_it(
    workers, database, ready, places, written
):
    ground = cost_run.build_testbed(ready, places, "")
    killer = threading.Thread(target=kill_one_that_times, args=[workers, places.state / "cells"])
    killer.start()
    told = cost_run.measure_cluster_cost(
        workers.address, ground, select_pages(["db"]), EFFORT, seed=1
    )
    killer.join()
    assert [one.poll() is None for one in workers.workers.values()].count(False) == 1
    workers.add_workers(1, DATABASE_URL=database)
    wait_for(workers, workers=2)
    cost = told["cost"]
    assert written["cost"] == cost
    assert set(cost["pages"]["db"]) == {"bare", "the twin of bare", "flask"}
    assert cost["failed"] == {}
    assert [(one["page"], one["launch"], one["machine"]) for one in cost["cells"]] == [
        ("db", 0, 0),
        ("db", 1, 0),
        ("db", 2, 0),
    ]
    assert len(cost["machines"]) == 1
    [larder] = cost["larder"]
    assert larder.startswith("PostgreSQL" if database else "SQLite")
    assert [len(launch) for launch in written["times"]["db"]["flask"]] == [2, 2, 2]
    assert not list((places.state / "cells").iterdir())  # done: the next run is a new one
    assert schemas_in(database) == []


def test_a_schema_that_a_dead_worker_left_is_no_hindrance(database, monkeypatch):
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
    """Return the schemas that a database has for cells."""
    if not database:
        return []
    asked = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'cookoff%'"
    with psycopg.connect(database) as connection:
        return connection.execute(asked).fetchall()


def test_a_load_is_sent_by_workers_and_every_request_counted(workers, places, monkeypatch):
    monkeypatch.setattr(load_tasks, "CAPACITY_REQUESTS", 100)
    monkeypatch.setattr(load_tasks, "LEAD_SECONDS", 0.5)
    monkeypatch.setattr(at_rate, "MAX_TRIES", 1)
    taken = []
    merged = shards.merge_shards

    def noted(outcomes):
        taken.append((list(outcomes), merged(outcomes)))
        return taken[-1][1]

    monkeypatch.setattr(load_tasks, "merged", noted)
    wanted = load_run.LoadSettings(find_loadable_page("plaintext"), 30, None, 1, 1.0)
    part = load_run.measure_cluster_load(
        workers.address, [environment_of("bare")], places, "", wanted, "127.0.0.1"
    )
    told = part["load_open"]
    assert told["failed"] == {}
    assert (told["cluster"]["host"], told["cluster"]["workers"]) == ("127.0.0.1", 2)
    row = told["frameworks"]["bare"]
    assert row["due"] == row["answered"] + row["unanswered"] > 0
    assert row["wrong"] == 0
    for parts, whole in taken:
        assert len(parts) == 2
        for of in ("latency", "lateness"):
            counts = [getattr(one, of).total_count for one in parts]
            assert getattr(whole, of).total_count == sum(counts) > 0
        assert whole.latency.total_count == whole.answered
    assert not list((places.state / "cells").iterdir())
