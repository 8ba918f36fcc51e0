"""A command has its time, and no process outlives those who ended it."""

import ast
import os
import subprocess
import time

import psutil
import pytest

from bench.conformance import contract
from bench.core.errors import CookoffError
from bench.core.paths import ROOT
from bench.core.processes import ProcessTree, TimeLimitError, find_descendants, run_command
from bench.frameworks import environments
from bench.frameworks.environments import EnvironmentBuildError
from bench.measure.load import wrk
from bench.measure.load.servers import guarded_process
from bench.measure.load.targets import Target
from tests.bench.families import COMMAND, end, is_alive, left_of, living, pids_in, python


@pytest.fixture
def parent():
    """A family, and the process ids of all its members by how they came to be."""
    family = ProcessTree(COMMAND, os.environ, {"stdout": subprocess.PIPE, "text": True})
    pids = pids_in(family.process.stdout.readline())
    yield family, pids
    end(pids)
    family.process.wait()
    family.process.stdout.close()


def test_a_family_ends_however_its_members_were_started(parent):
    family, pids = parent
    family.end()
    assert left_of(pids) == []


@pytest.mark.parametrize("waited_for", [False, True])
def test_a_family_ends_when_its_first_process_is_dead_already(parent, waited_for):
    family, pids = parent
    family.process.kill()
    if waited_for:
        family.process.wait()
    family.end()
    assert left_of(pids) == []


def test_a_family_that_ended_can_be_ended_again(parent):
    family, _ = parent
    family.end()
    family.end()
    assert family.process.returncode == -9


def test_ending_one_family_leaves_others_alone(parent):
    _, pids = parent
    other = ProcessTree(["sleep", "60"], os.environ, {})
    other.kill()
    assert left_of({"other": other.process.pid}) == []
    assert living(pids) == sorted(pids)


def test_a_command_that_takes_too_long_is_ended_and_told_in_one_line():
    command = ["sh", "-c", "sleep 61 & exec sleep 61"]
    with pytest.raises(TimeLimitError) as told:
        run_command(command, 0.5, "the nap", "sleep less")
    assert str(told.value) == "the nap did not end within 0.5 s; sleep less"
    naps = [one for one in psutil.process_iter() if one.name() == "sleep" and is_alive(one.pid)]
    assert ["sleep", "61"] not in [one.cmdline() for one in naps]


def test_a_command_gives_its_output_and_its_code():
    done = run_command(["sh", "-c", "echo one; echo two >&2; exit 5"], 60, "it", "wait")
    assert (done.stdout, done.stderr, done.returncode) == ("one\n", "two\n", 5)


def test_uv_has_its_time(places, add_app, monkeypatch, tmp_path):
    monkeypatch.setattr(environments, "UV", program(tmp_path / "uv"))
    monkeypatch.setattr(environments, "UV_TIMEOUT_SECONDS", 0.3)
    with pytest.raises(
        EnvironmentBuildError, match=r"^tiny: uv venv did not end within 0.3 s; .*cookoff setup.*$"
    ):
        environments.ensure_environment(add_app("tiny"), places)


def test_a_source_that_is_looked_for_has_its_time(monkeypatch, tmp_path):
    (tmp_path / "source.py").write_text("import time; time.sleep(60)")
    monkeypatch.setattr(environments, "SOURCE_TIMEOUT_SECONDS", 0.3)
    with pytest.raises(TimeLimitError, match=r"^source.py did not end within 0.3 s; "):
        environments.run_source_script.__wrapped__(tmp_path / "source.py")


def test_a_run_of_the_clauses_has_its_time(monkeypatch):
    monkeypatch.setattr(contract, "RUN_TIMEOUT_SECONDS", 0.3)
    report = contract.run_clauses("bare", ["--framework", "bare"])
    assert report.failed_clauses == [contract.WHOLE_RUN]
    (why,) = report.reasons.values()
    assert why.startswith("the run of all clauses did not end within 0.3 s; ")
    assert "cookoff contract bare --feature" in why


def test_wrk_has_its_time(monkeypatch, tmp_path):
    program(tmp_path / "wrk")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(wrk, "MARGIN_SECONDS", -0.7)
    with pytest.raises(CookoffError, match=r"^flask: wrk did not end within 0.3 s; "):
        wrk.measure_slice(Target("flask", "http://127.0.0.1:1", list), "/", 1, 1.0)


def program(path):
    """Make a program that hangs."""
    path.write_text("#!/bin/sh\nexec sleep 60\n")
    path.chmod(0o700)
    return path


STARTS = {"run", "call", "check_call", "check_output", "Popen", "system", "popen", "fork"}


def test_every_command_goes_through_what_limits_its_time():
    """bench/core/processes.py alone starts processes, and answers for how they end."""
    found = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "bench").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and getattr(node.func.value, "id", "") in ("subprocess", "os")
        and node.func.attr in STARTS
    }
    assert found == {"bench/core/processes.py"}


SERVER = """
import os, time
if os.fork() == 0 or os.fork() == 0:
    os.setsid()
print(os.getpid(), flush=True)
time.sleep(60)
"""


@pytest.fixture
def server(tmp_path):
    """A server's log, and a function that returns its master's and its workers' process ids."""
    log = tmp_path / "log"

    def pids():
        deadline = time.monotonic() + 20
        while len(found := log.read_text().split()) < 3:
            assert time.monotonic() < deadline
        return dict(zip("abc", map(int, found), strict=True))

    yield log, pids
    end(pids())


def test_a_server_whose_master_dies_leaves_no_workers(server):
    log, pids = server
    with guarded_process([*COMMAND[:2], SERVER], os.environ, log) as guard:
        found = pids()
        master = next(one for one in find_descendants(guard.pid) if one.ppid() == guard.pid)
        master.kill()
        assert guard.wait(20) == -9 % 256
        assert left_of(found) == []


def test_a_server_ends_with_the_measurement(server):
    log, pids = server
    with guarded_process([*COMMAND[:2], SERVER], os.environ, log) as guard:
        found = pids()
        assert guard.poll() is None
    assert left_of(found) == []


def test_a_server_ends_with_a_harness_that_is_killed(server):
    log, pids = server
    code = (
        "import os, sys, time; from pathlib import Path\n"
        "from bench.measure.load.servers import guarded\n"
        "with guarded([sys.executable, '-c', sys.argv[1]], os.environ, Path(sys.argv[2])):\n"
        "    print('ready', flush=True); time.sleep(60)\n"
    )
    with python(code, SERVER, log, cwd=ROOT) as harness:
        harness.stdout.readline()
        found = pids()
        harness.kill()
    assert left_of(found) == []
