"""The commands cost and load report bad input on one line, and keep results on Ctrl-C."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from bench.results import raw_times, store

COOKOFF = Path(sys.executable).with_name("cookoff")


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("cost bare --page soup", 2, "no page is called 'soup'; choose from: plaintext, "),
        ("cost bair", 2, "did you mean bare"),
        ("cost bare --baseline soup", 2, "the baseline 'soup' is not among bare"),
        ("cost --diff no.json no.json", 2, "does not exist"),
        ("load bare", 2, "use exactly one of --closed-loop, --rate, --peak-fraction"),
        ("load bare --closed-loop --rate 5", 2, "use exactly one of"),
        ("load bare --rate 0", 2, "'--rate'"),
        ("load bare --closed-loop --page order-by-form", 2, "no page for load tests is called"),
        ("load bare --servers --scaling", 2, "--scaling and --connections need --closed-loop"),
        ("load bare --closed-loop", 3, "wrk is missing"),
        ("load bare --peak-fraction 0.5", 3, "wrk is missing"),
        ("cost bare --instructions", 3, "valgrind is missing"),
        ("cost bare --scaling --cluster tcp://127.0.0.1:1", 2, "--cluster measures only the time"),
        ("cost bare --hardening --page json", 2, "--hardening measures the site: not with --page"),
        (
            "cost bare --hardening --cluster tcp://127.0.0.1:1",
            2,
            "--cluster measures only the time",
        ),
        ("cost bare --plain-links --page json", 2, "--plain-links measures the menu: not with"),
        ("cost bare --plain-links", 2, "no links by name in bare: nothing to measure"),
        (
            "cost flask --plain-links --cluster tcp://127.0.0.1:1",
            2,
            "--cluster measures only the time",
        ),
        ("cost --blame bair", 2, "did you mean bare"),
        ("cost flask --blame bare", 2, "--blame measures one framework; use only --page"),
        ("cost --blame bare --scaling", 2, "--blame measures one framework; use only --page"),
        ("cost --blame bare --page soup", 2, "no page is called 'soup'"),
        ("cost --blame bare --page /é", 2, "not a path: '/é'"),
        ("cost bare --as-taught", 2, "--as-taught works only with --blame FRAMEWORK"),
        ("cost bare --cluster soup", 2, "'soup' is not a scheduler's address"),
        ("cost bare --cluster tcp://127.0.0.1:1", 3, "no scheduler answers at tcp://127.0.0.1:1"),
        (
            "load bare --closed-loop --cluster tcp://127.0.0.1:1",
            2,
            "--cluster needs --rate or --peak-fraction",
        ),
        ("load bare --rate 5 --listen 127.0.0.2", 2, "--listen needs --cluster"),
        ("load bare --rate 5 --cluster tcp://127.0.0.1:1", 3, "no scheduler answers at"),
    ],
)
def test_bad_input_and_missing_tools_are_reported_on_one_line(tmp_path, line, code, message):
    assert_refused(tmp_path, line, code, message)


@pytest.mark.parametrize(
    "line", ["cost bare --cluster tcp://a:1", "load bare --rate 5 --cluster tcp:"]
)
def test_the_error_without_dask_names_the_command_that_installs_it(tmp_path, line):
    patch = "from importlib import util\nfind = util.find_spec\n"
    patch += "util.find_spec = lambda name, *more: None if name == 'distributed' else find(name)\n"
    (tmp_path / "sitecustomize.py").write_text(patch)
    message = "Dask is not installed; run: make cluster"
    assert_refused(tmp_path, line, 3, message, PYTHONPATH=str(tmp_path))


def assert_refused(folder, line, code, message, **environ):
    """Assert that a command ends with this code and message, and writes no results."""
    environ = {**os.environ, "PATH": "/nowhere", **environ}
    environ |= {"COOKOFF_STATE": str(folder), "COOKOFF_REPORT": str(folder / "report")}
    completed = subprocess.run(
        [COOKOFF, *line.split()], env=environ, capture_output=True, text=True, timeout=60
    )
    assert completed.returncode == code
    assert message in completed.stderr
    assert "Traceback" not in completed.stderr
    assert not (folder / "report").exists()


@pytest.fixture
def default_sigint():
    """Restore SIGINT's default handler: a shell that runs the tests with & ignores the signal."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("default_sigint")
def test_ctrl_c_keeps_the_finished_launches(tmp_path):
    environ = {**os.environ, "COOKOFF_STATE": str(tmp_path), "COOKOFF_REPORT": str(tmp_path)}
    command = [COOKOFF, "cost", "bare", "--page", "plaintext"]
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        for line in process.stderr:
            if "launch 3" in line:
                break
        workers = psutil.Process(process.pid).children()
        process.send_signal(signal.SIGINT)
        output = process.stderr.read()
    assert process.returncode == 130
    assert "timing interrupted; stored: 2 launches" in output
    assert "Traceback" not in output
    assert store.read_results(tmp_path / "results.json").cost.launches == 2
    times = raw_times.read_raw_times(tmp_path / "cost-blocks.json.gz")["times"]["plaintext"]
    assert {len(launches) for launches in times.values()} == {2}
    assert not psutil.wait_procs(workers, timeout=10)[1]
