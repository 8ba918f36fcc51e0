"""Find other versions of Python on this machine, and run programs with them."""

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


def find_python(version: str) -> str:
    """Return the path of a Python, such as "3.13"; skip the test where it is not installed."""
    in_pyenv = sorted(str(path) for path in PYENV.glob(f"{version}.*/bin/python"))
    python = in_pyenv[-1] if in_pyenv else shutil.which(f"python{version}")
    if not python:
        pytest.skip(f"Python {version} is not installed")
    return python


def run_with_harness(python: str, folder: Path, *arguments: object) -> str:
    """Run a program that can import the harness, coverage and waitress; return its output.

    coverage's compiled tracer works with one version of Python only, its Python tracer with all.
    """
    (folder / "path").mkdir()
    for package in (coverage, waitress):
        assert package.__file__ is not None
        source = Path(package.__file__).parent
        (folder / "path" / source.name).symlink_to(source)
    environ = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder / "path")]),
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
    }
    if python != sys.executable:
        environ["COVERAGE_CORE"] = "pytrace"
    command = [python, *map(str, arguments)]
    run = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    return run.stdout
