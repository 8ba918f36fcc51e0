"""A copied folder is a framework: it is listed, set up and tested, and it fails by name."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench.core.paths import ROOT

COOKOFF = Path(sys.executable).with_name("cookoff")


@pytest.fixture
def newcomer(tmp_path, monkeypatch):
    """A copy of Flask's app under another name, in an apps folder of its own."""
    folder = shutil.copytree(ROOT / "apps" / "flask", tmp_path / "apps" / "newcomer")
    for neighbour in ("bare", "pages"):
        (tmp_path / "apps" / neighbour).symlink_to(ROOT / "apps" / neighbour)
    manifest = folder / "framework.toml"
    manifest.write_text(manifest.read_text().replace('title = "Flask"', 'title = "The newcomer"'))
    monkeypatch.setenv("COOKOFF_APPS", str(tmp_path / "apps"))
    monkeypatch.setenv("COOKOFF_ENVIRONMENTS", str(tmp_path / "venvs"))
    return folder


def cookoff(*arguments):
    environ = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    return subprocess.run([COOKOFF, *arguments], env=environ, capture_output=True, text=True)


def test_a_new_folder_is_listed_and_tested(newcomer):
    assert "newcomer" in [line.split()[0] for line in cookoff("list").stdout.splitlines()]
    process = cookoff("contract", "newcomer", "--feature", "show-the-menu", "--json")
    result = json.loads(process.stdout)
    assert process.returncode == 0, process.stderr
    assert result["clauses"] == result["results"]["newcomer"]["passed"] > 10


def test_a_new_folder_that_does_not_start_fails_by_name(newcomer):
    app = newcomer / "app.py"
    app.write_text(f"import nothing_of_the_kind\n{app.read_text()}")
    process = cookoff("contract", "newcomer", "--feature", "report-health")
    assert process.returncode == 1
    assert "newcomer" in process.stdout
    assert "nothing_of_the_kind" in process.stdout
