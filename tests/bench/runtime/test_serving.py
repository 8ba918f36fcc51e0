"""An address stays open and no request is lost while the framework behind it changes."""

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
PACE = {"threads": 3, "pause_seconds": 0.01}  # leaves processor time for the hosts


@pytest.fixture
def environ(places):
    """Environment variables that set the folders of the command."""
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
    """Return a function that runs a command and waits for its end."""

    def run(*arguments):
        return subprocess.run(
            [COOKOFF, *arguments], env=environ, capture_output=True, text=True, timeout=60
        )

    return run


@pytest.fixture
def serve(environ, unused_port):
    """Return a function that serves a framework and returns the process when it is ready."""
    processes = []

    def serve(name, *options):
        arguments = [COOKOFF, "serve", name, "--port", str(unused_port), *options]
        process = subprocess.Popen(
            arguments,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # as on a terminal of its own
        )
        processes.append(process)
        assert process.stdout.readline().endswith(f"http://127.0.0.1:{unused_port}\n")
        return process

    yield serve
    for process in processes:
        process.terminate()
        process.wait()
        process.stdout.close()


@pytest.fixture
def switch(places, unused_port):
    """Return a function that does what `cookoff switch` does, in this process."""
    return functools.partial(control_socket.request_switch, places, unused_port)


@pytest.fixture
def unused_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def fetch_name(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=10) as reply:
        return reply.read().decode().split()[0]


def test_no_request_fails_while_frameworks_take_turns(add_app, switch, serve, unused_port):
    names = ["first", "second", "third"]
    for name in names:
        add_app(name)
    serve("third")
    address = f"http://127.0.0.1:{unused_port}"
    with (
        constant_load(address, **PACE) as on_new_connections,
        constant_load(address, keep_alive=True, **PACE) as on_open_connections,
    ):
        for name in itertools.islice(itertools.cycle(names), SWITCHES):
            assert switch(name) == f"{name} 3.0.2 runs at {address}"
    for tally in (on_new_connections, on_open_connections):
        assert tally.failed == []
        assert tally.answered.total() > SWITCHES * 10
        assert len(tally.answered) == len(names)


def is_listening(process):
    """Return whether a process accepts new connections; an ended process does not."""
    try:
        return any(entry.status == "LISTEN" for entry in process.net_connections())
    except psutil.Error:
        return False


def test_after_a_switch_the_new_framework_gets_every_new_connection(
    add_app, switch, serve, unused_port
):
    add_app("first")
    add_app("second")
    site = psutil.Process(serve("first").pid)
    for name in ("second", "first", "second"):
        switch(name)
        assert [is_listening(host) for host in site.children()].count(True) == 1
        assert {fetch_name(unused_port) for _ in range(20)} == {name}


def test_a_failed_start_keeps_the_old_framework(add_app, cookoff, serve, unused_port):
    add_app("first")
    add_app("broken", app="import no_such_module")
    serve("first")
    process = cookoff("switch", "broken", "--port", str(unused_port))
    assert process.returncode == 3
    assert process.stderr.startswith(
        "cookoff: broken: ModuleNotFoundError: No module named 'no_such"
    )
    assert process.stderr.count("\n") == 1
    assert fetch_name(unused_port) == "first"


def test_a_switch_to_an_unknown_framework_is_a_usage_error(add_app, cookoff, serve, unused_port):
    add_app("first")
    serve("first")
    process = cookoff("switch", "fist", "--port", str(unused_port))
    assert process.returncode == 2
    assert process.stderr == "cookoff: no framework is called 'fist'; did you mean first?\n"
    assert fetch_name(unused_port) == "first"


def test_a_switch_without_a_server_is_reported(cookoff, unused_port):
    process = cookoff("switch", "first", "--port", str(unused_port))
    assert process.returncode == 3
    assert f"no cookoff server runs on port {unused_port}" in process.stderr


def test_a_second_site_on_the_same_port_is_refused(add_app, cookoff, serve, unused_port):
    add_app("first")
    serve("first")
    process = cookoff("serve", "first", "--port", str(unused_port))
    assert process.returncode == 3
    assert process.stderr.startswith(f"cookoff: port {unused_port}: Address already in use;")
    assert process.stderr.count("\n") == 1
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


