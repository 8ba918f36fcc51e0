"""Levels and groups of clauses: their counts, and how pytest selects and reports them."""

import json
import subprocess
import sys

import pytest
from msgspec import to_builtins

from bench.conformance.contract import SiteResult
from bench.core.paths import ROOT

SITE = """
import pytest
from tests.contract.levels import hardening

pytestmark = pytest.mark.feature("show-the-menu")

def test_a_core_claim(site):
    pass

@hardening("forms")
def test_a_claim_of_a_group(site):
    assert not site.hardened

@pytest.mark.parametrize("text", ["", "-1", "one", "é"])
@hardening("charsets", "é", {more})
def test_a_claim_of_two_levels(site, text):
    pass
"""
CONFTEST = """
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.contract import clauses, conftest
from tests.contract.conftest import *

clauses.HERE = Path(__file__).parent
clauses.framework_of = lambda site: None

@pytest.fixture(scope="session")
def site(request):
    return SimpleNamespace(hardened=request.config.getoption("--as-taught"))
"""


@pytest.fixture
def run_clauses(tmp_path):
    """Run clauses of one site in their own pytest. Return the outcomes, and the last line."""

    def run(*options, more='""'):
        (tmp_path / "conftest.py").write_text(CONFTEST)
        (tmp_path / "test_it.py").write_text(SITE.replace("{more}", more))
        results = tmp_path / "results.json"
        command = [sys.executable, "-m", "pytest", str(tmp_path), "-q", "-p", "no:cacheprovider"]
        command += ["--rootdir", str(tmp_path), "--app", "an.app:it", "--results", str(results)]
        done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True)
        found = json.loads(results.read_text()) if results.exists() else {}
        return found.get("an.app:it", {}), done.stdout + done.stderr

    return run


def test_a_mark_puts_a_clause_or_single_cases_in_a_group(run_clauses):
    outcomes, _ = run_clauses()
    assert {clause: entry["group"] for clause, entry in outcomes.items()} == {
        "a core claim": "",
        "a claim of a group": "forms",
        "a claim of two levels": "charsets",  # the case with an empty id
        "a claim of two levels: -1": "",
        "a claim of two levels: one": "",
        "a claim of two levels: é": "charsets",
    }


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        (["core"], {"a core claim", "a claim of two levels: -1", "a claim of two levels: one"}),
        (["forms"], {"a claim of a group"}),
        (["forms", "charsets"],
         {"a claim of a group", "a claim of two levels", "a claim of two levels: é"}),
    ],
    ids=["core", "one group", "two groups"],
)  # fmt: skip
def test_the_clauses_of_some_groups_can_be_run_alone(run_clauses, groups, expected):
    outcomes, _ = run_clauses(*(f"--group={group}" for group in groups))
    assert set(outcomes) == expected


def test_a_site_as_taught_may_miss_a_hardening_clause(run_clauses):
    hardened, _ = run_clauses()
    assert hardened["a claim of a group"]["outcome"] == "passed"
    taught, _ = run_clauses("--as-taught")
    assert taught["a claim of a group"]["outcome"] == "unmet"
    assert taught["a core claim"]["outcome"] == "passed"


def test_a_mark_of_a_case_that_does_not_exist_is_refused(run_clauses):
    _, printed = run_clauses(more='"two"')
    assert "'a claim of two levels' has no case 'two'" in printed


def test_clauses_are_counted_by_level():
    outcomes = {"a": "passed", "b": "failed", "c": "deviation", "d": "unmet", "e": "passed"}
    groups = {"a": "", "b": "", "c": "json", "d": "forms", "e": "forms"}
    result = SiteResult("pan", outcomes, {}, groups)
    assert to_builtins(result.count_levels()) == {
        "core": {"passed": 1, "clauses": 2},
        "json": {"passed": 1, "clauses": 1},
        "forms": {"passed": 1, "clauses": 2},
    }
