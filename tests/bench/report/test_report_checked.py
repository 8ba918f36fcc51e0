"""Tests of damaged and incomplete results, and of bugs in the report."""

import json
import re

import pytest

from bench.cli import main
from bench.cli import readme as readme_command
from bench.core.errors import CookoffError, UsageError
from bench.measure.cost import compare_runs
from bench.report import site
from bench.results import store
from bench.results.schema import SCHEMA_VERSION
from tests.bench.report.render import render_each_kind
from tests.bench.results.samples import build_full_results, build_results, parse

COMPARED = ("schema", "created_at", "machine", "frameworks", "skipped", "clauses", "cost")
PARTS = sorted(set(build_full_results()) - set(COMPARED))


@pytest.fixture
def cookoff(tmp_path, monkeypatch, capsys):
    """Return a function that runs a command on results: exit code, stdout, stderr."""
    file, text = tmp_path / "results.json", tmp_path / "README.md"
    monkeypatch.setattr(store.read_results, "__defaults__", (file,))
    monkeypatch.setattr(site.write_report, "__defaults__", (tmp_path / "index.html",))
    monkeypatch.setattr(readme_command, "README_FILE", text)
    monkeypatch.setattr("bench.report.screenshot.write_screenshot", lambda *_: None)
    monkeypatch.setenv("COOKOFF_STATE", str(tmp_path / "state"))

    def run(line, content):
        text.write_text("<!-- table -->\n<!-- end of table -->\n")
        file.write_text(json.dumps(content))
        monkeypatch.setattr("sys.argv", ["cookoff", *line.split()])
        with pytest.raises(SystemExit) as ended:
            main.main()
        out, err = capsys.readouterr()
        return ended.value.code, out, err

    return run


# Keys that differ between runs: frameworks, pages, features, probes, channels, files.
NAMES = re.compile(
    r"bare|flask|bottle|menu|rows|16|methods|csrf|forms|fry|route|waitress|wsgiref"
    r"|[a-z]+(-[a-z]+)+|.*\.py"
)


def paths_in(value, path=()):
    """Yield the path to every value below another; of a list or of named values only the first."""
    keys = list(value) if isinstance(value, dict) else range(len(value))[:1]
    named = [key for key in keys if NAMES.fullmatch(str(key))]
    for key in named[:1] or keys:
        yield (*path, key)
        if isinstance(value[key], dict | list):
            yield from paths_in(value[key], (*path, key))


def damage(path):
    """Yield the results without the value at a path, and with a value of another type there.

    A value by name, or an item of a list, may always be missing.
    """
    *parents, last = path
    for removed in (True, False):
        if removed and (isinstance(last, int) or NAMES.fullmatch(last)):
            continue
        content = holder = json.loads(WHOLE)
        for key in parents:
            holder = holder[key]
        if removed:
            del holder[last]
        else:
            holder[last] = "x" if isinstance(holder[last], dict | list | int | float) else [3]
        yield "missing" if removed else "another type", content


WHOLE = json.dumps(build_full_results())
PATHS = list(paths_in(build_full_results()))


@pytest.mark.parametrize("part", sorted({path[0] for path in PATHS}))
def test_incomplete_results_are_damaged_or_readable_and_never_a_bug(part):
    bugs, damaged = [], 0
    for path in (path for path in PATHS if path[0] == part):
        for kind, content in damage(path):
            try:
                results = parse(content)
            except CookoffError:
                damaged += 1
                continue
            try:
                render_each_kind(results)
            except Exception as error:  # noqa: BLE001 (every exception is a bug)
                bugs.append((path, kind, repr(error)))
    assert bugs == []
    assert damaged


def test_a_missing_or_wrong_value_is_named(cookoff):
    content = build_results()
    del content["frameworks"]["flask"]["code"]["megabytes"]
    code, _, err = cookoff("report", content)
    assert code == 1
    assert "(frameworks[...].code: Object missing required field `megabytes`); run: cookoff" in err
    content["frameworks"]["flask"]["code"]["megabytes"] = ["long"] * 1000
    _, _, err = cookoff("report", content)
    assert "code.megabytes: Expected `float`, got `array`); run: cookoff compare" in err


