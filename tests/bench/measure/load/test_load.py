"""The load comes when it should, whatever the server does, and says when it could not."""

import selectors
import shutil
import socket
import threading
from itertools import pairwise

import pytest

from bench.core.errors import CookoffError, DependencyError, UsageError
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.measure.load import closed_loop, open_loop_generator, sources, wrk
from bench.measure.load import open_loop as at_rate
from bench.measure.load.generator_capacity import capacity_rps
from bench.measure.load.open_loop_generator import LoadGenerator, schedule
from bench.measure.load.targets import find_loadable_page
from bench.measure.workload.testbed import fresh_testbed
from tests.bench.kitchens import bare

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def serve():
    """Return a function that starts a server in a thread, and returns its address.

    It answers nobody before so many requests wait for it, then all of them in a row, and so on.
    """
    listeners, threads = [], []

    def start(together, reply=REPLY):
        listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        listeners.append(listener)
        thread = threading.Thread(target=answer, args=[listener, together, reply])
        threads.append(thread)
        thread.start()
        return listener.getsockname()

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def answer(listener, together, reply):
    """Answer until the listener is shut down."""
    with selectors.DefaultSelector() as selector, listener:
        selector.register(listener, selectors.EVENT_READ)
        waiting, connections = [], []
        while True:
            for key, _ in selector.select():
                if key.fileobj is listener:
                    try:
                        connections.append(listener.accept()[0])
                    except OSError:
                        for one in connections:
                            one.close()
                        return
                    selector.register(connections[-1], selectors.EVENT_READ)
                elif key.fileobj.recv(65536):
                    waiting.append(key.fileobj)
                else:
                    selector.unregister(key.fileobj)
            if len(waiting) >= together:
                for connection in waiting:
                    connection.sendall(reply)
                waiting.clear()


def test_a_server_that_stops_delays_no_request(serve):
    """A generator that waits for a reply before it sends again would never send the fortieth."""
    outcome = LoadGenerator(serve(together=40), REQUEST, schedule(400, 1.0, seed=3)[:80]).run()
    assert outcome.due == 80
    assert (outcome.answered, outcome.wrong, outcome.failed) == (80, 0, 0)
    assert outcome.connections >= 40
    assert outcome.latency.total_count == outcome.lateness.total_count == 80


def test_latency_counts_from_the_intended_moment(serve, monkeypatch):
    """With all due at once, and connections for ten, each ten has waited for those before."""
    taken = []
    monkeypatch.setattr(open_loop_generator, "MAX_CONNECTIONS", 10)
    monkeypatch.setattr(
        open_loop_generator,
        "record_duration",
        lambda into, seconds: taken.append((id(into), seconds)),
    )
    outcome = LoadGenerator(serve(together=10), REQUEST, [0.0] * 50).run()
    latencies = [seconds for into, seconds in taken if into == id(outcome.latency)]
    assert len(latencies) == outcome.answered == 50
    assert latencies == sorted(latencies)


def test_wrong_replies_and_broken_connections_are_counted(serve):
    sour = b"HTTP/1.1 500 Sour\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    outcome = LoadGenerator(serve(1, sour), REQUEST, [0.0] * 5).run()
    assert (outcome.answered, outcome.wrong) == (5, 5)
    no_length = b"HTTP/1.1 200 OK\r\nContent-Length: six\r\n\r\nabc"
    assert LoadGenerator(serve(1, no_length), REQUEST, [0.0] * 3).run().failed == 3
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = listener.getsockname()
    assert LoadGenerator(nobody, REQUEST, [0.0] * 3).run().failed == 3


def test_a_chunked_reply_ends_with_its_last_chunk(serve):
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    assert LoadGenerator(serve(1, chunked), REQUEST, [0.0] * 4).run().answered == 4


def test_a_schedule_is_poissons_and_fixed_in_advance():
    moments = schedule(1000, 10, seed=5)
    assert moments == schedule(1000, 10, seed=5) != schedule(1000, 10, seed=6)
    assert moments == sorted(moments)
    assert abs(len(moments) - 10_000) < 4 * 100  # four standard deviations
    gaps = [b - a for a, b in pairwise(moments)]
    assert 0.33 < sum(gap > 0.001 for gap in gaps) / len(gaps) < 0.41  # 1/e


def test_a_generator_that_is_not_far_quicker_says_so():
    assert at_rate.format_bottleneck_warning(own_rps=5000, quickest_rps=1000) == ""
    assert "the generator reaches 4999/s" in at_rate.format_bottleneck_warning(4999, 1000)


def test_the_generators_capacity_is_measured(places):
    assert capacity_rps(places.log("trivial"), requests=300) > 0


SAID = """Running 1s test @ http://127.0.0.1:1/
  1200 requests in 1.01s, 3.00MB read
{errors}Requests/sec:   1188.12
"""


def test_wrks_words_are_read():
    found = wrk.parse_slice(SAID.format(errors=""), cpu_seconds=0.6, name="bare")
    assert found == wrk.Slice(rps=1188.12, cpu_microseconds=pytest.approx(500))


@pytest.mark.parametrize(
    "errors",
    ["  Non-2xx or 3xx responses: 7\n", "  Socket errors: connect 0, read 3, write 0, timeout 0\n"],
)
def test_errors_under_load_are_never_ranked(errors):
    with pytest.raises(CookoffError, match="bare: under load: "):
        wrk.parse_slice(SAID.format(errors=errors), 0.6, "bare")


def test_missing_wrk_is_said_plainly(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(
        DependencyError, match=r"^wrk is missing; install it \(Debian: apt-get install wrk\)$"
    ):
        wrk.require_wrk()


@pytest.mark.parametrize("name", ["soup", "order-by-form", "photo upload", "not-found"])
def test_only_plain_pages_are_put_under_load(name):
    with pytest.raises(UsageError, match="no page under load is called"):
        find_loadable_page(name)


@pytest.fixture
def ground(tmp_path):
    with fresh_testbed([bare()], Paths(state=tmp_path / "state")) as ground:
        yield ground


@pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed")
def test_throughput_is_told_beside_processor_time(ground, monkeypatch):
    monkeypatch.setattr(closed_loop, "SLICE_SECONDS", 1.0)
    found = closed_loop.measure(ground, find_loadable_page("plaintext"), [1, 4], 2, Progress())
    assert found["failed"] == {}
    for rows in found["connections"].values():
        assert set(rows) == {"bare", "the twin of bare"}
        assert rows["bare"]["rps"] > 0
        assert rows["bare"]["cpu_microseconds"] > 0
    assert [count for count, _ in found["growth"]["bare"]["points"]] == [1, 4]


def test_every_request_of_a_fixed_rate_is_accounted_for(ground, monkeypatch):
    monkeypatch.setattr(sources, "pin_load", lambda: None)
    found = at_rate.measure(ground, find_loadable_page("menu"), 50, None, 2, 1.0, Progress())
    [(name, row)] = found["frameworks"].items()
    assert name == "bare"
    assert row["due"] == row["answered"] + row["unanswered"] > 0
    assert row["wrong"] == 0
    assert row["p999"] is None  # too few requests
    assert [percent for percent, _ in row["curve"]] == sorted(p for p, _ in row["curve"])
