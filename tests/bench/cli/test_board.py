"""The progress of a comparison: a live table on a terminal, plain lines in a pipe, and a page."""

import os
import pty
import re
import subprocess
import sys
from types import SimpleNamespace

import click
import pytest

from bench.cli import board as board_module
from bench.cli.board import Board, keep_first_page
from bench.conformance.clause_progress import ClauseCount
from bench.conformance.contract import SiteResult
from bench.core.errors import CookoffError
from bench.frameworks.environments import EnvironmentBuildError


@pytest.fixture
def pages(monkeypatch):
    """Return the list of the pages that a board writes: rows and step."""
    written = []
    monkeypatch.setattr(board_module, "write_progress", lambda *page: written.append(page))
    return written


@pytest.fixture
def clock(monkeypatch):
    """Return a clock that the test sets."""
    clock = SimpleNamespace(seconds=100.0)
    monkeypatch.setattr(board_module.time, "monotonic", lambda: clock.seconds)
    return clock


def test_the_rows_show_clauses_that_run_and_then_clauses_that_passed(pages, clock):
    board = Board(["pan", "pot"], "menu")
    board.show_clauses({"pan": ClauseCount(1, 200), "pan as taught": ClauseCount()})
    clock.seconds += 30
    board.show_clauses({"pan": ClauseCount(100, 200), "pan as taught": ClauseCount()})
    pan, pot = board.list_rows()
    assert (pan["clauses"], pan["as taught"]) == ("100 of 200 run", "")
    assert pan["time left"] == "about 2 min left"  # 300 clauses, 100 in 30 s
    assert (pot["clauses"], pot["time left"]) == ("", "")
    outcomes = {"a": "passed", "b": "deviation", "c": "failed"}
    board.show_result(SiteResult("pan", outcomes, {}))
    board.show_result(SiteResult("pan", outcomes | {"c": "passed"}, {}, as_taught=True))
    board.show_clauses({"pan": ClauseCount(200, 200), "pan as taught": ClauseCount(200, 200)})
    pan, _ = board.list_rows()
    assert (pan["clauses"], pan["as taught"], pan["time left"]) == ("2 of 3", "3 of 3", "")
    assert board.format_step().endswith("400 of 400 clauses")


def test_the_rows_show_environments_lines_and_cost(pages):
    board = Board(["pan", "pot"], "menu")
    board.show_environment(SimpleNamespace(name="pot"), EnvironmentBuildError("no"))
    board.show_code("pan", SimpleNamespace(python_lines=1370, hardening_lines=98))
    menu = {"pan": SimpleNamespace(microseconds=1441.2), "control": SimpleNamespace()}
    board.show_cost(SimpleNamespace(pages={"menu": menu}), 20.0)
    pan, pot = board.list_rows()
    assert pan["lines + hardening"] == "1,370 + 98"
    assert (pan["menu: µs so far"], pan["time left"]) == ("1,441", "about 20 s left")
    assert pot["environment"] == "missing"
    board.show_cost(SimpleNamespace(pages={"menu": menu}), 0.0)
    assert board.list_rows()[0]["time left"] == ""


def test_the_page_is_written_with_each_step_and_else_every_few_seconds(pages, clock, capsys):
    board = Board(["pan"], "menu")
    board.start_step("environments")
    board.write_page()
    board.start_step("contract")
    clock.seconds += board_module.PAGE_SECONDS
    board.write_page()
    assert [step for _, step in pages] == ["environments", "contract", "contract"]
    lines = capsys.readouterr().err.splitlines()
    assert [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in lines] == ["environments", "contract"]


def test_a_page_that_cannot_be_written_is_reported_once(monkeypatch, capsys):
    def fail(rows, step):
        raise CookoffError("report/index.html cannot be written: no space left")

    monkeypatch.setattr(board_module, "write_progress", fail)
    board = Board(["pan"], "menu")
    for _ in range(3):
        board.write_page(at_once=True)
    assert capsys.readouterr().err == (
        "cookoff: the first page of the report is not written: "
        "report/index.html cannot be written: no space left\n"
    )


def write_and_fail(file):
    """Write the page of a running comparison, and end as after Ctrl-C."""
    file.write_bytes(b"progress")
    raise KeyboardInterrupt


@pytest.mark.parametrize("earlier", [None, b"the earlier report"])
def test_after_an_error_no_page_of_a_running_comparison_is_left(tmp_path, earlier):
    file = tmp_path / "index.html"
    if earlier:
        file.write_bytes(earlier)
    with pytest.raises(KeyboardInterrupt), keep_first_page(file):
        write_and_fail(file)
    assert (file.read_bytes() if file.exists() else None) == earlier
    with keep_first_page(file):
        file.write_bytes(b"final")
    assert file.read_bytes() == b"final"


def test_a_terminal_shows_a_row_for_each_framework():
    script = (
        "from bench.cli import board\n"
        "board.write_progress = lambda rows, step: None\n"
        "with board.Board(['pan', 'pot'], 'menu') as shown:\n"
        "    shown.start_step('environments')\n"
        "    shown._display.refresh()\n"
    )
    reader, terminal = pty.openpty()
    environ = {**os.environ, "COLUMNS": "110", "TERM": "xterm"}
    subprocess.run([sys.executable, "-c", script], stderr=terminal, env=environ, check=True)
    os.close(terminal)
    lines = click.unstyle(os.read(reader, 65536).decode()).splitlines()
    os.close(reader)
    assert any(line.startswith("environments") for line in lines)
    assert any(line.split()[:2] == ["pan", "building"] for line in lines)
    assert any(line.split()[:2] == ["pot", "building"] for line in lines)
