"""A site that does not start, sends wrong replies, dies or hangs does not stop the other sites."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from bench.core.errors import CookoffError, UsageError
from bench.core.progress import Progress
from bench.frameworks import environments
from bench.frameworks.server_environments import Server, module_command
from bench.measure.load import closed_loop, open_loop, open_loop_generator, servers, sources, wrk
from bench.measure.load.targets import Target, find_loadable_page, validate_targets
from bench.measure.workload.testbed import fresh_testbed

NEEDS_WRK = pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed")
HEALTHY = """
def create_app(settings):
    def application(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "13")])
        return [b"Hello, World!"]

    return application
"""
FAULTS = {
    "does not start": "raise RuntimeError('no oven')",
    "no module": "import no_such_module",
    "another body": HEALTHY.replace("Hello", "Howdy"),
    "another status": HEALTHY.replace("200 OK", "500 Failed"),
    "dies at the first request": HEALTHY.replace("start_response(", "__import__('os')._exit(3); ("),
    "dies under load": HEALTHY.replace(
        "start_response(", "calls.append(1); len(calls) > 9 and __import__('os')._exit(3)\n"
        "        start_response(", 1,
    ) + "\n\ncalls = []\n",
}  # fmt: skip
PAGE = find_loadable_page("plaintext")


@pytest.fixture
def testbed_with(places, add_app, tiny_environment):
    """Return a function that makes a testbed of a faulty baseline and a healthy framework."""
    opened = []

    def make_testbed(fault):
        apps = {"faulty": fault, "healthy": HEALTHY}
        ready = [
            environments.ensure_environment(
                add_app(name, tiny_environment, techempower=code), places
            )
            for name, code in apps.items()
        ]
        opened.append(fresh_testbed(ready, places, "faulty"))
        return opened[-1].__enter__()

    yield make_testbed
    for testbed in opened:
        testbed.__exit__(None, None, None)


def measure_closed(testbed):
    part = closed_loop.measure(testbed, PAGE, [2], 2, Progress())
    return part, part.connections["2"]


def measure_open(testbed):
    part = open_loop.measure(testbed, PAGE, 40, None, 2, 0.5, Progress())
    return part, part.frameworks


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("measure", [pytest.param(measure_closed, marks=NEEDS_WRK), measure_open])
def test_a_baseline_that_fails_stops_no_other_framework(
    testbed_with, measure, fault, monkeypatch, capsys
):
    monkeypatch.setattr(sources, "pin_load", lambda: None)
    monkeypatch.setattr(sources, "capacity_rps", lambda log: 10_000)
    monkeypatch.setattr(open_loop_generator, "REPLY_TIMEOUT_SECONDS", 1.0)
    part, rows = measure(testbed_with(fault))
    assert set(rows) == {"healthy"}
    assert part.baseline == "healthy"
    assert "faulty" in part.failed
    assert all(reason.startswith(f"{name}: ") for name, reason in part.failed.items())
    errors = capsys.readouterr().err
    assert "cookoff: not ranked: faulty: " in errors
    assert "the baseline faulty failed; the new baseline is healthy" in errors


@NEEDS_WRK
def test_when_all_frameworks_fail_each_is_named_and_the_command_ends(
    testbed_with, monkeypatch, capsys
):
    monkeypatch.setattr(
        "tests.bench.measure.load.test_load_failures.HEALTHY", FAULTS["does not start"]
    )
    with pytest.raises(CookoffError, match="no target is left to measure"):
        measure_closed(testbed_with(FAULTS["no module"]))
    errors = capsys.readouterr().err
    assert "faulty: ModuleNotFoundError" in errors
    assert "healthy: RuntimeError: no oven" in errors


@NEEDS_WRK
def test_a_server_that_fails_stops_no_other_server(testbed_with, monkeypatch):
    missing = Server("waitress", ("{environment}/bin/no-such-program",))
    other = Server("other", module_command("bench.agent.server_entrypoint", "waitress", "{port}"))
    monkeypatch.setattr(servers, "SERVERS", (missing, other))
    part = servers.measure(testbed_with(FAULTS["another status"]), PAGE, 2, Progress())
    assert set(part.failed) == {
        "faulty on waitress", "faulty on other", "faulty", "healthy on waitress",
    }  # fmt: skip
    assert "No such file" in part.failed["healthy on waitress"]
    assert set(part.frameworks) == {"healthy"}
    row = part.frameworks["healthy"]["other"]
    assert row.rps > 0
    assert (row.ratio, row.low, row.high) == (None, None, None)


@pytest.fixture
def pretend_wrk(tmp_path, monkeypatch):
    """Return a function that puts a script on the path in place of wrk."""

    def pretend(script):
        file = tmp_path / "wrk"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        monkeypatch.setattr(wrk, "MARGIN_SECONDS", -0.5)

    return pretend


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exec sleep 30", "site: wrk did not end within 0.5 s"),
        ("echo unable to connect >&2; exit 1", "site: wrk: unable to connect"),
        ("echo", "site: no request was answered under load"),
        ("echo '  5 requests in 1s'; echo Requests/sec: 0.00", "no request was answered"),
    ],
)
def test_a_failure_of_wrk_is_reported_in_one_line(pretend_wrk, script, reason):
    pretend_wrk(script)
    site = Target("site", "http://127.0.0.1:1", lambda: [])
    with pytest.raises(CookoffError, match=reason):
        wrk.measure_slice(site, "/", 1, 1.0)


def test_a_server_that_has_ended_is_reported_in_one_line():
    with subprocess.Popen(["true"]) as process:
        ended = psutil.Process(process.pid)
    site = Target("site", "http://127.0.0.1:1", lambda: [ended])
    with pytest.raises(CookoffError, match="site: the server has ended"):
        site.read_cpu_seconds()


def test_the_command_ranks_the_remaining_framework_and_ends_with_1(
    add_app, tiny_environment, places, tmp_path
):
    for name, code in (("faulty", FAULTS["does not start"]), ("healthy", HEALTHY)):
        add_app(name, tiny_environment, techempower=code)
    line = (
        "load faulty healthy --rate 40 --seconds 0.5 --rounds 2 --page plaintext --baseline faulty"
    )
    where = {"APPS": places.apps, "ENVIRONMENTS": places.environments, "STATE": places.state}
    where["REPORT"] = tmp_path / "report"
    done = subprocess.run(
        [Path(sys.executable).with_name("cookoff"), *line.split()],
        env=os.environ | {f"COOKOFF_{name}": str(path) for name, path in where.items()},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "not ranked: faulty: RuntimeError: no oven" in done.stdout
    ranked = [row.split()[0] for row in done.stdout.splitlines() if " 40.0 " in row]
    assert ranked == ["healthy"]
    stored = json.loads((tmp_path / "report" / "results.json").read_text())["open_loop"]
    assert (stored["baseline"], list(stored["frameworks"])) == ("healthy", ["healthy"])


def test_a_missing_target_is_not_the_baseline():
    with pytest.raises(CookoffError, match="no target is left"):
        validate_targets({}, PAGE, "bare", {})


def test_an_address_of_another_machine_is_a_usage_error(testbed_with, monkeypatch):
    monkeypatch.setattr(sources, "pin_load", lambda: None)
    with pytest.raises(UsageError, match="is not an address of this machine"):
        open_loop.measure(
            testbed_with(HEALTHY), PAGE, 5, None, 2, 1.0, Progress(), host="192.0.2.1"
        )
