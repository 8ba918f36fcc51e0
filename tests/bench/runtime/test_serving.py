"""An address stays open, and no request is lost, while the framework behind it changes."""

import functools
import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

from bench.runtime import control_socket
from tests.bench.load import constant_load

COOKOFF = Path(sys.executable).with_name("cookoff")
SWITCHES = 20
PACE = {"threads": 3, "pause_seconds": 0.01}  # so that the hosts, too, get a share of the cores


@pytest.fixture
def environ(places):
    """Environment variables that point the command at these places."""
    return {
        **os.environ,
        "COOKOFF_APPS": str(places.apps),
        "COOKOFF_ENVIRONMENTS": str(places.environments),
        "COOKOFF_STATE": str(places.state),
        "DATABASE_URL": "sqlite:////nowhere",
    }


@pytest.fixture
def add_app(add_app, tiny_environment):
    return functools.partial(add_app, environment=tiny_environment)


@pytest.fixture
def cookoff(environ):
    """Return a function that runs the command to its end."""

    def run(*arguments):
        return subprocess.run(
            [COOKOFF, *arguments], env=environ, capture_output=True, text=True, timeout=60
        )

    return run


@pytest.fixture
def serve(environ, unused_port):
    """Return a function that serves a framework; it gives the process once that answers."""
    started = []

    def serve(name):
        arguments = [COOKOFF, "serve", name, "--port", str(unused_port)]
        process = subprocess.Popen(
            arguments,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # as on a terminal of its own
        )
        started.append(process)
        assert process.stdout.readline().endswith(f"http://127.0.0.1:{unused_port}\n")
        return process

    yield serve
    for process in started:
        process.terminate()
        process.wait()
        process.stdout.close()


@pytest.fixture
def ask_to_switch(places, unused_port):
    """Return a function that does what `cookoff switch` does, without a process of its own."""
    return functools.partial(control_socket.request_switch, places, unused_port)


@pytest.fixture
def unused_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def answer_on(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=10) as reply:
        return reply.read().decode().split()[0]


def test_no_request_fails_while_frameworks_take_turns(add_app, ask_to_switch, serve, unused_port):
    names = ["first", "second", "third"]
    for name in names:
        add_app(name)
    serve("third")
    address = f"http://127.0.0.1:{unused_port}"
    with (
        constant_load(address, **PACE) as on_new_connections,
        constant_load(address, keep_alive=True, **PACE) as on_kept_ones,
    ):
        for name in itertools.islice(itertools.cycle(names), SWITCHES):
            assert ask_to_switch(name) == f"{name} 3.0.2 answers at {address}"
    for tally in (on_new_connections, on_kept_ones):
        assert tally.failed == []
        assert tally.answered.total() > SWITCHES * 10
        assert len(tally.answered) == len(names)


def listens(process):
    """Return whether a process still takes new connections; one that has just ended does not."""
    try:
        return any(one.status == "LISTEN" for one in process.net_connections())
    except psutil.Error:
        return False


def test_after_a_switch_every_new_connection_is_the_new_frameworks(
    add_app, ask_to_switch, serve, unused_port
):
    add_app("first")
    add_app("second")
    site = psutil.Process(serve("first").pid)
    for name in ("second", "first", "second"):
        ask_to_switch(name)
        assert [listens(host) for host in site.children()].count(True) == 1
        assert {answer_on(unused_port) for _ in range(20)} == {name}


def test_a_framework_that_does_not_start_leaves_the_old_one_there(
    add_app, cookoff, serve, unused_port
):
    add_app("first")
    add_app("broken", app="import no_such_module")
    serve("first")
    done = cookoff("switch", "broken", "--port", str(unused_port))
    assert done.returncode == 3
    assert done.stderr.startswith("cookoff: broken: ModuleNotFoundError: No module named 'no_such")
    assert done.stderr.count("\n") == 1
    assert answer_on(unused_port) == "first"


def test_a_switch_to_an_unknown_framework_is_wrong_use(add_app, cookoff, serve, unused_port):
    add_app("first")
    serve("first")
    done = cookoff("switch", "fist", "--port", str(unused_port))
    assert done.returncode == 2
    assert done.stderr == "cookoff: no framework is called 'fist'; did you mean first?\n"
    assert answer_on(unused_port) == "first"


def test_a_switch_where_nothing_is_served_says_so(cookoff, unused_port):
    done = cookoff("switch", "first", "--port", str(unused_port))
    assert done.returncode == 3
    assert f"nothing is served on port {unused_port}" in done.stderr


