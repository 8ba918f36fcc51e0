"""A run of the contract without any clause ends each command with exit code 3."""

import json
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
from tests.bench.results.samples import build_framework, build_results, parse

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
def run_compare(add_app, places, monkeypatch):
    """Return a function that runs `cookoff compare` for a tiny app with a result of the contract.

    The function returns the exit code, the environments that were measured, and the written parts.
    """
    framework = add_app("pan")
    facts = msgspec.convert(build_framework("pan", "Pan", 9), FrameworkFacts)
    environment = Environment(framework, places.environments / "pan", 0.0)
    monkeypatch.setenv("COOKOFF_APPS", str(places.apps))
    monkeypatch.setattr(
        "bench.frameworks.environments.ensure_all_environments", lambda *_: {"pan": environment}
    )
    monkeypatch.setattr(pipeline, "collect_facts", lambda *_: facts)
    monkeypatch.setattr(compare.report, "write_report", lambda: "the page")
    monkeypatch.setattr(compare, "print_summary", lambda *_: None)
    monkeypatch.setattr(store, "read_results", lambda *_: parse(build_results()))

    def run(result):
        measured, written = [], []
        monkeypatch.setattr(store, "update_results", lambda parts, file: written.append(parts))
        for name in ("measure_cost", "measure_startup", "count_calls"):
            monkeypatch.setattr(compare, name, lambda passed, *_: measured.extend(passed))

        def run_contract(names, options, on_result):
            on_result(result)
            return [result]

        monkeypatch.setattr(contract, "run_contract", run_contract)
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