@pytest.mark.parametrize("line", ["report", "side-by-side bare flask --html {}", "readme"])
@pytest.mark.parametrize(
    "error", [KeyError("x"), ValueError("two\nlines"), ZeroDivisionError(), AssertionError()],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_a_bug_in_the_report_is_reported_and_its_traceback_is_logged(
    cookoff, monkeypatch, tmp_path, line, error
):
    def fail(*_):
        raise error

    monkeypatch.setattr("bench.report.overview.build_rows", fail)
    monkeypatch.setattr("bench.report.readme.format_cells", fail)
    code, _, err = cookoff(line.format(tmp_path / "pair.html"), build_full_results())
    log = tmp_path / "state" / "logs" / "report.log"
    assert code == 1
    assert err.count("\n") == 1
    assert err.startswith("cookoff: bug in the report, the results are valid: ")
    assert type(error).__name__ in err
    assert f"(traceback: {log})" in err
    assert "in fail" in log.read_text()


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("line", ["report", "readme", "side-by-side bare flask --html {}"])
def test_without_a_comparison_the_next_command_is_named(cookoff, tmp_path, part, line):
    content = {"schema": SCHEMA_VERSION, part: build_full_results()[part], "provenance": {}}
    code, out, err = cookoff(line.format(tmp_path / "pair.html"), content)
    assert (code, out) == (3, "")
    assert re.fullmatch(r"cookoff: [^\n]+; run: cookoff compare\n", err)


@pytest.mark.parametrize("part", PARTS)
def test_a_comparison_and_any_other_part_make_a_report_and_a_readme(cookoff, part):
    content = {key: build_full_results()[key] for key in (*COMPARED, part)}
    assert cookoff("report", content)[0] == 0
    code, _, err = cookoff("readme", content)
    assert code == 0
    assert re.fullmatch(r"cookoff: [^\n]*\brow\b[^\n]*\n", err)


@pytest.mark.parametrize("part", PARTS)
def test_any_part_may_be_missing(cookoff, part):
    content = build_full_results()
    del content[part]
    assert cookoff("report", content)[0] == 0


@pytest.mark.parametrize("cost", ["absent", None, "another page"])
def test_without_the_cost_of_the_menu_the_readme_is_unchanged(cookoff, tmp_path, cost):
    content = build_full_results() | {"cost": None}
    if cost == "absent":
        del content["cost"]
    elif cost:
        content["cost"] = json.loads(
            json.dumps(build_full_results()["cost"]).replace('"menu"', '"cart"')
        )
    assert cookoff("report", content)[0] == 0
    code, _, err = cookoff("readme", content)
    assert code == 3
    assert re.fullmatch(r"cookoff: [^\n]+ cost of menu[^\n]*; run: cookoff [^\n]+\n", err)
    assert (tmp_path / "README.md").read_text() == "<!-- table -->\n<!-- end of table -->\n"


def test_a_framework_that_this_python_cannot_parse_is_skipped_and_reported(cookoff, tmp_path):
    content = build_full_results()
    content["frameworks"]["bottle"]["sources"]["bottle/new.py"] = "def (:\n"
    code, _, err = cookoff("report", content)
    assert code == 1
    assert err.startswith("cookoff: skipped: bottle/new.py: invalid syntax")
    assert (tmp_path / "frameworks" / "flask.html").exists()
    assert not (tmp_path / "frameworks" / "bottle.html").exists()
    assert "bottle: bottle/new.py: invalid syntax" in (tmp_path / "index.html").read_text()


@pytest.mark.parametrize("part", [*PARTS, "frameworks"])
def test_results_without_costs_are_refused_by_the_comparison_of_runs(tmp_path, part):
    file = tmp_path / "old.json"
    file.write_text(json.dumps({"schema": SCHEMA_VERSION, part: build_full_results()[part]}))
    with pytest.raises(UsageError, match="has no costs; create the file with: cookoff cost"):
        compare_runs.read_costs(file)


def test_results_of_another_version_are_refused_by_the_comparison_of_runs(tmp_path):
    file = tmp_path / "old.json"
    file.write_text('{"schema": 2}')
    with pytest.raises(UsageError, match="another schema version; create the file with: cookoff"):
        compare_runs.read_costs(file)
