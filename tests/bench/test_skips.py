"""In CI a skipped test fails, except for the reasons that tests/skips.py allows."""

import os
import re
import subprocess
import sys

import pytest

from bench.core.paths import ROOT
from tests import skips

TESTS = """
import pytest
from tests.conftest import skip_if_source_unavailable
from bench.frameworks.environments import SourceUnavailableError


@pytest.fixture
def chromium():
    pytest.skip("Chromium is missing")


def test_passes():
    pass


def test_lacks_a_browser(chromium):
    pass


@pytest.mark.skipif(True, reason="wrk is not installed")
def test_lacks_a_program():
    pass


@pytest.mark.skip(reason="not finished")
def test_is_switched_off():
    pass


def test_lacks_another_python():
    pytest.skip("Python 3.13 is not installed")


def test_lacks_a_source():
    raise SourceUnavailableError("web2py: no archive today")


def test_needs_the_host():
    pytest.skip("needs the host itself: not with --url")


@pytest.mark.xfail(strict=True)
def test_deviates():
    raise ValueError
"""
MODULE = """
import pytest

pytest.skip("no PostgreSQL", allow_module_level=True)
"""
CONFTEST = """
from tests.conftest import (
    pytest_make_collect_report,
    pytest_runtest_call,
    pytest_runtest_makereport,
)


def pytest_addoption(parser):
    parser.addoption("--url")
"""
BROWSER, PROGRAM = "skipped in CI: Chromium is missing", "skipped in CI: wrk is not installed"
OFF, HOST = "skipped in CI: not finished", "skipped in CI: needs the host itself"


@pytest.fixture
def run(tmp_path):
    """Return a function that runs a test module with a value of CI: the completed process."""
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")

    def run(text, ci, *options):
        (tmp_path / "test_some.py").write_text(text)
        environ = {key: value for key, value in os.environ.items() if key != "CI"}
        environ |= {"PYTHONPATH": str(ROOT)} | ({} if ci is None else {"CI": ci})
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", *options]
        return subprocess.run(
            command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120
        )

    return run


def counts(done):
    """Return the number of tests by outcome."""
    pairs = re.findall(r"(\d+) (\w+)", done.stdout.splitlines()[-1])
    return {outcome.rstrip("s"): int(count) for count, outcome in pairs}


@pytest.mark.parametrize("ci", ["1", "true"])
def test_a_skip_that_is_not_allowed_fails_in_ci(run, ci):
    done = run(TESTS, ci)
    assert done.returncode == 1
    assert counts(done) == {"passed": 1, "error": 3, "failed": 1, "skipped": 2, "xfailed": 1}
    for line in (BROWSER, PROGRAM, OFF, HOST):
        assert line in done.stdout


@pytest.mark.parametrize("ci", [None, "", "0", "false"])
def test_outside_ci_a_skip_is_no_failure(run, ci):
    done = run(TESTS, ci)
    assert done.returncode == 0
    assert counts(done) == {"passed": 1, "skipped": 6, "xfailed": 1}


def test_tests_of_our_host_may_be_skipped_with_another_url(run):
    done = run(TESTS, "1", "--url", "http://127.0.0.1:1")
    assert counts(done) == {"passed": 1, "error": 3, "skipped": 3, "xfailed": 1}
    assert HOST not in done.stdout


def test_a_skipped_module_fails_in_ci(run):
    done = run(MODULE, "1")
    assert done.returncode == 2
    assert "skipped in CI: no PostgreSQL" in done.stdout
    assert run(MODULE, None).returncode == 5  # no test was run


def test_each_allowed_reason_is_used_by_a_test():
    texts = [
        file.read_text()
        for file in (ROOT / "tests").rglob("*.py")
        if file.name not in ("skips.py", "test_skips.py")
    ]
    used = [reason for text in texts for reason in re.findall(r'pytest\.skip\(f?"(.*)"\)', text)]
    used = [reason.replace("{version}", "3.13") for reason in used]
    for pattern in (*skips.ALLOWED, *skips.ALLOWED_ELSEWHERE):
        assert any(re.fullmatch(pattern, reason) for reason in used), pattern


def test_the_ci_script_sets_ci_before_the_tests():
    script = (ROOT / ".ci" / "run").read_text()
    before, _, _ = script.partition("\nmake test")
    assert "\nexport CI=1\n" in before
