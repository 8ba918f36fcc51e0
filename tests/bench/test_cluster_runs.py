"""A measurement on two workers says what one on this machine says, and counts every request."""

import json
from types import SimpleNamespace

import psycopg
import pytest

import shared_db
from bench import results
from bench.cluster import costs, loads, sending, timing
from bench.cluster.cells import Kept
from bench.cluster.databases import own_database
from bench.cluster.gathering import Gathered
from bench.cost import blocks
from bench.cost.effort import Effort
from bench.cost.pages import pages_called
from bench.load import open as at_rate
from bench.load import shards
from bench.load.generator import Outcome, record
from bench.load.sources import Round
from bench.load.targets import page_called
from bench.places import Places
from bench.troubles import Misuse
from tests.bench.clusters import cluster, wait_for
from tests.bench.kitchens import environment_of
from tests.postgres import postgres_server, why_not

pytestmark = pytest.mark.xdist_group("cluster")  # they share two workers
EFFORT = Effort(launches=2, cycles=2)


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
    """The address of a scheduler with two workers, whose larder is PostgreSQL's."""
    with cluster(tmp_path_factory.mktemp("cluster"), workers=0) as made:
        made.add_workers(2, DATABASE_URL=database)
        wait_for(made, workers=2)
        yield made.address


@pytest.fixture
def places(tmp_path):
    return Places(state=tmp_path / "state")


@pytest.fixture
def ready():
    return [environment_of(name) for name in ("bare", "flask")]


@pytest.fixture
def written(monkeypatch):
    """What is written, part by part, and the raw times."""
    parts = {}
    monkeypatch.setattr(results, "write", parts.update)
    monkeypatch.setattr(blocks, "write", lambda one: parts.update(times=one.times))
    return parts


def test_a_page_is_timed_by_workers(workers, database, ready, places, written):
    ground = timing.ground_of(ready, places, "")
    told = timing.timed(workers, ground, pages_called(["db"]), EFFORT, seed=1)
    cost = told["cost"]
    assert written["cost"] == cost
    assert set(cost["pages"]["db"]) == {"bare", "the twin of bare", "flask"}
    assert cost["failed"] == {}
    assert [(one["page"], one["launch"], one["machine"]) for one in cost["cells"]] == [
        ("db", 0, 0),
        ("db", 1, 0),
    ]
    assert len(cost["machines"]) == 1
    [larder] = cost["larder"]
    assert larder.startswith("PostgreSQL" if database else "SQLite")
    assert [len(launch) for launch in written["times"]["db"]["flask"]] == [2, 2]
    assert not list((places.state / "cells").iterdir())  # done: the next run is a new one
    assert schemas_in(database) == []


