"""`cookoff versions` compares versions, and its exit code tells worse from not measured."""

import json
import sys

import pytest

from bench.cli import main, version_contract, versions
from bench.cli.version_contract import ContractFindings, list_clauses
from bench.conformance.contract import SiteResult
from bench.core.progress import Progress
from bench.results.schema import VersionProbe
from tests.bench.distributions import write_checkout, write_wheel

BROKEN = "raise ImportError('no gills')\n"


@pytest.fixture
def run(places, add_app, tiny_environment, tmp_path, monkeypatch, capsys):
    """Return a function that runs the command for an app of newt: exit code, output and errors."""
    for name, path in (
        ("APPS", places.apps), ("ENVIRONMENTS", places.environments), ("STATE", places.state),
    ):  # fmt: skip
        monkeypatch.setenv(f"COOKOFF_{name}", str(path))
    index = tmp_path / "index"
    for version in ("1.0", "2.0"):
        write_wheel(index, version)
    monkeypatch.setenv("UV_FIND_LINKS", str(index))
    monkeypatch.setenv("UV_OFFLINE", "1")
    folder = add_app("newt", tiny_environment).folder
    manifest = folder / "framework.toml"
    manifest.write_text(manifest.read_text().replace('"waitress"', '"newt"'))
    (folder / "requirements.in").write_text("newt>=1\n")
    monkeypatch.setattr(versions, "write_comparison", lambda part, is_quiet: None)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["cookoff", "versions", "newt", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main.main()
        output = capsys.readouterr()
        return ended.value.code, output.out, output.err

    return run


@pytest.fixture
def measured(monkeypatch):
    """Return a function that sets the outcome of a clause, and the verdict of a probe."""

    def measure(old="passed", new="passed", meets=True, start_error=""):
        def contract(ready, progress):
            findings = ContractFindings()
            for environment, outcome in zip(ready, (old, new), strict=False):
                name = environment.framework.name
                reasons = {"a page is shown": ""}
                if start_error and outcome == "failed":
                    reasons = {"a page is shown": f"the site does not start: {name}: {start_error}"}
                outcomes = {"a page is shown": outcome}
                findings.results["hardened"][name] = SiteResult(name, outcomes, reasons)
            return findings

        def behaviour(ready, paths, progress):
            names = [environment.framework.name for environment in ready]
            outcomes = dict(zip(names, ("404", "404" if meets else "500"), strict=True))
            verdicts = dict(zip(names, (True, meets), strict=True))
            probe = VersionProbe("head", "HEAD /", "Methods", "must", ["in-process"], outcomes,
                                 verdicts, [], {})  # fmt: skip
            return [probe] * (not meets), {}

        monkeypatch.setattr(versions, "run_contract", contract)
        monkeypatch.setattr(versions, "run_behaviour", behaviour)

    return measure


PARTS = ("--only", "contract", "--only", "behaviour")


def test_the_gate_passes_for_a_version_that_is_not_worse(run, measured):
    measured()
    code, output, _ = run("1.0", "2.0", "--gate", *PARTS)
    assert code == 0
    assert output == "\nnewt 1.0 → 2.0: packages 1\nPackages:\n  ~ newt: 1.0 → 2.0\n"


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        pytest.param(
            {"new": "failed"}, "! a page is shown: hardened: passed → failed", id="clause"
        ),
        pytest.param({"meets": False}, "! head: in-process: 404 → 500", id="probe"),
    ],
)
def test_the_gate_ends_with_1_for_a_version_that_is_worse(run, measured, outcome, line):
    measured(**outcome)
    code, output, _ = run("1.0", "2.0", "--gate", *PARTS)
    assert code == 1
    assert line in output
    assert run("1.0", "2.0", *PARTS)[0] == 0  # without the gate a finding is no failure


def test_a_version_that_is_not_installed_is_one_line_and_ends_with_3(run, measured):
    measured()
    code, output, errors = run("1.0", "9.9", "2.0", "--gate", *PARTS)
    assert code == 3
    assert [line for line in errors.splitlines() if "9.9" in line] == [
        line for line in errors.splitlines() if line.startswith("cookoff: 9.9: error: No solution")
    ]
    assert "not measured: 9.9: error: No solution" in output
    assert "1.0 → 2.0" in output  # the others go on


def test_a_run_that_compared_nothing_ends_with_3(run, measured):
    measured()
    code, output, _ = run("9.8", "9.9", "--gate")
    assert code == 3
    assert "nothing was compared" in output


def test_a_site_that_no_longer_starts_is_one_line_with_the_first_error(run, measured):
    measured(new="failed", start_error="ImportError: no gills")
    code, output, errors = run("1.0", "2.0", "--gate", "--only", "contract")
    assert code == 1
    assert "cookoff: 2.0: the site does not start: ImportError: no gills" in errors
    assert "! the site starts: ImportError: no gills" in output


