"""A run of the contract without any clause ends each command with exit code 3."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from bench.cli import compare, main, mutants, pipeline
from bench.cli import contract as contract_command
from bench.conformance import contract, mutation_run
from bench.conformance.contract import SiteResult
from bench.conformance.mutants import Mutant
from bench.frameworks.environments import Environment
from bench.results import store
from bench.results.schema import FrameworkFacts
from bench.results.views import format_taught_clauses
from tests.bench.results.samples import build_framework, build_results, parse
from tests.bench.site_runs import fake_run_sites

SKIPPED = SiteResult("pan", {"a": "skipped", "b": "skipped"}, {"a": "no server", "b": "no server"})
NOTHING = SiteResult("pan", {}, {})
PASSED = SiteResult("pot", {"a": "passed", "b": "skipped"}, {"a": "", "b": "no server"})
DEVIATES = SiteResult("pot", {"a": "deviation"}, {"a": "declared"})
FAILED = SiteResult("pot", {"a": "failed"}, {"a": "500"})


@pytest.mark.parametrize(
    ("results", "code", "message"),
    [
        pytest.param([PASSED], 0, "", id="passed"),
        pytest.param([DEVIATES], 0, "", id="a declared deviation ran"),
        pytest.param([SKIPPED], 3, "cookoff: pan: no clause ran: no server\n", id="all skipped"),
        pytest.param([NOTHING], 3, "cookoff: pan: no clause ran: none was collected\n", id="none"),
        pytest.param([PASSED, SKIPPED], 3, "cookoff: pan: no clause ran: no server\n", id="mixed"),
        pytest.param([SKIPPED, FAILED], 1, "cookoff: pan: no clause ran: no server\n", id="failed"),
        pytest.param([], 3, "cookoff: no clause ran: no site is ready; run: cookoff setup\n",
                     id="no site"),
    ],
)  # fmt: skip
def test_the_exit_code_depends_on_whether_clauses_ran(capsys, results, code, message):
    assert contract_command.exit_code(results, 0) == code
    assert capsys.readouterr().err == message


def fake_run_command(outcomes, returncode):
    """Return a function that writes these outcomes instead of running pytest."""

    def run_command(command, *limits, **options):
        file = command[command.index("--results") + 1]
        clauses = {
            clause: {"outcome": outcome, "why": "w", "group": ""}
            for clause, outcome in outcomes.items()
        }
        Path(file).write_text(json.dumps({"pan": clauses} if outcomes else {}))
        return SimpleNamespace(returncode=returncode, stdout="", stderr="")

    return run_command


@pytest.mark.parametrize(
    ("outcomes", "returncode", "ran"),
    [
        pytest.param({}, 5, False, id="nothing was collected"),
        pytest.param({}, 0, False, id="there is no outcome"),
        pytest.param({"a": "skipped"}, 0, False, id="all clauses were skipped"),
        pytest.param({"a": "passed"}, 0, True, id="a clause passed"),
        pytest.param({}, 2, True, id="the run itself failed"),
    ],
)
def test_a_run_without_clauses_has_a_reason(monkeypatch, outcomes, returncode, ran):
    monkeypatch.setattr(contract, "run_command", fake_run_command(outcomes, returncode))
    assert (contract.run_clauses("pan", []).not_run_reason == "") is ran


def test_the_command_ends_with_3_if_every_clause_is_skipped(monkeypatch, capsys):
    monkeypatch.setattr(contract, "run_command", fake_run_command({"a": "skipped"}, 0))
    line = ["cookoff", "contract", "--url", "http://127.0.0.1:1", "--database", "postgresql"]
    monkeypatch.setattr("sys.argv", line)
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 3
    assert capsys.readouterr().err == "cookoff: http://127.0.0.1:1: no clause ran: w\n"


@pytest.fixture
def run_compare(add_app, places, monkeypatch, without_progress_page):
    """Return a function that runs `cookoff compare` for a tiny app with a result of the contract.

    The function returns the exit code, the environments that were measured, and the written parts.
    """
    framework = add_app("pan")
    facts = msgspec.convert(build_framework("pan", "Pan", 9), FrameworkFacts)
    facts.contract.as_taught = None  # as before the run of the site as taught
    environment = Environment(framework, places.environments / "pan", 0.0)
    monkeypatch.setenv("COOKOFF_APPS", str(places.apps))
    monkeypatch.setattr(
        "bench.frameworks.environments.ensure_all_environments", lambda *_: {"pan": environment}
    )
    monkeypatch.setattr(pipeline, "collect_facts", lambda *_: facts)
    monkeypatch.setattr(compare.report, "write_report", lambda: "the page")
    monkeypatch.setattr(compare, "print_summary", lambda *_: None)
    monkeypatch.setattr(store, "read_results", lambda *_: parse(build_results()))

    def run(result, taught=None):
        measured, written = [], []
        monkeypatch.setattr(store, "update_results", lambda parts, file: written.append(parts))
        for name in ("measure_cost", "measure_startup", "count_calls", "measure_layer_times"):
            monkeypatch.setattr(compare, name, lambda passed, *_: measured.extend(passed))

        monkeypatch.setattr(contract, "run_sites", fake_run_sites(result, taught))
        monkeypatch.setattr("sys.argv", ["cookoff", "compare"])
        with pytest.raises(SystemExit) as ended:
            main.main()
        return ended.value.code, measured, written

    return run


@pytest.mark.parametrize("result", [SKIPPED, NOTHING], ids=["skipped", "none collected"])
def test_a_comparison_without_any_clause_measures_and_writes_nothing(run_compare, capsys, result):
    assert run_compare(result) == (3, [], [])
    assert "cookoff: pan: no clause ran" in capsys.readouterr().err


def test_a_comparison_measures_the_sites_that_passed(run_compare):
    code, measured, written = run_compare(SiteResult("pan", {"a": "passed"}, {"a": ""}))
    names = {environment.framework.name for environment in measured}
    assert (code, names, len(written)) == (0, {"pan"}, 1)


TAUGHT = SiteResult(
    "pan",
    {"a page": "passed", "a range": "unmet", "an Allow": "passed", "a HEAD": "deviation"},
    {"a page": "", "a range": "answered 200", "an Allow": "", "a HEAD": "declared"},
    {"a page": "", "a range": "conditions", "an Allow": "methods", "a HEAD": "methods"},
)


def test_a_comparison_stores_the_clauses_that_the_site_as_taught_meets(run_compare):
    hardened = SiteResult("pan", dict.fromkeys(TAUGHT.outcomes, "passed"), TAUGHT.reasons)
    code, measured, written = run_compare(hardened, TAUGHT)
    assert (code, bool(measured)) == (0, True)
    contract_result = written[0].frameworks["pan"].contract
    assert msgspec.to_builtins(contract_result.as_taught) == {
        "levels": {
            "core": {"passed": 1, "clauses": 1},
            "methods": {"passed": 2, "clauses": 2},
            "conditions": {"passed": 0, "clauses": 1},
        },
        "failed": [],
    }
    assert format_taught_clauses(contract_result) == "3/4"


def test_a_core_clause_that_fails_as_taught_is_a_failure_like_any_other(run_compare, capsys):
    taught = SiteResult("pan", {"a page": "failed"}, {"a page": "answered 500"})
    code, measured, written = run_compare(SiteResult("pan", {"a": "passed"}, {"a": ""}), taught)
    assert (code, measured) == (1, [])
    assert written[0].frameworks["pan"].contract.as_taught.failed == ["a page"]
    assert contract.format_failures(replace(taught, as_taught=True)) == [
        "pan as taught: a page: answered 500"
    ]
    assert "pan as taught: 1 of 1 clause failed" in capsys.readouterr().err


def test_without_a_clause_as_taught_the_counts_are_unknown(run_compare, capsys):
    code, measured, written = run_compare(SiteResult("pan", {"a": "passed"}, {"a": ""}), SKIPPED)
    assert (code, measured) == (3, [])
    assert written[0].frameworks["pan"].contract.as_taught is None
    assert "cookoff: pan as taught: no clause ran" in capsys.readouterr().err


def test_the_two_runs_of_a_site_are_neighbours_in_one_pool(monkeypatch):
    commands = []

    def run_clauses(name, options):
        assert options[-2] == "--progress"
        commands.append([name, *options[:-2]])
        return SiteResult(name, {"a": "passed"}, {"a": ""})

    monkeypatch.setattr(contract, "run_clauses", run_clauses)
    monkeypatch.setattr(contract.os, "cpu_count", lambda: 0)  # a pool of one thread
    hardened, taught = contract.run_both_contracts(["pan", "pot"], ["--record", "x"], print)
    assert commands == [
        ["pan", "--framework", "pan", "--record", "x"],
        ["pan", "--framework", "pan", "--as-taught"],
        ["pot", "--framework", "pot", "--record", "x"],
        ["pot", "--framework", "pot", "--as-taught"],
    ]
    assert [result.title for result in hardened] == ["pan", "pot"]
    assert [result.title for result in taught] == ["pan as taught", "pot as taught"]


@pytest.mark.parametrize(
    ("result", "code"),
    [
        pytest.param(SiteResult("pan", {"a": "failed"}, {"a": "500"}), 0, id="killed"),
        pytest.param(SiteResult("pan", {"a": "passed"}, {"a": ""}), 1, id="survived"),
        pytest.param(
            SiteResult("pan", {"the run itself": "failed"}, {"the run itself": "no module"}),
            1,
            id="pytest did not start",
        ),
        pytest.param(SKIPPED, 3, id="all skipped"),
        pytest.param(NOTHING, 3, id="none collected"),
    ],
)
def test_a_mutant_is_neither_killed_nor_survives_without_any_clause(monkeypatch, result, code):
    mutant = Mutant("pan", "pan", "a fault", "README.md", "# Cookoff", "#", "sign-in")
    monkeypatch.setattr(mutation_run, "run_clauses", lambda *_: result)
    monkeypatch.setattr(mutants, "select_testable", lambda selected, names: (selected, 0))
    monkeypatch.setattr("bench.conformance.mutants.read_mutants", lambda site, path: [mutant])
    monkeypatch.setattr("bench.conformance.mutants.find_mutant_files", lambda names: {"pan": None})
    monkeypatch.setattr("bench.conformance.mutants.Mutant.apply", lambda self, root: None)
    assert mutants.command.main(["pan"], standalone_mode=False) == code


def test_a_text_that_is_in_no_id_is_an_error(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["cookoff", "mutants", "-k", "no such id"])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 2
    assert "'no such id'; see apps/*/mutants.toml" in capsys.readouterr().err
