"""The generator sends each request when it is due, and reports its own lateness."""

import selectors
import shutil
import socket
import subprocess
import sys
import threading
from itertools import pairwise

import psutil
import pytest

from bench.core.errors import CookoffError, DependencyError, UsageError
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.measure.load import closed_loop, open_loop, open_loop_generator, sources, wrk
from bench.measure.load.generator_capacity import capacity_rps
from bench.measure.load.open_loop_generator import LoadGenerator, schedule
from bench.measure.load.targets import Target, find_loadable_page
from bench.measure.workload.testbed import fresh_testbed
from tests.bench.kitchens import bare

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def serve():
    """Return a function that starts a server in a thread, and returns its address.

    The server waits until `together` requests have arrived, answers all of them, and waits again.
    """
    listeners, threads = [], []

    def start(together, reply=REPLY):
        listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        listeners.append(listener)
        thread = threading.Thread(target=answer_requests, args=[listener, together, reply])
        threads.append(thread)
        thread.start()
        return listener.getsockname()

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def answer_requests(listener, together, reply):
    """Answer requests until the listener is shut down."""
    with selectors.DefaultSelector() as selector, listener:
        selector.register(listener, selectors.EVENT_READ)
        waiting, connections = [], []
        while True:
            for key, _ in selector.select():
                if key.fileobj is listener:
                    try:
                        connections.append(listener.accept()[0])
                    except OSError:
                        for connection in connections:
                            connection.close()
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
    result = LoadGenerator(serve(together=40), REQUEST, schedule(400, 1.0, seed=3)[:80]).run()
    assert result.due == 80
    assert (result.answered, result.wrong, result.failed) == (80, 0, 0)
    assert result.connections >= 40
    assert result.latency.total_count == result.lateness.total_count == 80


def test_latency_counts_from_the_due_time(serve, monkeypatch):
    """With ten connections and all requests due at once, each ten wait for the ten before."""
    durations = []
    monkeypatch.setattr(open_loop_generator, "MAX_CONNECTIONS", 10)
    monkeypatch.setattr(
        open_loop_generator,
        "record_duration",
        lambda histogram, seconds: durations.append((id(histogram), seconds)),
    )
    result = LoadGenerator(serve(together=10), REQUEST, [0.0] * 50).run()
    latencies = [seconds for histogram, seconds in durations if histogram == id(result.latency)]
    assert len(latencies) == result.answered == 50
    assert latencies == sorted(latencies)


def test_wrong_replies_and_broken_connections_are_counted(serve):
    error_reply = b"HTTP/1.1 500 Sour\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    result = LoadGenerator(serve(1, error_reply), REQUEST, [0.0] * 5).run()
    assert (result.answered, result.wrong) == (5, 5)
    no_length = b"HTTP/1.1 200 OK\r\nContent-Length: six\r\n\r\nabc"
    assert LoadGenerator(serve(1, no_length), REQUEST, [0.0] * 3).run().failed == 3
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed_address = listener.getsockname()
    assert LoadGenerator(closed_address, REQUEST, [0.0] * 3).run().failed == 3


def test_a_chunked_reply_ends_with_its_last_chunk(serve):
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    assert LoadGenerator(serve(1, chunked), REQUEST, [0.0] * 4).run().answered == 4


def test_due_times_are_a_poisson_process_fixed_by_the_seed():
    due_times = schedule(1000, 10, seed=5)
    assert due_times == schedule(1000, 10, seed=5) != schedule(1000, 10, seed=6)
    assert due_times == sorted(due_times)
    assert abs(len(due_times) - 10_000) < 4 * 100  # four standard deviations
    gaps = [b - a for a, b in pairwise(due_times)]
    assert 0.33 < sum(gap > 0.001 for gap in gaps) / len(gaps) < 0.41  # 1/e


def test_a_generator_without_headroom_is_reported():
    assert open_loop.format_bottleneck_warning(own_rps=5000, highest_rps=1000) == ""
    assert "the generator reaches 4999/s" in open_loop.format_bottleneck_warning(4999, 1000)


def test_the_capacity_of_the_generator_is_measured(places):
    assert capacity_rps(places.prepare_log_path("null-server"), requests=300) > 0


WRK_OUTPUT = """Running 1s test @ http://127.0.0.1:1/
  1200 requests in 1.01s, 3.00MB read
{errors}Requests/sec:   1188.12
"""


def test_the_output_of_wrk_is_parsed():
    measured = wrk.parse_slice(WRK_OUTPUT.format(errors=""), cpu_seconds=0.6, name="bare")
    assert measured == wrk.Slice(rps=1188.12, cpu_microseconds=pytest.approx(500))


@pytest.mark.parametrize(
    "errors",
    ["  Non-2xx or 3xx responses: 7\n", "  Socket errors: connect 0, read 3, write 0, timeout 0\n"],
)
def test_errors_under_load_raise(errors):
    with pytest.raises(CookoffError, match="bare: under load: "):
        wrk.parse_slice(WRK_OUTPUT.format(errors=errors), 0.6, "bare")


def test_a_missing_wrk_is_reported_with_the_install_command(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(
        DependencyError, match=r"^wrk is missing; install it \(Debian: apt-get install wrk\)$"
    ):
        wrk.require_wrk()


@pytest.mark.parametrize("name", ["soup", "order-by-form", "photo upload", "not-part"])
def test_only_plain_pages_are_put_under_load(name):
    with pytest.raises(UsageError, match="no page for load tests is called"):
        find_loadable_page(name)


@pytest.fixture
def testbed(tmp_path):
    with fresh_testbed([bare()], Paths(state=tmp_path / "state")) as testbed:
        yield testbed


@pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed")
def test_throughput_and_processor_time_are_measured(testbed, monkeypatch):
    monkeypatch.setattr(closed_loop, "SLICE_SECONDS", 1.0)
    part = closed_loop.measure(testbed, find_loadable_page("plaintext"), [1, 4], 2, Progress())
    assert part.failed == {}
    for rows in part.connections.values():
        assert set(rows) == {"bare", "control of bare"}
        assert rows["bare"].rps > 0
        assert rows["bare"].cpu_microseconds > 0
    assert [count for count, _ in part.scaling["bare"].points] == [1, 4]


def test_every_request_at_a_fixed_rate_is_counted(testbed, monkeypatch):
    monkeypatch.setattr(sources, "pin_load", lambda: None)
    part = open_loop.measure(testbed, find_loadable_page("menu"), 50, None, 2, 1.0, Progress())
    [(name, row)] = part.frameworks.items()
    assert name == "bare"
    assert row.scheduled == row.answered + row.unanswered > 0
    assert row.wrong == 0
    assert row.p999_ms is None  # too few requests
    assert [p for p, _ in row.percentiles_ms] == sorted(p for p, _ in row.percentiles_ms)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak memory")
def test_the_peak_memory_of_a_server_is_that_of_all_its_processes():
    script = "memory = bytearray(40 * 2**20); del memory; print('done', flush=True); input()"
    command = [sys.executable, "-c", script]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as one, subprocess.Popen(command, **pipes) as two:
        for process in (one, two):
            process.stdout.readline()
        processes = [psutil.Process(process.pid) for process in (one, two)]
        peak = Target("two", "http://127.0.0.1:1", lambda: processes).read_peak_mib()
        rss = sum(process.memory_info().rss for process in processes) / 2**20
        for process in (one, two):
            process.communicate(b"\n")
    assert peak > 80
    assert peak > rss + 70, "the freed memory counts"
