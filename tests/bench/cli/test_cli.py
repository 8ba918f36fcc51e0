"""Output and exit codes of commands: 0 success, 1 a difference, 2 wrong usage, 3 missing."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench.core.paths import ROOT

COOKOFF = Path(sys.executable).with_name("cookoff")


@pytest.fixture
def cookoff(places):
    """Return a function that runs the command on these paths."""
    environ = {
        **os.environ,
        "COOKOFF_APPS": str(places.apps),
        "COOKOFF_ENVIRONMENTS": str(places.environments),
        "COOKOFF_STATE": str(places.state),
    }

    def run(*arguments, environ_more=None, **more):
        command = [COOKOFF, *arguments]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
        environ_all = environ | (environ_more or {})
        return subprocess.run(command, env=environ_all, text=True, timeout=60, **pipes)

    return run


def test_the_help_lists_the_commands(cookoff):
    process = cookoff("--help")
    assert process.returncode == 0
    for name in ("list", "setup", "serve", "switch", "database", "code", "side-by-side"):
        assert f"\n  {name} " in process.stdout


def test_the_help_does_not_import_commands():
    script = (
        "import sys; from bench.cli.main import cookoff\n"
        "cookoff(['--help'], standalone_mode=False)\n"
        "assert not {'rich', 'pygments', 'bench.cli.common'} & set(sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True).returncode == 0


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("list", 0),
        ("--version", 0),
        ("", 2),
        ("lst", 2),
        ("list --jsn", 2),
        ("setup tinny", 2),
        ("serve tinny", 2),
        ("serve", 2),
        ("switch tiny --port 1", 3),
        ("switch tiny --port x", 2),
        ("code tinny", 2),
        ("code tiny --per-feature colour", 2),
        ("code tiny --per-feature lines --provisions", 2),
        ("code tiny --provisions", 0),
        ("side-by-side sign tiny", 2),
        ("side-by-side sign-in tinny", 2),
        ("side-by-side sign-in", 2),
    ],
)
def test_exit_codes(cookoff, add_app, line, code):
    add_app("tiny")
    process = cookoff(*line.split())
    assert process.returncode == code
    assert "Traceback" not in process.stderr
    assert bool(process.stderr) == bool(code)


def test_the_list_is_plain_text_in_a_pipe(cookoff, add_app):
    add_app("tiny")
    lines = cookoff("list").stdout.splitlines()
    assert lines[0].split()[:3] == ["name", "version", "environment"]
    assert lines[1].split()[0] == "tiny"
    assert "not set up" in lines[1]


def test_the_list_is_a_table_on_a_terminal(cookoff, add_app):
    add_app("tiny")
    reader, terminal = pty.openpty()
    process = cookoff("list", stdout=terminal)
    os.close(terminal)
    assert process.returncode == 0
    output = os.read(reader, 65536).decode()
    os.close(reader)
    assert "┃" in output
    assert "tiny" in output


def test_the_list_is_json_with_json(cookoff, add_app):
    add_app("tiny")
    (row,) = json.loads(cookoff("list", "--json").stdout)
    assert (row["name"], row["deviations"]) == ("tiny", 0)


def test_an_invalid_manifest_is_reported_and_the_other_frameworks_are_listed(cookoff, add_app):
    add_app("tiny")
    (add_app("broken").folder / "framework.toml").write_text("title = 1")
    process = cookoff("list")
    assert process.returncode == 1
    assert re.search(
        r"^cookoff: skipped: .*/broken/framework\.toml:1: 'title': ", process.stderr, re.M
    )
    assert "tiny" in process.stdout


def test_code_is_counted_for_the_site_and_for_each_feature(cookoff, add_app, tiny_environment):
    (add_app("tiny", tiny_environment).folder / "requirements.in").write_text("")
    (row,) = json.loads(cookoff("code", "--json").stdout)
    assert row["python_lines"] > 10
    assert cookoff("code").stdout.splitlines()[1].split()[:2] == ["tiny", "3.0.2"]
    per_feature = cookoff("code", "--per-feature", "lines").stdout.splitlines()
    assert (per_feature[0].split(), len(per_feature)) == (["feature", "tiny"], 26)


def test_provisions_show_the_provider_of_each_need_and_its_lines(cookoff, add_app):
    manifest = add_app("tiny", guard="def check():\n    return True\n").folder / "framework.toml"
    declare = '\n[brings.csrf]\nby = "hand"\ncode = ["guard.py:check"]\n'
    manifest.write_text(manifest.read_text() + declare)
    add_app("silent")
    lines = cookoff("code", "--provisions").stdout.splitlines()
    assert [line.split() for line in lines[:3]] == [
        ["need", "silent", "tiny"], ["sessions"], ["csrf", "hand", "2"],
    ]  # fmt: skip
    _, row = json.loads(cookoff("code", "--provisions", "--json").stdout)
    assert row["name"] == "tiny"
    assert row["provisions"]["csrf"]["provider"] == "hand"
    assert row["provisions"]["csrf"]["lines"] == 2
    manifest.write_text(manifest.read_text().replace("guard.py:check", "guard.py:chekc"))
    process = cookoff("code", "--provisions")
    assert process.returncode == 1
    assert "tiny/framework.toml: brings.csrf: guard.py does not define chekc" in process.stderr


def test_a_framework_without_an_environment_is_skipped_by_name(cookoff, add_app):
    add_app("lockless").lock.unlink()
    process = cookoff("code", "--per-feature", "names")
    assert process.returncode == 3
    assert "cookoff: skipped: lockless: no lock at" in process.stderr


def test_a_feature_without_a_handler_in_one_framework_is_a_difference(cookoff, add_app, tmp_path):
    add_app("first", pages='def show():\n    """Show the cart."""\n')
    add_app("second")
    assert cookoff("side-by-side", "show-the-cart", "first").returncode == 0
    process = cookoff("side-by-side", "show-the-cart", "first", "second")
    assert process.returncode == 1
    assert "--- second: no handler" in process.stdout
    page = tmp_path / "page.html"
    assert cookoff("side-by-side", "all", "first", "--html", str(page)).returncode == 1
    assert page.read_text().startswith("<!DOCTYPE html>")


def test_setup_reports_a_failed_build_and_builds_the_other_environments(cookoff, add_app, places):
    add_app("tiny")
    add_app("lockless").lock.unlink()
    process = cookoff("setup")
    assert process.returncode == 3
    assert "cookoff: lockless: no lock at" in process.stderr
    assert "tiny: built in" in process.stdout
    assert cookoff("setup", "tiny").stdout == "tiny: ready\n"
    shutil.rmtree(places.environments / "tiny")
    assert "tiny: built in" in cookoff("setup", "tiny").stdout


def test_a_lost_network_is_one_line_for_all_environments(cookoff, add_app, tmp_path):
    add_app("first")
    add_app("second")
    add_app("lockless").lock.unlink()
    process = cookoff(
        "setup", environ_more={"UV_OFFLINE": "1", "UV_CACHE_DIR": str(tmp_path / "uv")}
    )
    assert process.returncode == 3
    network, lock = process.stderr.splitlines()
    assert network.startswith(
        "cookoff: no network: these environments are not built: first, second;"
    )
    assert network.endswith("; connect, then run: cookoff setup")
    assert lock.startswith("cookoff: lockless: no lock at")


def test_a_closed_pipe_is_not_an_error(cookoff, add_app):
    add_app("tiny")
    read_end, write_end = os.pipe()
    os.close(read_end)
    process = cookoff("list", stdout=write_end)
    os.close(write_end)
    assert process.stderr == ""


@pytest.mark.parametrize(
    ("line", "notice"),
    [
        ("larder --help", "cookoff: the command larder is now called database"),
        ("journey --help", "cookoff: the command journey is now called trace"),
        ("walk --help", "cookoff: the command walk is now called differential"),
        ("code --brings", "cookoff: the option --brings is now called --provisions"),
    ],
)
def test_a_former_name_works_and_names_the_new_one(cookoff, add_app, line, notice):
    add_app("tiny")
    command, _, arguments = line.partition(" ")
    new_name = notice.split()[-1]
    new_line = f"{new_name} {arguments}" if arguments == "--help" else f"{command} {new_name}"
    process = cookoff(*line.split())
    assert process.returncode == 0
    assert process.stderr == f"{notice}\n"
    assert process.stdout == cookoff(*new_line.split()).stdout


def test_the_package_is_the_command():
    lines = [
        subprocess.run(
            [*command, "--help"], capture_output=True, text=True, check=True, cwd=ROOT
        ).stdout
        for command in ([sys.executable, "-m", "bench"], [COOKOFF])
    ]
    assert lines[0] == lines[1]
    assert lines[0].startswith("Usage: cookoff ")
