"""A framework on no index is brought by its source.py; out of reach, it is left out by name."""

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
from bench.report import page as report
from bench.results import store

COOKOFF = Path(sys.executable).with_name("cookoff")
OUT_OF_REACH = "import sys\nprint('no tree today', file=sys.stderr)\nsys.exit(3)\n"
WRONG = "import sys\nprint('a pear tree', file=sys.stderr)\nsys.exit(1)\n"
SOURCE = """
[source]
env = "TREE"
archive = "https://example.org/tree.zip"
sha256 = "0"
marker = "trunk/__init__.py"
licence = "MIT"
"""


@pytest.fixture
def add_tree(add_app):
    """Return a function that adds a framework on no index, with this source.py."""

    def add(name, script, environment=None):
        folder = add_app(name, environment).folder
        with (folder / "framework.toml").open("a") as facts:
            facts.write('version = "7"' + SOURCE)
        # Every time it is run, it leaves a line.
        noting = f"open({str(folder / 'runs')!r}, 'a').write('run\\n')\n"
        (folder / "source.py").write_text(noting + script)
        return read_manifest(folder / "framework.toml")

    return add


@pytest.fixture
def run(places):
    """Return a function that runs a command on these apps and environments."""

    def run(*command):
        environ = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
        environ["COOKOFF_APPS"] = str(places.apps)
        environ["COOKOFF_ENVIRONMENTS"] = str(places.environments)
        return subprocess.run(command, env=environ, capture_output=True, text=True, cwd=ROOT)

    return run


def runs(framework):
    return (framework.folder / "runs").read_text().count("run")


@pytest.mark.parametrize("line", [("setup",), ("code", "--json")], ids=" ".join)
def test_it_is_left_out_by_name_and_the_rest_goes_on(add_app, add_tree, run, line):
    (add_app("tiny").folder / "requirements.in").write_text("")
    gone = add_tree("gone", OUT_OF_REACH)
    done = run(COOKOFF, *line)
    assert done.returncode == 0
    assert "gone: no tree today" in done.stderr
    assert "tiny" in done.stdout
    assert "gone" not in done.stdout
    assert runs(gone) == 1


@pytest.mark.parametrize(
    "line", ["setup gone", "setup tiny gone", "code gone", "contract gone", "serve gone --port 0"]
)
def test_asked_for_by_name_it_is_missing(add_app, add_tree, run, tiny_environment, line):
    (add_app("tiny", tiny_environment).folder / "requirements.in").write_text("")
    gone = add_tree("gone", OUT_OF_REACH)
    done = run(COOKOFF, *line.split())
    assert done.returncode == 3
    assert "gone: no tree today" in done.stderr
    assert "Traceback" not in done.stderr
    assert runs(gone) == 1


def test_the_contract_asks_the_others(add_tree, run, places):
    for name in ("bare", "pages"):
        (places.apps / name).symlink_to(ROOT / "apps" / name)
    gone = add_tree("gone", OUT_OF_REACH)
    done = run(COOKOFF, "contract", "--feature", "report-health", "--json")
    assert done.returncode == 0
    assert "cookoff: left out: gone: no tree today" in done.stderr
    assert list(json.loads(done.stdout)["results"]) == ["bare"]
    assert runs(gone) == 1


def test_the_list_says_why_it_is_not_set_up(add_tree, run, tiny_environment):
    script = f"if '--look' not in sys.argv: sys.exit('looked too far')\n{OUT_OF_REACH}"
    add_tree("gone", f"import sys\n{script}", tiny_environment)
    add_tree("here", "print('/nowhere')", tiny_environment)
    done = run(COOKOFF, "list", "--json")
    assert done.returncode == 0
    assert done.stderr == "cookoff: not set up: gone: no tree today\n"
    assert [row["environment"] for row in json.loads(done.stdout)] == ["not set up", "ready"]


@pytest.mark.parametrize(("names", "code"), [((), 0), (("gone", "tiny"), 3)])
def test_a_comparison_names_it_in_the_report(
    add_app, add_tree, places, tiny_environment, monkeypatch, capsys, names, code
):
    (add_app("tiny", tiny_environment).folder / "requirements.in").write_text("")
    gone = add_tree("gone", OUT_OF_REACH)
    monkeypatch.setenv("COOKOFF_APPS", str(places.apps))
    monkeypatch.setenv("COOKOFF_ENVIRONMENTS", str(places.environments))

    # What takes minutes, and has its own tests.
    def run_contract(names, options, told):
        reports = [SiteResult(name, {"a clause": "passed"}, {}) for name in names]
        for one in reports:
            told(one)
        return reports

    monkeypatch.setattr(contract, "run_contract", run_contract)
    monkeypatch.setattr(compare, "measure", lambda *_: None)
    monkeypatch.setattr(compare, "start_all", lambda *_: {})
    kept = {}
    monkeypatch.setattr(store, "update_results", lambda told, file: kept.update(told))
    monkeypatch.setattr(store, "read_results", lambda *_: kept)
    monkeypatch.setattr(report, "write_report", lambda: "the page")
    assert compare.command.main(names, standalone_mode=False) == code
    assert list(kept["frameworks"]) == ["tiny"]
    assert kept["missing"] == {"gone": "no tree today"}
    assert "gone is left out: no tree today" in capsys.readouterr().out
    assert runs(gone) == 1


