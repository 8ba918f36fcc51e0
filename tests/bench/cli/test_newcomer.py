"""A copied folder is a framework: listed, set up and asked like the others; it fails by name."""

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
    """A copy of Flask's kitchen under another name, on a shelf of its own."""
    folder = shutil.copytree(ROOT / "apps" / "flask", tmp_path / "apps" / "newcomer")
    for neighbour in ("bare", "pages"):
        (tmp_path / "apps" / neighbour).symlink_to(ROOT / "apps" / neighbour)
    facts = folder / "framework.toml"
    facts.write_text(facts.read_text().replace('title = "Flask"', 'title = "The newcomer"'))
    monkeypatch.setenv("COOKOFF_APPS", str(tmp_path / "apps"))
    monkeypatch.setenv("COOKOFF_ENVIRONMENTS", str(tmp_path / "venvs"))
    return folder


def cookoff(*arguments):
    environ = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    return subprocess.run([COOKOFF, *arguments], env=environ, capture_output=True, text=True)


def test_a_newcomer_is_listed_and_asked(newcomer):
    assert "The newcomer" in cookoff("list").stdout
    asked = cookoff("contract", "newcomer", "--feature", "show-the-menu", "--json")
    result = json.loads(asked.stdout)
    assert asked.returncode == 0, asked.stderr
    assert result["clauses"] == result["results"]["newcomer"]["passed"] > 10


def test_a_broken_newcomer_fails_by_name(newcomer):
    app = newcomer / "app.py"
    app.write_text(f"import nothing_of_the_kind\n{app.read_text()}")
    asked = cookoff("contract", "newcomer", "--feature", "report-health")
    assert asked.returncode == 1
    assert "newcomer" in asked.stdout
    assert "nothing_of_the_kind" in asked.stdout
