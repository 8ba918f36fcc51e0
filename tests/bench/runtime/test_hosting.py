"""A host starts or reports the reason, and ends with the process that started it."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from platform import libc_ver

import psutil
import pytest

from bench.core.paths import ROOT
from bench.runtime import process
from bench.runtime.host import listen, running_host, start_host
from bench.runtime.launch_spec import LaunchSpec
from bench.runtime.process import ProcessStartError
from tests.bench.families import is_alive, left_of


def fetch(url):
    with urllib.request.urlopen(url, timeout=10) as reply:
        return reply.read().decode()


def test_a_host_serves_an_application_and_stops(places, add_app, order_here):
    with running_host(order_here(add_app("tiny")), places.prepare_log_path("host")) as host:
        assert fetch(host.url) == "tiny"
        assert host.read_rss_bytes() > 1_000_000
    assert host.process.returncode == 0


def test_an_application_may_be_named_by_module_and_callable(places, add_app):
    framework = add_app("tiny", plain="from wsgiref.simple_server import demo_app as app\n")
    spec = LaunchSpec("tiny", Path(sys.executable), framework.folder, app="plain:app")
    with running_host(spec, places.prepare_log_path("host")) as host:
        assert fetch(host.url).startswith("Hello world!")


HASHES = """
from hashlib import scrypt


def app(environ, start_response):
    scrypt(b"password", salt=b"salt", n=2**14, r=8, p=1)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hashed"]
"""


@pytest.mark.skipif(libc_ver()[0] != "glibc", reason="only glibc has these limits")
def test_a_host_returns_the_memory_of_hashed_passwords(places, add_app):
    framework = add_app("tiny", plain=HASHES)
    spec = LaunchSpec("tiny", Path(sys.executable), framework.folder, app="plain:app")
    with running_host(spec, places.prepare_log_path("host")) as host, ThreadPoolExecutor(8) as pool:
        before = host.read_rss_bytes()
        assert set(pool.map(fetch, [host.url] * 24)) == {"hashed"}
        # Each hash takes 16 MiB, and the host has several threads.
        assert host.read_rss_bytes() - before < 16 * 2**20


def test_the_output_of_an_application_does_not_disturb_the_protocol(places, add_app, order_here):
    noise = "print('{\"error\": 1}', flush=True)\nassert input is not None\n"
    original = (add_app("tiny").folder / "app.py").read_text()
    framework = add_app("noisy", app=noise + original)
    with running_host(order_here(framework), places.prepare_log_path("host")) as host:
        assert fetch(host.url) == "noisy"
    assert '{"error": 1}' in places.prepare_log_path("host").read_text()


@pytest.mark.parametrize(
    ("source", "reason", "limit_seconds"),
    [
        pytest.param("import no_such_module", "No module named 'no_such_module'", 20, id="import"),
        pytest.param(
            "raise RuntimeError('two\\nlines')", "RuntimeError: two lines", 20, id="error"
        ),
        pytest.param("raise SystemExit(5)", "SystemExit: 5", 20, id="exit"),
        pytest.param("import os; os._exit(7)", "ended at once: no output", 20, id="vanished"),
        pytest.param("create_app = dict", "TypeError", 20, id="no-factory"),
        pytest.param(
            "def create_app(settings): return 7", "not a WSGI callable: 7", 20, id="number"
        ),
        pytest.param("import time; time.sleep(60)", "not ready after 1 s", 1, id="slow"),
    ],
)
def test_a_failed_start_reports_its_reason_in_one_line(
    places, add_app, order_here, listener, source, reason, limit_seconds
):
    spec = order_here(add_app("broken", app=source))
    with pytest.raises(ProcessStartError) as caught:
        start_host(spec, listener, places.prepare_log_path("host"), limit_seconds)
    assert str(caught.value).startswith("broken: ")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_interpreter_is_reported(places, listener):
    spec = LaunchSpec("tiny", Path("/no/such/python"))
    with pytest.raises(ProcessStartError, match=r"tiny: .*No such file"):
        start_host(spec, listener, places.prepare_log_path("host"))


def test_a_port_in_use_is_reported_in_one_line(listener):
    port = listener.getsockname()[1]
    with pytest.raises(
        process.DependencyError,
        match=f"^port {port}: Address already in use; choose another port with --port$",
    ):
        listen(port)


PARENT = """
import sys, time
from pathlib import Path
from bench.runtime.host import listen, start_host
from bench.runtime.launch_spec import LaunchSpec
spec = LaunchSpec("tiny", Path(sys.executable), Path(sys.argv[1]), app="plain:app")
listener = listen()
host = start_host(spec, listener, Path(sys.argv[2]))
print(host.pid, listener.getsockname()[1], flush=True)
time.sleep(60)
"""
SLOW = "import time\ndef app(environ, start_response):\n    time.sleep(60)\n    return []\n"


@pytest.fixture
def process_tree(places, add_app):
    """A parent process that has started a host; yield both processes and the port."""
    folder = add_app("tiny", plain=SLOW).folder
    arguments = [sys.executable, "-c", PARENT, str(folder), str(places.prepare_log_path("host"))]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        pid, port = map(int, parent.stdout.readline().split())
        yield parent, psutil.Process(pid), port
        parent.kill()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_a_host_dies_with_its_parent(process_tree, number):
    parent, host, _ = process_tree
    assert host.is_running()
    parent.send_signal(number)
    host.wait(timeout=5)
    assert not host.is_running()


def test_a_host_dies_with_its_parent_during_a_request(process_tree):
    parent, host, port = process_tree
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        time.sleep(0.2)
        parent.kill()
        host.wait(timeout=5)
    assert not host.is_running()


FORKING = """
import os, time
if os.fork() == 0:
    time.sleep(60)
def app(environ, start_response):
    start_response("200 OK", [])
    return []
"""


@pytest.mark.parametrize("how", ["stop", "kill", "dead already"])
def test_forked_processes_end_with_their_host(places, add_app, listener, how):
    folder = add_app("tiny", plain=FORKING).folder
    spec = LaunchSpec("tiny", Path(sys.executable), folder, app="plain:app")
    host = start_host(spec, listener, places.prepare_log_path("host"))
    forked = psutil.Process(host.pid).children()
    assert len(forked) == 1
    if how == "dead already":
        host.process.kill()
        host.process.wait()
    host.stop() if how == "stop" else host.kill()
    psutil.wait_procs(forked, timeout=10)
    assert not is_alive(forked[0].pid)


def test_forked_processes_end_with_the_harness(places, add_app):
    folder = add_app("tiny", plain=FORKING).folder
    arguments = [sys.executable, "-c", PARENT, str(folder), str(places.prepare_log_path("host"))]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        pid, _ = map(int, parent.stdout.readline().split())
        (forked,) = psutil.Process(pid).children()
        parent.kill()
    assert left_of({"host": pid, "forked": forked.pid}) == []
