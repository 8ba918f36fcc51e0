"""Each command has a time limit, and no descendant outlives a killed process."""

import ast
import os
import subprocess
import time

import psutil
import pytest

from bench.conformance import contract
from bench.conformance.clause_progress import WHOLE_RUN
from bench.core.errors import CookoffError
from bench.core.paths import ROOT
from bench.core.processes import ProcessTree, TimeLimitError, find_descendants, run_command
from bench.frameworks import environments, uv_runner
from bench.frameworks.environments import EnvironmentBuildError
from bench.measure.load import wrk
from bench.measure.load.servers import guarded_process
from bench.measure.load.targets import Target
from tests.bench.families import COMMAND, end, is_alive, left_of, living, pids_in, python


@pytest.fixture
def parent():
    """A process tree, and the process ids of its members by the way each was started."""
    tree = ProcessTree(COMMAND, os.environ, {"stdout": subprocess.PIPE, "text": True})
    pids = pids_in(tree.process.stdout.readline())
    yield tree, pids
    end(pids)
    tree.process.wait()
    tree.process.stdout.close()


def test_a_tree_is_killed_however_its_members_were_started(parent):
    tree, pids = parent
    tree.kill()
    assert left_of(pids) == []


@pytest.mark.parametrize("is_reaped", [False, True])
def test_a_tree_is_killed_after_its_first_process_has_ended(parent, is_reaped):
    tree, pids = parent
    tree.process.kill()
    if is_reaped:
        tree.process.wait()
    tree.kill()
    assert left_of(pids) == []


def test_a_killed_tree_can_be_killed_again(parent):
    tree, _ = parent
    tree.kill()
    tree.kill()
    assert tree.process.returncode == -9


def test_killing_a_tree_leaves_other_trees_alone(parent):
    _, pids = parent
    other = ProcessTree(["sleep", "60"], os.environ, {})
    other.kill()
    assert left_of({"other": other.process.pid}) == []
    assert living(pids) == sorted(pids)


def test_a_command_over_its_time_limit_is_killed_and_reported_in_one_line():
    command = ["sh", "-c", "sleep 61 & exec sleep 61"]
    with pytest.raises(TimeLimitError) as raised:
        run_command(command, 0.5, "the nap", "sleep less")
    assert str(raised.value) == "the nap did not end within 0.5 s; sleep less"
    sleeping = [
        process
        for process in psutil.process_iter()
        if process.name() == "sleep" and is_alive(process.pid)
    ]
    assert ["sleep", "61"] not in [process.cmdline() for process in sleeping]


def test_a_command_returns_its_output_and_its_exit_code():
    run = run_command(["sh", "-c", "echo one; echo two >&2; exit 5"], 60, "it", "wait")
    assert (run.stdout, run.stderr, run.returncode) == ("one\n", "two\n", 5)


def test_uv_has_a_time_limit(places, add_app, monkeypatch, tmp_path):
    monkeypatch.setattr(uv_runner, "UV_COMMAND", (program(tmp_path / "uv"),))
    monkeypatch.setattr(uv_runner, "UV_TIMEOUT_SECONDS", 0.3)
    with pytest.raises(
        EnvironmentBuildError, match=r"^tiny: uv venv did not end within 0.3 s; .*cookoff setup.*$"
    ):
        environments.ensure_environment(add_app("tiny"), places)


def test_a_source_script_has_a_time_limit(monkeypatch, tmp_path):
    (tmp_path / "source.py").write_text("import time; time.sleep(60)")
    monkeypatch.setattr(environments, "SOURCE_TIMEOUT_SECONDS", 0.3)
    with pytest.raises(TimeLimitError, match=r"^source.py did not end within 0.3 s; "):
        environments.run_source_script.__wrapped__(tmp_path / "source.py")


def test_a_run_of_all_clauses_has_a_time_limit(monkeypatch):
    monkeypatch.setattr(contract, "RUN_TIMEOUT_SECONDS", 0.3)
    report = contract.run_clauses("bare", ["--framework", "bare"])
    assert report.failed_clauses == [WHOLE_RUN]
    (reason,) = report.reasons.values()
    assert " did not end within 0.3 s; " in reason
    assert "cookoff contract bare --feature" in reason


def test_wrk_has_a_time_limit(monkeypatch, tmp_path):
    program(tmp_path / "wrk")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(wrk, "MARGIN_SECONDS", -0.7)
    with pytest.raises(CookoffError, match=r"^flask: wrk did not end within 0.3 s; "):
        wrk.measure_slice(Target("flask", "http://127.0.0.1:1", list), "/", 1, 1.0)


def program(path):
    """Create a program that hangs."""
    path.write_text("#!/bin/sh\nexec sleep 60\n")
    path.chmod(0o700)
    return path


STARTS = {"run", "call", "check_call", "check_output", "Popen", "system", "popen", "fork"}


def test_only_one_module_starts_processes():
    """bench/core/processes.py limits the time of each process, and kills its descendants."""
    files = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "bench").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and getattr(node.func.value, "id", "") in ("subprocess", "os")
        and node.func.attr in STARTS
    }
    assert files == {"bench/core/processes.py"}


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
        while len(lines := log.read_text().split()) < 3:
            assert time.monotonic() < deadline
        return dict(zip("abc", map(int, lines), strict=True))

    yield log, pids
    end(pids())


def test_a_server_whose_master_dies_leaves_no_workers(server):
    log, pids = server
    with guarded_process([*COMMAND[:2], SERVER], os.environ, log) as guard:
        server_pids = pids()
        master = next(child for child in find_descendants(guard.pid) if child.ppid() == guard.pid)
        master.kill()
        assert guard.wait(20) == -9 % 256
        assert left_of(server_pids) == []


def test_a_server_is_killed_at_the_end_of_the_measurement(server):
    log, pids = server
    with guarded_process([*COMMAND[:2], SERVER], os.environ, log) as guard:
        server_pids = pids()
        assert guard.poll() is None
    assert left_of(server_pids) == []


def test_a_server_is_killed_when_the_harness_is_killed(server):
    log, pids = server
    code = (
        "import os, sys, time; from pathlib import Path\n"
        "from bench.measure.load.servers import guarded_process\n"
        "command = [sys.executable, '-c', sys.argv[1]]\n"
        "with guarded_process(command, os.environ, Path(sys.argv[2])):\n"
        "    print('ready', flush=True); time.sleep(60)\n"
    )
    with python(code, SERVER, log, cwd=ROOT) as harness:
        harness.stdout.readline()
        server_pids = pids()
        harness.kill()
    assert left_of(server_pids) == []
