"""The command ends without a trace, however it ends, and two of them run side by side."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from bench.core import entrypoints
from bench.core.paths import ROOT
from bench.core.processes import is_alive

# The tests share one workbench, and use it one after another.
pytestmark = pytest.mark.xdist_group("workbench workbench command")


@contextmanager
def started(folder):
    """Start the command with its temporary folders in `folder`; yield it and its address."""
    command = [sys.executable, "-m", "bench", "workbench", "bare", "--port", "0"]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "TMPDIR": str(folder)},
    )  # fmt: skip
    try:
        yield process, process.stdout.readline().split()[1]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def is_open(address):
    """Return whether a port accepts connections."""
    parts = urlsplit(address)
    with socket.socket() as probe:
        return probe.connect_ex((parts.hostname, parts.port)) == 0


def wait_until(condition):
    """Wait until a condition holds, for ten seconds at most; return whether it holds."""
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 0), (signal.SIGHUP, 0), (signal.SIGKILL, -9)],
    ids=["Ctrl-C", "a closed terminal", "kill -9"],
)
def test_the_command_leaves_nothing(tmp_path, number, code):
    with started(tmp_path) as (process, address):
        assert is_open(address)
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) == 2  # the host, and the guard of the folder
        with httpx.stream("GET", f"{address}&".replace("/?", "/events?")):  # an open page
            process.send_signal(number)
            assert process.wait(20) == code
        assert wait_until(lambda: not any(child.is_running() for child in children))
        assert wait_until(lambda: not list(Path(tmp_path).iterdir()))
        assert not is_open(address)


def test_a_frozen_host_of_a_killed_workbench_ends(tmp_path):
    with started(tmp_path) as (process, _):
        children = psutil.Process(process.pid).children(recursive=True)
        (host,) = [child for child in children if entrypoints.HTTP_HOST in child.cmdline()]
        host.suspend()
        process.kill()
        try:
            assert wait_until(lambda: not is_alive(host))
        finally:
            host.kill()
        assert wait_until(lambda: not list(Path(tmp_path).iterdir()))


def test_two_workbenches_run_side_by_side_on_other_ports(tmp_path):
    with started(tmp_path) as (_, first):
        port = str(urlsplit(first).port)
        command = [sys.executable, "-m", "bench", "workbench", "bare", "--port", port]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.returncode == 3
        assert done.stderr.strip().count("\n") == 0
        assert "choose another port with --port" in done.stderr
        with started(tmp_path) as (_, second):
            for address in (first, second):
                with httpx.Client(follow_redirects=True) as client:
                    assert "Workbench" in client.get(address).text