def test_ctrl_c_lets_a_request_in_progress_finish(add_app, serve, unused_port):
    add_app("first")
    process = serve("first")
    with socket.create_connection(("127.0.0.1", unused_port), timeout=20) as connection:
        connection.sendall(b"GET /?sleep=1 HTTP/1.0\r\n\r\n")
        time.sleep(0.3)
        os.killpg(process.pid, signal.SIGINT)  # a terminal signals the whole group
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


def read_until(process, mark):
    """Return the output of a command up to the line with the mark; kill the command after 30 s."""
    lines, timer = [], threading.Timer(30, process.kill)
    timer.start()
    try:
        for line in process.stdout:
            lines.append(line)
            if mark in line:
                return "".join(lines)
    finally:
        timer.cancel()
    raise AssertionError(f"{mark!r} is not in {lines}")


def fetch_error(port, path="/"):
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10)
    with caught.value as reply:
        return reply.code, reply.read().decode()


def test_a_traceback_is_printed_on_the_terminal_and_written_to_the_named_log(
    add_app, switch, serve, unused_port, places
):
    for name in ("first", "second"):
        add_app(name, app=FAILING)
    process = serve("first")
    for number, name in enumerate(("first", "second", "first")):
        if number:
            switch(name)
        status, body = fetch_error(unused_port)
        assert status == 500
        assert not {"Traceback", "oven", "app.py"} & set(body.replace(":", " ").split())
        output = read_until(process, f"ValueError: no oven in {name}")
        assert "Traceback (most recent call last):" in output
        log = places.prepare_log_path(f"serve-{name}")
        assert f"errors are printed here and logged to {log}\n" in output
        assert f"ValueError: no oven in {name}" in log.read_text()


def test_control_characters_are_escaped(add_app, serve, unused_port):
    add_app("first", app=FAILING)
    process = serve("first")
    fetch_error(unused_port, "/odd")
    assert "odd \\x1b[31mred\n" in read_until(process, "red")


def test_the_log_of_an_earlier_run_is_not_printed_again(add_app, serve, unused_port, places):
    add_app("first", app=FAILING)
    places.prepare_log_path("serve-first").write_text("ValueError: yesterday\n")
    process = serve("first")
    fetch_error(unused_port)
    process.send_signal(signal.SIGINT)
    output = process.stdout.read()
    assert "no oven" in output
    assert "yesterday" not in output


def test_the_server_ends_with_a_message_when_its_host_dies(add_app, serve):
    add_app("first")
    process = serve("first")
    psutil.Process(process.pid).children()[0].kill()
    assert process.wait(10) == 3
    assert "first ended with exit code -9" in process.stdout.read()


def test_a_failed_start_of_the_server_is_reported(add_app, cookoff, unused_port, places):
    add_app("broken", app="import no_such_module")
    process = cookoff("serve", "broken", "--port", str(unused_port))
    assert process.returncode == 3
    assert "No module named 'no_such_module'" in process.stderr
    assert list(places.state.glob("*.sock")) == []


def wait_for_line(process, text):
    """Read the output up to a line with this text, and return the line."""
    for line in process.stdout:
        if text in line:
            return line
    raise AssertionError(f"no line with {text!r}")


def test_a_change_of_the_code_is_served_and_a_mistake_keeps_the_old_site(
    add_app, serve, places, unused_port
):
    add_app("first")
    file = places.apps / "first" / "app.py"
    code = file.read_text()
    process = serve("first", "--reload")
    assert fetch_name(unused_port) == "first"

    file.write_text(code.replace("def create_app(settings):", "def create_app(settings)"))
    wait_for_line(process, "app.py changed")
    assert "SyntaxError" in wait_for_line(process, "the site before the change still answers")
    assert fetch_name(unused_port) == "first"

    file.write_text(code.replace("settings.framework", "'changed'"))
    wait_for_line(process, "app.py changed")
    wait_for_line(process, "first 3.0.2 runs at")
    assert fetch_name(unused_port) == "changed"