def test_a_second_site_on_the_same_port_is_refused(add_app, cookoff, serve, unused_port):
    add_app("first")
    serve("first")
    done = cookoff("serve", "first", "--port", str(unused_port))
    assert done.returncode == 3
    assert done.stderr.startswith(f"cookoff: port {unused_port}: Address already in use;")
    assert done.stderr.count("\n") == 1
    assert cookoff("switch", "first", "--port", str(unused_port)).returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_site_leaves_nothing_behind(add_app, serve, unused_port, places, number):
    add_app("first")
    process = serve("first")
    hosts = psutil.Process(process.pid).children()
    process.send_signal(number)
    assert process.wait(10) == 0
    assert [host for host in hosts if host.is_running()] == []
    assert list(places.state.glob("*.sock")) == []


def test_ctrl_c_lets_what_is_being_answered_finish(add_app, serve, unused_port):
    add_app("first")
    process = serve("first")
    with socket.create_connection(("127.0.0.1", unused_port), timeout=20) as connection:
        connection.sendall(b"GET /?sleep=1 HTTP/1.0\r\n\r\n")
        time.sleep(0.3)
        os.killpg(process.pid, signal.SIGINT)  # a terminal tells the whole group
        assert connection.recv(65536).startswith(b"HTTP/1.0 200 OK")
    assert process.wait(10) == 0


def test_a_killed_site_can_be_served_again(add_app, cookoff, serve, unused_port, places):
    add_app("first")
    killed = serve("first")
    hosts = psutil.Process(killed.pid).children()
    killed.kill()
    psutil.wait_procs(hosts, timeout=5)
    assert len(list(places.state.glob("*.sock"))) == 1
    serve("first")
    assert cookoff("switch", "first", "--port", str(unused_port)).returncode == 0


FAILING = """
import sys


def create_app(settings):
    def application(environ, start_response):
        if environ["PATH_INFO"] == "/odd":
            print("odd \\x1b[31mred", file=sys.stderr, flush=True)
        raise ValueError(f"no oven in {settings.framework}")

    return application
"""


def lines_until(process, mark):
    """Return what a command prints until a line holds the mark; it is ended where none does."""
    lines, patience = [], threading.Timer(30, process.kill)
    patience.start()
    try:
        for line in process.stdout:
            lines.append(line)
            if mark in line:
                return "".join(lines)
    finally:
        patience.cancel()
    raise AssertionError(f"{mark!r} never came in {lines}")


def failing_reply(port, path="/"):
    with pytest.raises(urllib.error.HTTPError) as told:
        urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10)
    with told.value as reply:
        return reply.code, reply.read().decode()


def test_the_traceback_of_a_failing_page_is_on_the_terminal_and_in_the_log_it_names(
    add_app, ask_to_switch, serve, unused_port, places
):
    for name in ("first", "second"):
        add_app(name, app=FAILING)
    process = serve("first")
    for number, name in enumerate(("first", "second", "first")):
        if number:
            ask_to_switch(name)
        status, body = failing_reply(unused_port)
        assert status == 500
        assert not {"Traceback", "oven", "app.py"} & set(body.replace(":", " ").split())
        shown = lines_until(process, f"ValueError: no oven in {name}")
        assert "Traceback (most recent call last):" in shown
        log = places.prepare_log_path(f"serve-{name}")
        assert f"errors are shown here and kept in {log}\n" in shown
        assert f"ValueError: no oven in {name}" in log.read_text()


def test_what_a_terminal_would_obey_is_written_out(add_app, serve, unused_port):
    add_app("first", app=FAILING)
    process = serve("first")
    failing_reply(unused_port, "/odd")
    assert "odd \\x1b[31mred\n" in lines_until(process, "red")


def test_a_log_of_an_earlier_run_is_not_shown_again(add_app, serve, unused_port, places):
    add_app("first", app=FAILING)
    places.prepare_log_path("serve-first").write_text("ValueError: yesterday\n")
    process = serve("first")
    failing_reply(unused_port)
    process.send_signal(signal.SIGINT)
    shown = process.stdout.read()
    assert "no oven" in shown
    assert "yesterday" not in shown


def test_a_site_whose_host_dies_ends_and_says_so(add_app, serve):
    add_app("first")
    process = serve("first")
    psutil.Process(process.pid).children()[0].kill()
    assert process.wait(10) == 3
    assert "first ended with code -9" in process.stdout.read()


def test_a_site_that_does_not_start_says_why(add_app, cookoff, unused_port, places):
    add_app("broken", app="import no_such_module")
    done = cookoff("serve", "broken", "--port", str(unused_port))
    assert done.returncode == 3
    assert "No module named 'no_such_module'" in done.stderr
    assert list(places.state.glob("*.sock")) == []
