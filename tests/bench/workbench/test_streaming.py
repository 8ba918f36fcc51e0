"""Large uploads and exports pass the stage in pieces, and many requests leave nothing behind."""

import tracemalloc

import httpx
import psutil
import pytest

import shared_db
from bench.conformance.differential.http_client import HttpSession, Request
from bench.conformance.differential.sites import create_seed
from bench.conformance.pictures import PNG
from bench.core.paths import Paths
from tests.bench.kitchens import environment_of
from tests.bench.workbench.running import running_workbench

# The tests share one workbench, and use it one after another.
pytestmark = pytest.mark.xdist_group("workbench streaming")

ORDERS = 16_000  # more than 1 MiB
EXCHANGES = 60  # kept in this test
MIB = 1024 * 1024
GUEST = "guest"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """Run bare on stage, and Bottle, with many orders in the database; ada is signed in."""
    folder = tmp_path_factory.mktemp("seed")
    seed = create_seed(folder)
    shared_db.scale(f"sqlite:///{seed}", orders=ORDERS)
    environments = [environment_of("bare"), environment_of("bottle")]
    with running_workbench(environments, Paths.from_environ(), seed=seed) as running:
        session = HttpSession(running.stage_origin)
        session.send(Request(GUEST, "GET", "/login"))
        fields = {"username": "ada", "password": "leek-and-potato"}
        assert session.send(Request(GUEST, "POST", "/login", fields=fields)).status == 303
        running.session = session
        running.settle(2)
        yield running
        session.connection.close()


def test_an_export_passes_in_pieces_and_is_compared_as_a_whole(running):
    number = running.count + 1
    tracemalloc.start()
    sizes = []
    with httpx.stream("GET", f"{running.stage_origin}/kitchen/orders.csv") as reply:
        for piece in reply.iter_raw():
            sizes.append(len(piece))
    running.settle(number)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(sizes) > MIB
    assert len(sizes) > 10
    # Of each site's reply 1 MiB is kept, and copied a few times while it is stored.
    assert peak < 24 * MIB
    exchange = running.workbench.exchanges.exchanges[number]
    assert not exchange.differences
    outcomes = running.workbench.exchanges.read_outcomes(number)
    assert all(outcome.is_cut for outcome in outcomes.values())
    assert {outcome.body_bytes for outcome in outcomes.values()} == {sum(sizes)}


def test_a_photo_of_2_mib_reaches_every_site(running):
    running.session.send(Request(GUEST, "GET", "/dishes/4"))
    photo = PNG.ljust(2 * MIB, b"\0")
    upload = Request(GUEST, "POST", "/kitchen/dishes/4/photo", fields={}, photo=photo)
    number = running.count + 1
    assert running.session.send(upload).status == 303
    running.settle(number)
    assert not running.workbench.exchanges.exchanges[number].differences
    running.session.send(Request(GUEST, "GET", "/dishes/4"))
    reply = running.session.send(Request(GUEST, "GET", "/photos/{photo}"))
    assert reply.body == photo
    running.settle(number + 2)
    assert not running.workbench.exchanges.exchanges[number + 2].differences


def test_an_upload_that_is_too_large_is_answered(running):
    def pieces():
        for _ in range(12):
            yield b"x" * MIB

    headers = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(12 * MIB)}
    number = running.count + 1
    reply = running.stage.post("/kitchen/dishes/4/photo", content=pieces(), headers=headers)
    assert reply.status_code in (400, 403, 413)
    running.settle(number)
    assert running.workbench.exchanges.exchanges[number].is_mirrored is False


def test_many_requests_leave_memory_and_files_where_they_were(running, monkeypatch):
    monkeypatch.setattr("bench.workbench.exchanges.MAX_EXCHANGES", EXCHANGES)
    process = psutil.Process()
    for size in (2 * EXCHANGES, 2 * EXCHANGES):
        before = process.memory_info().rss, process.num_fds()
        for number in range(size):
            running.stage.get("/static/favicon.svg" if number % 4 else "/health")
        running.settle(running.count)
    after = process.memory_info().rss, process.num_fds()
    assert after[0] - before[0] < 8 * MIB
    assert after[1] - before[1] < 5
    assert len(running.workbench.exchanges.exchanges) == EXCHANGES
    kept = len(list((running.workbench.folder / "exchanges").iterdir()))
    assert kept == 2 * EXCHANGES
