"""Tests of one group run on one worker, so that their hosts, browser and database start once."""

import os
import subprocess
import sys

TESTS = """
import pytest

@pytest.mark.xdist_group("kitchen")
@pytest.mark.parametrize("number", range(6))
def test_of_the_group(number):
    pass
"""


def test_the_workers_of_pytest_honour_groups(tmp_path):
    (tmp_path / "test_group.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-v", "-n", "2", "--dist", "loadgroup"]
    variables = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        command, cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout
    # pytest-xdist adds the group to the name; a worker that ignores it gets any of the tests.
    assert done.stdout.count("]@kitchen") >= 6, done.stdout