def test_a_first_version_that_does_not_start_is_neither_a_pass_nor_a_regression(run, measured):
    measured(old="failed", start_error="ImportError: no gills")
    code, output, _ = run("1.0", "2.0", "--gate", "--only", "contract")
    assert code == 3
    assert "+ the site starts" in output
    assert "not measured: 1.0: its site does not start: no base to compare with" in output


def test_a_defaults_file_that_does_not_import_is_told_and_not_measured(run, tmp_path):
    checkout = write_checkout(tmp_path / "my newt", "3.0", BROKEN)
    code, output, _ = run("1.0", checkout, "--gate", "--only", "behaviour")
    assert code == 3
    assert "behaviour of newt@my-newt-" in output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(("1.0",), "name two versions or two interpreters", id="one version"),
        pytest.param(("1.0", "1.0"), "1.0 is named twice", id="a version twice"),
        pytest.param(("1.0", "nonsense"), "names no version", id="no version"),
        pytest.param(("1.0", "./gone"), "./gone does not exist", id="no path"),
        pytest.param(("--python", "snake", "1.0"), "not a version of Python", id="no interpreter"),
        pytest.param(("1.0", "2.0", "--before", "noon"), "not a date", id="no date"),
    ],
)
def test_wrong_use_ends_with_2_in_one_line(run, words, message):
    code, output, errors = run(*words)
    assert (code, output) == (2, "")
    assert message in errors
    assert errors.count("\n") == 1


def test_a_missing_interpreter_is_named_and_the_others_go_on(run, measured):
    measured()
    code, output, errors = run("1.0", "2.0", "--python", "3.99", *PARTS)
    assert code == 3
    assert "Python 3.99 is not installed" in errors + output


def test_json_has_the_comparison_as_results_have_it(run, measured):
    measured(meets=False)
    code, output, _ = run("1.0", "2.0", "--json", *PARTS)
    part = json.loads(output)
    assert code == 0
    assert [column["version"] for column in part["columns"]] == ["1.0", "2.0"]
    assert part["changes"][0]["fails_gate"] is True


def test_clauses_that_differ_are_listed_with_their_reasons():
    findings = ContractFindings()
    for name, outcome in (("newt@1", "passed"), ("newt@2", "failed")):
        findings.results["hardened"][name] = SiteResult(
            name,
            {"a": outcome, "b": "passed"},
            {"a": "500" if outcome == "failed" else "", "b": ""},
            {"a": "json"},
        )
    (clause,) = list_clauses(findings)
    assert (clause.clause, clause.group) == ("a", "json")
    assert (clause.outcomes, clause.reasons) == ({"newt@1": "passed", "newt@2": "failed"},
                                                 {"newt@2": "500"})  # fmt: skip


def site_results(outcome, **more):
    """Return the findings of two versions, the second with this outcome of a clause."""
    findings = ContractFindings()
    for name, each in (("newt@1", "passed"), ("newt@2", outcome)):
        outcomes = {"a page is shown: the menu": each, **more}
        findings.results["hardened"][name] = SiteResult(name, outcomes, dict.fromkeys(outcomes, ""))
    return findings


@pytest.fixture
def repeated(monkeypatch):
    """Return a function that repeats clauses: the outcome after the outcomes of the runs."""

    def repeat(findings, *outcomes):
        runs = []

        def run_sites(sites, progress):
            runs.append([(site.name, *site.options) for site in sites])
            outcome = {"a page is shown: the menu": outcomes[len(runs) - 1]}
            return [SiteResult(site.name, outcome, {}) for site in sites]

        monkeypatch.setattr(version_contract, "run_clauses", run_sites)
        version_contract.repeat_clauses(findings, Progress())
        return findings.results["hardened"]["newt@2"].outcomes["a page is shown: the menu"], runs

    return repeat


def test_a_clause_that_fails_again_alone_has_failed(repeated):
    outcome, runs = repeated(site_results("failed"), "failed")
    assert (outcome, runs) == ("failed", [[("newt@2", "-k", "test_a_page_is_shown")]])


@pytest.mark.parametrize("second", ["passed", "failed"])
def test_a_clause_that_passes_alone_is_decided_by_a_whole_run(repeated, second):
    outcome, runs = repeated(site_results("failed"), "passed", second)
    assert outcome == second
    assert runs[1] == [("newt@2",)]


def test_clauses_without_a_difference_are_not_repeated(repeated):
    assert repeated(site_results("passed")) == ("passed", [])


def test_of_too_many_clauses_only_the_worse_ones_are_repeated(repeated):
    claims = [f"claim {number}" for number in range(version_contract.MAX_REPEATED_CLAUSES + 1)]
    findings = site_results("failed", **dict.fromkeys(claims, "failed"))
    findings.results["hardened"]["newt@2"].outcomes.update(dict.fromkeys(claims, "passed"))
    _, runs = repeated(findings, "failed")
    assert runs == [[("newt@2", "-k", "test_a_page_is_shown")]]
