"""What a command prints and how it ends: 0 fine, 1 a difference, 2 wrong use, 3 missing."""

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COOKOFF = Path(sys.executable).with_name("cookoff")


@pytest.fixture
def cookoff(places):
    """Return a function that runs the command on these places."""
    environ = {
        **os.environ,
        "COOKOFF_APPS": str(places.apps),
        "COOKOFF_ENVIRONMENTS": str(places.environments),
        "COOKOFF_STATE": str(places.state),
    }

    def run(*arguments, **more):
        command = [COOKOFF, *arguments]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
        return subprocess.run(command, env=environ, text=True, timeout=60, **pipes)

    return run


def test_the_help_names_the_commands(cookoff):
    done = cookoff("--help")
    assert done.returncode == 0
    for name in ("list", "setup", "serve", "switch", "database", "code", "side-by-side"):
        assert f"\n  {name} " in done.stdout


def test_the_help_imports_no_command():
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
        ("code tiny --per-feature lines --brings", 2),
        ("code tiny --brings", 0),
        ("side-by-side sign tiny", 2),
        ("side-by-side sign-in tinny", 2),
        ("side-by-side sign-in", 2),
    ],
)
def test_exit_codes(cookoff, add_app, line, code):
    add_app("tiny")
    done = cookoff(*line.split())
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert bool(done.stderr) == bool(code)


def test_the_list_is_plain_text_in_a_pipe(cookoff, add_app):
    add_app("tiny")
    lines = cookoff("list").stdout.splitlines()
    assert lines[0].split()[:3] == ["name", "title", "version"]
    assert lines[1].split()[0] == "tiny"
    assert "not set up" in lines[1]


def test_the_list_is_a_table_on_a_terminal(cookoff, add_app):
    add_app("tiny")
    ours, theirs = pty.openpty()
    done = cookoff("list", stdout=theirs)
    os.close(theirs)
    assert done.returncode == 0
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert "┃" in shown
    assert "tiny" in shown


def test_the_list_is_json_on_demand(cookoff, add_app):
    add_app("tiny")
    (row,) = json.loads(cookoff("list", "--json").stdout)
    assert (row["name"], row["deviations"]) == ("tiny", 0)


def test_a_broken_folder_is_named_and_the_rest_is_listed(cookoff, add_app):
    add_app("tiny")
    (add_app("broken").folder / "framework.toml").write_text("title = 1")
    done = cookoff("list")
    assert done.returncode == 1
    assert "broken/framework.toml: 'title' must be a text" in done.stderr
    assert "tiny" in done.stdout


def test_code_is_counted_for_the_site_and_for_each_feature(cookoff, add_app, tiny_environment):
    (add_app("tiny", tiny_environment).folder / "requirements.in").write_text("")
    (row,) = json.loads(cookoff("code", "--json").stdout)
    assert row["python_lines"] > 10
    assert cookoff("code").stdout.splitlines()[1].split()[:2] == ["tiny", "3.0.2"]
    per_feature = cookoff("code", "--per-feature", "lines").stdout.splitlines()
    assert (per_feature[0].split(), len(per_feature)) == (["feature", "tiny"], 26)


def test_who_serves_each_need_is_told_with_the_lines_that_were_written_for_it(cookoff, add_app):
    facts = add_app("tiny", guard="def check():\n    return True\n").folder / "framework.toml"
    declare = '\n[brings.csrf]\nby = "hand"\ncode = ["guard.py:check"]\n'
    facts.write_text(facts.read_text() + declare)
    add_app("silent")
    lines = cookoff("code", "--brings").stdout.splitlines()
    assert [line.split() for line in lines[:3]] == [
        ["need", "silent", "tiny"], ["sessions"], ["csrf", "hand", "2"],
    ]  # fmt: skip
    _, told = json.loads(cookoff("code", "--brings", "--json").stdout)
    assert told["name"] == "tiny"
    assert told["brings"]["csrf"]["by"] == "hand"
    assert told["brings"]["csrf"]["lines"] == 2
    facts.write_text(facts.read_text().replace("guard.py:check", "guard.py:chekc"))
    done = cookoff("code", "--brings")
    assert done.returncode == 1
    assert "tiny/framework.toml: brings.csrf: there is no chekc in guard.py" in done.stderr


def test_code_of_what_cannot_be_built_is_left_out_by_name(cookoff, add_app):
    add_app("lockless").lock.unlink()
    done = cookoff("code", "--per-feature", "names")
    assert done.returncode == 3
    assert "cookoff: left out: lockless: no lock at" in done.stderr


def test_a_feature_that_is_missing_somewhere_is_a_difference(cookoff, add_app, tmp_path):
    add_app("first", pages='def show():\n    """Show the cart."""\n')
    add_app("second")
    assert cookoff("side-by-side", "show-the-cart", "first").returncode == 0
    done = cookoff("side-by-side", "show-the-cart", "first", "second")
    assert done.returncode == 1
    assert "--- second: no handler" in done.stdout
    page = tmp_path / "page.html"
    assert cookoff("side-by-side", "all", "first", "--html", str(page)).returncode == 1
    assert page.read_text().startswith("<!DOCTYPE html>")


def test_setup_names_what_it_cannot_build_and_builds_the_rest(cookoff, add_app, places):
    add_app("tiny")
    add_app("lockless").lock.unlink()
    done = cookoff("setup")
    assert done.returncode == 3
    assert "cookoff: lockless: no lock at" in done.stderr
    assert "tiny: built in" in done.stdout
    assert cookoff("setup", "tiny").stdout == "tiny: ready\n"
    shutil.rmtree(places.environments / "tiny")
    assert "tiny: built in" in cookoff("setup", "tiny").stdout


def test_a_reader_that_goes_away_is_no_fault(cookoff, add_app):
    add_app("tiny")
    reading, writing = os.pipe()
    os.close(reading)
    done = cookoff("list", stdout=writing)
    os.close(writing)
    assert done.stderr == ""