def test_a_schema_that_a_dead_worker_left_is_no_hindrance(database, monkeypatch):
    if not database:
        pytest.skip(why_not())
    monkeypatch.setenv("DATABASE_URL", database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA cookoff_left")
        connection.execute("CREATE TABLE cookoff_left.larder_schema (version int)")
    with own_database("left") as url:
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
    monkeypatch.setattr(loads, "CAPACITY_REQUESTS", 100)
    monkeypatch.setattr(loads, "LEAD_SECONDS", 0.5)
    monkeypatch.setattr(at_rate, "TRIES", 1)
    taken = []
    merged = shards.merged

    def noted(outcomes):
        taken.append((list(outcomes), merged(outcomes)))
        return taken[-1][1]

    monkeypatch.setattr(loads, "merged", noted)
    wanted = sending.Wanted(page_called("plaintext"), 30, None, 1, 1.0)
    part = sending.sent(workers, [environment_of("bare")], places, "", wanted, "127.0.0.1")
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


def test_a_site_on_the_loopback_address_is_no_goal_for_another_machine():
    crew = SimpleNamespace(machines={"tcp://10.0.0.7:1": "another"})
    loads.require_reach(crew, "10.0.0.1")
    with pytest.raises(Misuse, match=r"tcp://10\.0\.0\.7:1 on another machine cannot reach"):
        loads.require_reach(crew, "127.0.0.1")


@pytest.mark.parametrize("host", ["0.0.0.0", "soup", "::1"])
def test_sites_listen_on_one_address_that_workers_can_be_told(host):
    with pytest.raises(Misuse, match=r"IPv4 address|one address of this machine"):
        loads.require_reach(SimpleNamespace(machines={}), host)


def test_a_round_that_is_kept_is_not_sent_again(tmp_path, monkeypatch):
    crew = SimpleNamespace(fit=lambda: ["one", "other"], checkout={})
    sent = []

    def done(self, cells):
        sent.extend(cells)
        return [{"found": shards.as_dict(outcome(1, 2))} for _ in cells]

    monkeypatch.setattr(loads.Shards, "done", done)
    site = SimpleNamespace(name="bare", address=("127.0.0.1", 8000))
    for attempt in (0, 0, 1):
        source = loads.Shards(crew, Kept(tmp_path))
        taken = Round(site, page_called("menu"), 50, 1.0, number=3, attempt=attempt)
        assert source.run(taken).answered == 4
    assert len(sent) == 4
    assert {one.inputs["rate"] for one in sent} == {25}
    assert len({one.inputs["seed"] for one in sent}) == 2
    assert sent[0].inputs["starts_at"] == sent[1].inputs["starts_at"]


def outcome(*milliseconds):
    found = Outcome(due=len(milliseconds) + 1, answered=len(milliseconds), failed=1, seconds=1.5)
    for one in milliseconds:
        record(found.latency, one / 1000)
        record(found.lateness, 0.0001)
    return found


def test_an_outcome_travels_whole_and_histograms_add_up():
    travelled = [
        shards.from_dict(json.loads(json.dumps(shards.as_dict(one))))
        for one in (outcome(1, 2, 3), outcome(40))
    ]
    whole = shards.merged(travelled)
    assert (whole.due, whole.answered, whole.failed, whole.seconds) == (6, 4, 2, 1.5)
    assert whole.latency.total_count == whole.lateness.total_count == 4
    assert whole.latency.get_value_at_percentile(50) == pytest.approx(2000, rel=0.01)
    assert whole.latency.get_value_at_percentile(100) == pytest.approx(40_000, rel=0.01)


@pytest.mark.parametrize(("seconds", "believed"), [(0.05, True), (0.5, False)])
def test_a_round_whose_shards_did_not_begin_together_is_rejected(seconds, believed):
    whole = shards.merged([outcome(1, 2, 3), shards.delayed(outcome(1, 2, 3), seconds)])
    assert at_rate.late(whole) is not believed


def cell_result(machine, times, failed=()):
    facts = {"id": machine, "facts": {"processor": machine}}
    noise = {"steal": 0.0, "others": 0.0, "load": [1.0, 1.0, 1.0], "noisy": []}
    found = {"times": times, "failed": dict(failed), "noise": noise, "larder": "SQLite 3"}
    return {"found": found, "worker": machine, "began": 0.0, "ended": 1.0, "machine": facts}


def gathered(ready, places, *told):
    """Return what is gathered of a page's cells."""
    ground, pages = timing.ground_of(ready, places, ""), pages_called(["db"])
    cells = costs.cells(ground, pages, Effort(len(told), 2), 1, {})
    found = {cell.key: one for cell, one in zip(cells, told, strict=True) if one}
    return Gathered.of(ground, pages, 1, cells, found)


def launch(baseline, flask):
    return {"bare": [[baseline] * 2], "the twin of bare": [[baseline] * 2], "flask": [[flask] * 2]}


def test_ratios_are_of_all_machines_and_absolute_times_of_one(ready, places):
    quick, slow = launch(1000.0, 2000.0), launch(50_000.0, 100_000.0)
    where = {"a": slow, "b": quick, "b again": quick, "c": slow}
    results = [cell_result(machine[0], times) for machine, times in where.items()]
    told = gathered(ready, places, *results).summary(EFFORT)
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
    told = gathered(ready, places, cell_result("a", well), ill).summary(EFFORT)
    assert told["failed"] == {"flask": "flask: db answered 500"}
    assert "flask" not in told["pages"]["db"]


def test_one_launch_says_nothing(ready, places):
    one = cell_result("a", launch(1.0, 2.0))
    assert gathered(ready, places, one, None).summary(EFFORT) is None
