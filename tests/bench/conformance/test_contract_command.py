"""A contract run in which no clause ran proves nothing, and every command says so: exit code 3."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench.cli import compare, main, mutants, pipeline
from bench.cli import contract as contract_command
from bench.conformance import contract, mutation_run
from bench.conformance.contract import SiteResult
from bench.conformance.mutants import Mutant
from bench.frameworks.environments import Environment
from bench.results import store

SKIPPED = SiteResult("pan", {"a": "skipped", "b": "skipped"}, {"a": "no server", "b": "no server"})
NOTHING = SiteResult("pan", {}, {})
PASSED = SiteResult("pot", {"a": "passed", "b": "skipped"}, {"a": "", "b": "no server"})
DEVIATES = SiteResult("pot", {"a": "deviation"}, {"a": "declared"})
FAILED = SiteResult("pot", {"a": "failed"}, {"a": "500"})


@pytest.mark.parametrize(
    ("reports", "code", "said"),
    [
        pytest.param([PASSED], 0, "", id="passed"),
        pytest.param([DEVIATES], 0, "", id="a declared deviation ran"),
        pytest.param([SKIPPED], 3, "cookoff: pan: no clause ran: no server\n", id="all skipped"),
        pytest.param([NOTHING], 3, "cookoff: pan: no clause ran: none was collected\n", id="none"),
        pytest.param([PASSED, SKIPPED], 3, "cookoff: pan: no clause ran: no server\n", id="one of"),
        pytest.param([SKIPPED, FAILED], 1, "cookoff: pan: no clause ran: no server\n", id="failed"),
        pytest.param([], 3, "cookoff: no clause ran: no site is ready; run: cookoff setup\n",
                     id="no site"),
    ],
)  # fmt: skip
def test_the_exit_code_says_whether_clauses_ran(capsys, reports, code, said):
    assert contract_command.exit_code(reports, 0) == code
    assert capsys.readouterr().err == said


def run_pytest(outcomes, returncode):
    """Return what takes the place of a run of pytest that left these outcomes."""

    def run(command, *limits, **more):
        file = command[command.index("--results") + 1]
        one = {clause: {"outcome": outcome, "why": "w"} for clause, outcome in outcomes.items()}
        Path(file).write_text(json.dumps({"pan": one} if outcomes else {}))
        return SimpleNamespace(returncode=returncode, stdout="", stderr="")

    return run


@pytest.mark.parametrize(
    ("outcomes", "returncode", "ran"),
    [
        pytest.param({}, 5, False, id="nothing was collected"),
        pytest.param({}, 0, False, id="it left no outcome"),
        pytest.param({"a": "skipped"}, 0, False, id="all was skipped"),
        pytest.param({"a": "passed"}, 0, True, id="one passed"),
        pytest.param({}, 2, True, id="the run itself failed"),
    ],
)
def test_a_run_without_clauses_is_known_by_its_outcomes(monkeypatch, outcomes, returncode, ran):
    monkeypatch.setattr(contract, "run_command", run_pytest(outcomes, returncode))
    assert (contract.run_clauses("pan", []).not_run_reason == "") is ran


def test_the_command_ends_with_3_where_every_clause_needs_what_is_not_there(monkeypatch, capsys):
    monkeypatch.setattr(contract, "run_command", run_pytest({"a": "skipped"}, 0))
    line = ["cookoff", "contract", "--url", "http://127.0.0.1:1", "--database", "postgresql"]
    monkeypatch.setattr("sys.argv", line)
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 3
    assert capsys.readouterr().err == "cookoff: http://127.0.0.1:1: no clause ran: w\n"


@pytest.fixture
def compared(add_app, places, monkeypatch):
    """Return a function: the exit code of a comparison of one tiny app, and who was timed."""
    framework = add_app("pan")
    environment = Environment(framework, places.environments / "pan", 0.0)
    monkeypatch.setenv("COOKOFF_APPS", str(places.apps))
    monkeypatch.setattr(
        "bench.frameworks.environments.ensure_all_environments", lambda *_: {"pan": environment}
    )
    monkeypatch.setattr(pipeline, "collect_facts", lambda *_: {"name": "pan", "untrue": []})
    monkeypatch.setattr(compare.report, "write", lambda: "the page")
    monkeypatch.setattr(compare, "print_summary", lambda *_: None)
    monkeypatch.setattr(store, "read_results", lambda *_: {})
    monkeypatch.setattr(compare, "compared", lambda found: found)

    def compared(report):
        timed, written = [], []
        monkeypatch.setattr(store, "update_results", lambda told, file: written.append(told))
        monkeypatch.setattr(compare, "measure", lambda passed, *_: timed.extend(passed))
        monkeypatch.setattr(compare, "start_all", lambda passed, *_: timed.extend(passed))
        monkeypatch.setattr(compare, "count_all", lambda passed, *_: timed.extend(passed))

        def run_contract(names, options, told):
            told(report)
            return [report]

        monkeypatch.setattr(contract, "run_contract", run_contract)
        monkeypatch.setattr("sys.argv", ["cookoff", "compare"])
        with pytest.raises(SystemExit) as ended:
            main.main()
        return ended.value.code, timed, written

    return compared


@pytest.mark.parametrize("report", [SKIPPED, NOTHING], ids=["skipped", "none collected"])
def test_a_comparison_in_which_no_clause_ran_times_nobody_and_replaces_nothing(
    compared, capsys, report
):
    assert compared(report) == (3, [], [])
    assert "cookoff: pan: no clause ran" in capsys.readouterr().err


def test_a_comparison_times_who_passed(compared):
    code, timed, written = compared(SiteResult("pan", {"a": "passed"}, {"a": ""}))
    assert (code, {one.framework.name for one in timed}, len(written)) == (0, {"pan"}, 1)


@pytest.mark.parametrize(
    ("report", "code"),
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
def test_a_fault_is_neither_killed_nor_survived_where_no_clause_ran(monkeypatch, report, code):
    fault = Mutant("pan", "pan", "a fault", "README.md", "# Cookoff", "#", "sign-in")
    monkeypatch.setattr(mutation_run, "ask_one", lambda *_: report)
    monkeypatch.setattr(mutants, "select_testable", lambda wanted, names: (wanted, 0))
    monkeypatch.setattr("bench.conformance.mutants.read_mutants", lambda path: [fault])
    monkeypatch.setattr("bench.conformance.mutants.find_mutant_files", lambda names: {"pan": None})
    monkeypatch.setattr("bench.conformance.mutants.Mutant.apply", lambda self, root: None)
    assert mutants.command.main(["pan"], standalone_mode=False) == code


def test_a_text_that_no_fault_has_is_wrong_use(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["cookoff", "mutants", "-k", "no fault is called so"])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 2
    assert "no fault's name holds 'no fault is called so'" in capsys.readouterr().err