def test_its_faults_are_left_out(add_app, add_tree, places, tiny_environment, monkeypatch, capsys):
    add_app("tiny", tiny_environment)
    add_tree("gone", OUT_OF_REACH)
    monkeypatch.setenv("COOKOFF_APPS", str(places.apps))
    monkeypatch.setenv("COOKOFF_ENVIRONMENTS", str(places.environments))
    faults = [
        Mutant(n, n, "a fault", "app.py", "a", "b", "sign-in") for n in ("gone", "tiny", "no")
    ]
    # What stands on no shelf is an error of the fault, told when it is tried.
    assert mutants.select_testable(faults, ()) == (faults[1:], 0)
    assert mutants.select_testable(faults[:1], ("gone",)) == ([], 3)
    assert "left out: gone: no tree today" in capsys.readouterr().err


def test_a_fault_is_not_survived_where_every_clause_was_skipped():
    skipped = SiteResult("gone", {"a clause": "skipped"}, {"a clause": "no tree today"})
    assert skipped.not_run_reason == "no clause ran: no tree today"
    assert not skipped.passed


def test_something_wrong_in_its_place_is_a_fault_in_any_case(add_tree, run, places):
    wrong = add_tree("wrong", WRONG)
    with pytest.raises(EnvironmentBuildError, match=r"^wrong: a pear tree$") as caught:
        environments.ensure_environment(wrong, places)
    assert not isinstance(caught.value, SourceUnavailableError)
    done = run(COOKOFF, "setup")
    assert (done.returncode, done.stderr) == (3, "cookoff: wrong: a pear tree\n")


@pytest.mark.parametrize(
    ("outcome", "names", "code"),
    [
        (SourceUnavailableError("gone"), (), 0),
        (SourceUnavailableError("gone"), ("gone",), 3),
        (EnvironmentBuildError("broken"), (), 3),
        (EnvironmentBuildError("broken"), ("broken",), 3),
    ],
)
def test_the_exit_code_depends_on_who_asked(outcome, names, code):
    assert exit_code({"one": outcome}, names, 0) == code
    assert exit_code({}, names, 1) == 1


def test_its_tests_are_skipped_by_name(add_tree, run):
    gone = add_tree("gone", OUT_OF_REACH)
    few = ("contract", "rush/test_kills.py", "switch", "browser/test_a_guest_and_a_cook.py")
    options = ["--framework", "gone", "--feature", "report-health", "-q", "-p", "no:cacheprovider"]
    done = run(sys.executable, "-m", "pytest", *(f"tests/{one}" for one in few), *options)
    assert done.returncode == 0, done.stdout
    assert re.fullmatch(r"\d{2} skipped, \d+ deselected in .*", done.stdout.splitlines()[-1])
    assert "gone: no tree today" in done.stdout
    assert runs(gone) == 1


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        pytest.param('licence = "MIT"\n', "", "source: 'licence' must be a text", id="missing"),
        pytest.param("licence", "license", "source: only env, archive", id="unknown"),
    ],
)
def test_a_source_told_only_in_part_is_named(add_tree, before, after, reason):
    facts = add_tree("gone", OUT_OF_REACH).folder / "framework.toml"
    facts.write_text(facts.read_text().replace(before, after))
    with pytest.raises(ManifestError, match=reason):
        read_manifest(facts)


def test_its_tree_is_counted_among_the_packages(add_tree, places, tmp_path, tiny_environment):
    trunk = tmp_path / "tree" / "trunk"
    (trunk / "__pycache__").mkdir(parents=True)
    (trunk / "__init__.py").write_text("leaf = 1\n")
    (trunk / "__pycache__" / "x.pyc").write_text("not of the tree")
    here = add_tree("here", f"print({str(trunk.parent)!r})", tiny_environment)
    (here.folder / "requirements.in").write_text("")
    (here.folder / "app.py").write_text("from trunk import leaf\n\nleaf.fall()\n")
    facts = measure_code(
        environments.ensure_environment(discover_frameworks(places.apps).get("here"), places)
    )
    assert facts.packages == [{"name": "here", "version": "7", "bytes": 9, "licence": "MIT"}]
    assert facts.names == ["trunk.leaf.fall"]
