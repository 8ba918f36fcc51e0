"""Other versions of Python on this machine, and programs that run under them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import coverage
import pytest
import waitress

from bench.core.paths import ROOT

PYENV = Path.home() / ".pyenv" / "versions"


def python_called(version):
    """Return the path of a Python, such as "3.13"; skip the test where it is not installed."""
    found = sorted(str(one) for one in PYENV.glob(f"{version}.*/bin/python"))
    path = shutil.which(f"python{version}")
    if not (found or path):
        pytest.skip(f"Python {version} is not installed")
    return found[-1] if found else path


def run_with_harness(python, folder, *arguments):
    """Run a program with the harness, coverage and waitress to import; return what it printed.

    coverage's compiled tracer belongs to one Python; its tracer in Python runs under each.
    """
    (folder / "path").mkdir()
    for package in (coverage, waitress):
        source = Path(package.__file__).parent
        (folder / "path" / source.name).symlink_to(source)
    environ = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder / "path")]),
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
    }
    if python != sys.executable:
        environ["COVERAGE_CORE"] = "pytrace"
    command = [python, *map(str, arguments)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout
