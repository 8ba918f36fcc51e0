"""The targets of the Makefile that a new user meets."""

import os
import shutil
import subprocess

import pytest

from bench.core.paths import ROOT

# Stands in for python3: it writes a .venv whose pip finds no network.
PYTHON_WITHOUT_NETWORK = """#!/bin/sh
case "$*" in "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;; esac
case "$*" in "-m pip"*) echo "WARNING: {0} while fetching {0}" >&2; exit 1 ;; esac
"""


@pytest.fixture
def make(tmp_path):
    """Return a function that runs make in a folder with the Makefile and locks alone."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "bench" / "requirements", tmp_path / "bench" / "requirements")

    # `make test` sets these variables, with which make prints its folder.
    environ = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL")}

    def run(*arguments):
        return subprocess.run(
            ["make", *arguments],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


@pytest.mark.parametrize(
    ("target", "command"),
    [
        ("report", "report"),
        ("cost", "cost"),
        ("load", "load --closed-loop"),
        ("list", "list"),
        ("serve-flask", "serve flask --port 8000"),
        ("switch-flask", "switch flask --port 8000"),
    ],
)
def test_a_file_with_the_name_of_a_target_does_not_hide_the_target(make, tmp_path, target, command):
    (tmp_path / target).mkdir()
    lines = make("-n", "-o", ".venv/.compare", target).stdout.splitlines()
    assert [line.split() for line in lines] == [[".venv/bin/cookoff", *command.split()]]


def test_side_by_side_without_names_explains_itself_and_installs_nothing(make, tmp_path):
    process = make("side-by-side")
    assert process.returncode == 2
    assert "  make side-by-side FEATURE=place-the-order A=flask B=django\n" in process.stderr
    assert not (tmp_path / ".venv").exists()


def test_every_target_is_described_within_100_columns(make):
    lines = make().stdout.splitlines()
    assert {"setup", "list", "report", "cost", "load"} <= {line.split()[1] for line in lines}
    assert [line for line in lines if len(line) > 100] == []


@pytest.mark.parametrize(
    ("reason", "code", "message"),
    [
        ("NewConnectionError", 3, "no network: the package index cannot be reached; connect, "),
        ("hashes do not match", 1, "WARNING: hashes do not match while fetching"),
    ],
)
def test_a_lost_network_is_one_line_and_another_reason_is_shown(
    make, tmp_path, reason, code, message
):
    python = tmp_path / "python"
    python.write_text(PYTHON_WITHOUT_NETWORK.format(reason))
    python.chmod(0o755)
    process = make(f"PYTHON={python}", "setup")
    first, last = process.stderr.splitlines()
    assert first.startswith(message)
    assert last.endswith(f"Error {code}")
