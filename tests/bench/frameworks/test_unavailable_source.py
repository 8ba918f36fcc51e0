"""source.py fetches a framework that is on no package index; without its source it is skipped."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.analysis.code_metrics import measure_code
from bench.cli import compare, mutants
from bench.cli.common import exit_code
from bench.conformance import contract
from bench.conformance.contract import SiteResult
from bench.conformance.mutants import Mutant
from bench.core.paths import ROOT
from bench.frameworks import environments
from bench.frameworks.environments import EnvironmentBuildError, SourceUnavailableError
from bench.frameworks.manifest import ManifestError, discover_frameworks, read_manifest
from bench.report import site as report
from bench.results import store
from bench.results.schema import Results
from tests.bench.site_runs import PASSED, fake_run_sites

COOKOFF = Path(sys.executable).with_name("cookoff")
OUT_OF_REACH = "import sys\nprint('no tree today', file=sys.stderr)\nsys.exit(3)\n"
WRONG = "import sys\nprint('a pear tree', file=sys.stderr)\nsys.exit(1)\n"
SOURCE_TABLE = """
[source]
env = "TREE"
archive = "https://example.org/tree.zip"
sha256 = "0"
marker = "trunk/__init__.py"
licence = "MIT"
"""


@pytest.fixture
def add_tree(add_app):
    """Return a function that adds a framework that is on no package index, with its source.py."""

    def add(name, script, environment=None):
        folder = add_app(name, environment).folder
        with (folder / "framework.toml").open("a") as manifest:
            manifest.write('version = "7"' + SOURCE_TABLE)
        # The script appends one line for each run.
        log_run = f"open({str(folder / 'runs')!r}, 'a').write('run\\n')\n"
        (folder / "source.py").write_text(log_run + script)
        return read_manifest(folder / "framework.toml")

    return add


@pytest.fixture
def run(places):
    """Return a function that runs a command with these apps and environments."""

    def run(*command):
        environ = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
        environ["COOKOFF_APPS"] = str(places.apps)
        environ["COOKOFF_ENVIRONMENTS"] = str(places.environments)
        return subprocess.run(command, env=environ, capture_output=True, text=True, cwd=ROOT)

    return run


def count_runs(framework):
    return (framework.folder / "runs").read_text().count("run")


@pytest.mark.parametrize("line", [("setup",), ("code", "--json")], ids=" ".join)
def test_an_unavailable_framework_is_reported_and_the_command_continues(
    add_app, add_tree, run, line
):
    (add_app("tiny").folder / "requirements.in").write_text("")
    gone = add_tree("gone", OUT_OF_REACH)
    process = run(COOKOFF, *line)
    assert process.returncode == 0
    assert "gone: no tree today" in process.stderr
    assert "tiny" in process.stdout
    assert "gone" not in process.stdout
    assert count_runs(gone) == 1


@pytest.mark.parametrize(
    "line", ["setup gone", "setup tiny gone", "code gone", "contract gone", "serve gone --port 0"]
)
def test_a_named_unavailable_framework_ends_the_command_with_code_3(
    add_app, add_tree, run, tiny_environment, line
):
    (add_app("tiny", tiny_environment).folder / "requirements.in").write_text("")
    gone = add_tree("gone", OUT_OF_REACH)
    process = run(COOKOFF, *line.split())
    assert process.returncode == 3
    assert "gone: no tree today" in process.stderr
    assert "Traceback" not in process.stderr
    assert count_runs(gone) == 1


def test_the_contract_runs_against_the_other_frameworks(add_tree, run, places):
    for name in ("bare", "pages"):
        (places.apps / name).symlink_to(ROOT / "apps" / name)
    gone = add_tree("gone", OUT_OF_REACH)
    process = run(COOKOFF, "contract", "--feature", "report-health", "--json")
    assert process.returncode == 0
    assert re.search(r"^cookoff: .*\bgone: no tree today$", process.stderr, re.MULTILINE)
    assert list(json.loads(process.stdout)["results"]) == ["bare"]
    assert count_runs(gone) == 1


FIND_TREE = """
import os, sys
tree = os.environ.get("TREE")
print(tree or "no tree today", file=sys.stdout if tree else sys.stderr)
sys.exit(0 if tree else 3)
"""


def test_an_environment_remembers_the_source_tree_that_it_was_built_with(
    add_tree, run, tmp_path, monkeypatch
):
    add_tree("oak", FIND_TREE)
    marker = tmp_path / "tree" / "trunk" / "__init__.py"
    marker.parent.mkdir(parents=True)
    marker.touch()
    assert "oak: no tree today" in run(COOKOFF, "setup", "oak").stderr
    with monkeypatch.context() as with_variable:
        with_variable.setenv("TREE", str(tmp_path / "tree"))
        assert "oak: built in" in run(COOKOFF, "setup", "oak").stdout
    assert run(COOKOFF, "setup", "oak").stdout == "oak: ready\n"
    assert json.loads(run(COOKOFF, "list", "--json").stdout)[0]["environment"] == "ready"
    marker.unlink()
    process = run(COOKOFF, "setup", "oak")
    message = f"cookoff: oak: the source {tmp_path / 'tree'} is gone; no tree today\n"
    assert (process.returncode, process.stderr) == (3, message)


def test_the_list_reports_why_a_framework_is_not_set_up(add_tree, run, tiny_environment):
    script = f"if '--look' not in sys.argv: sys.exit('looked too far')\n{OUT_OF_REACH}"
    add_tree("gone", f"import sys\n{script}", tiny_environment)
    add_tree("here", "print('/nowhere')", tiny_environment)
    process = run(COOKOFF, "list", "--json")
    assert process.returncode == 0
    assert process.stderr == "cookoff: not set up: gone: no tree today\n"
    assert [row["environment"] for row in json.loads(process.stdout)] == ["not set up", "ready"]


@pytest.mark.parametrize(("names", "code"), [((), 0), (("gone", "tiny"), 3)])
def test_a_comparison_reports_the_missing_framework(
    add_app,
    add_tree,
    places,
    tiny_environment,
    written_parts,
    monkeypatch,
    capsys,
    names,
    code,
    without_progress_page,
):
    (add_app("tiny", tiny_environment).folder / "requirements.in").write_text("")
    gone = add_tree("gone", OUT_OF_REACH)
    monkeypatch.setenv("COOKOFF_APPS", str(places.apps))
    monkeypatch.setenv("COOKOFF_ENVIRONMENTS", str(places.environments))

    # These steps take minutes and have their own tests.
    monkeypatch.setattr(contract, "run_sites", fake_run_sites(PASSED))
    monkeypatch.setattr(compare, "measure_cost", lambda *_: None)
    monkeypatch.setattr(compare, "measure_startup", lambda *_: {})
    monkeypatch.setattr(compare, "measure_layer_times", lambda *_: None)
    monkeypatch.setattr(store, "read_results", lambda *_: Results(**written_parts))
    monkeypatch.setattr(report, "write_report", lambda: "the page")
    assert compare.command.main(names, standalone_mode=False) == code
    assert list(written_parts["frameworks"]) == ["tiny"]
    assert written_parts["skipped"] == {"gone": "no tree today"}
    assert re.search(r"^gone .*: no tree today$", capsys.readouterr().out, re.MULTILINE)
    assert count_runs(gone) == 1


def test_mutants_of_an_unavailable_framework_are_skipped(
    add_app, add_tree, places, tiny_environment, monkeypatch, capsys
):
    add_app("tiny", tiny_environment)
    add_tree("gone", OUT_OF_REACH)
    monkeypatch.setenv("COOKOFF_APPS", str(places.apps))
    monkeypatch.setenv("COOKOFF_ENVIRONMENTS", str(places.environments))
    planted = [
        Mutant(name, name, "a fault", "app.py", "a", "b", "sign-in")
        for name in ("gone", "tiny", "no")
    ]
    # An unknown framework is an error of the mutant, reported when the mutant is tested.
    assert mutants.select_testable(planted, ()) == (planted[1:], 0)
    assert mutants.select_testable(planted[:1], ("gone",)) == ([], 3)
    assert re.search(r"^cookoff: .*\bgone: no tree today$", capsys.readouterr().err, re.MULTILINE)


def test_a_mutant_does_not_survive_when_every_clause_is_skipped():
    skipped = SiteResult("gone", {"a clause": "skipped"}, {"a clause": "no tree today"})
    assert skipped.not_run_reason == "no clause ran: no tree today"
    assert not skipped.passed


def test_a_wrong_source_is_an_error_even_when_not_named(add_tree, run, places):
    wrong = add_tree("wrong", WRONG)
    with pytest.raises(EnvironmentBuildError, match=r"^wrong: a pear tree$") as caught:
        environments.ensure_environment(wrong, places)
    assert not isinstance(caught.value, SourceUnavailableError)
    process = run(COOKOFF, "setup")
    assert (process.returncode, process.stderr) == (3, "cookoff: wrong: a pear tree\n")


@pytest.mark.parametrize(
    ("outcome", "names", "code"),
    [
        (SourceUnavailableError("gone"), (), 0),
        (SourceUnavailableError("gone"), ("gone",), 3),
        (EnvironmentBuildError("broken"), (), 3),
        (EnvironmentBuildError("broken"), ("broken",), 3),
    ],
)
def test_the_exit_code_depends_on_the_named_frameworks(outcome, names, code):
    assert exit_code({"name": outcome}, names, 0) == code
    assert exit_code({}, names, 1) == 1


def test_the_tests_of_an_unavailable_framework_are_skipped(add_tree, run):
    gone = add_tree("gone", OUT_OF_REACH)
    paths = (
        "contract",
        "concurrency/test_kills.py",
        "bench/runtime/test_framework_switches.py",
        "browser/test_a_guest_and_a_cook.py",
    )
    options = ["--framework", "gone", "--feature", "report-health", "-q", "-p", "no:cacheprovider"]
    process = run(sys.executable, "-m", "pytest", *(f"tests/{path}" for path in paths), *options)
    assert process.returncode == 0, process.stdout
    assert re.fullmatch(r"\d{2} skipped, \d+ deselected in .*", process.stdout.splitlines()[-1])
    assert "gone: no tree today" in process.stdout
    assert count_runs(gone) == 1


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        pytest.param('licence = "MIT"\n', "", "'source.licence' is missing; add it", id="missing"),
        pytest.param(
            "licence", "license", "unknown key 'source.license'; did you mean licence", id="unknown"
        ),
    ],
)
def test_an_incomplete_source_table_is_reported(add_tree, before, after, reason):
    manifest = add_tree("gone", OUT_OF_REACH).folder / "framework.toml"
    manifest.write_text(manifest.read_text().replace(before, after))
    with pytest.raises(ManifestError, match=reason):
        read_manifest(manifest)


def test_the_source_tree_is_one_of_the_packages(add_tree, places, tmp_path, tiny_environment):
    trunk = tmp_path / "tree" / "trunk"
    (trunk / "__pycache__").mkdir(parents=True)
    (trunk / "__init__.py").write_text("leaf = 1\n")
    (trunk / "__pycache__" / "x.pyc").write_text("not source code")
    here = add_tree("here", f"print({str(trunk.parent)!r})", tiny_environment)
    (here.folder / "requirements.in").write_text("")
    (here.folder / "app.py").write_text("from trunk import leaf\n\nleaf.fall()\n")
    metrics = measure_code(
        environments.ensure_environment(discover_frameworks(places.apps).get("here"), places)
    )
    [package] = metrics.packages
    assert (package.name, package.version, package.bytes) == ("here", "7", 9)
    assert package.licence == "MIT"
    assert metrics.names == ["trunk.leaf.fall"]
