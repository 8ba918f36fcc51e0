"""A site with a few features: their clauses decide alone, and a blocked clause says by what."""

import ast
import shutil

import pytest

from bench.conformance.contract import run_clauses
from bench.core.paths import ROOT
from bench.frameworks.features import FEATURES

# The site that the pages are compared with is the one that is cut down here.
COMPARISON = "tests/contract/test_canonical.py::test_a_page_is_the_same_as_without_a_framework"
# These belong to any site: replies need error pages, and pages need the style sheet.
ALWAYS = ("serve-a-static-file", "show-what-went-wrong")


@pytest.fixture
def run_with(tmp_path, monkeypatch):
    """Return a function that runs clauses against the site without a framework, cut down."""
    apps = tmp_path / "apps"
    for name in ("bare", "pages"):
        shutil.copytree(ROOT / "apps" / name, apps / name)
    monkeypatch.setenv("COOKOFF_APPS", str(apps))

    def run(features, *options):
        file = apps / "bare" / "handlers.py"
        tree = ast.parse((ROOT / "apps" / "bare" / "handlers.py").read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and not is_wanted(node, (*features, *ALWAYS)):
                # The function stays, because others may call it; it has no address.
                node.decorator_list = [each for each in node.decorator_list if not is_route(each)]
        file.write_text(ast.unparse(tree), encoding="utf-8")
        return run_clauses("bare", ["--framework", "bare", "--deselect", COMPARISON, *options])

    return run


def is_wanted(node, features):
    sentence = (ast.get_docstring(node) or "").partition("\n")[0]
    return any(feature.sentence == sentence and feature.id in features for feature in FEATURES)


def is_route(decorator):
    return "site.route" in ast.unparse(decorator)


def test_the_clauses_of_the_only_feature_decide_alone(run_with):
    result = run_with(["show-the-menu"], "--feature", "show-the-menu", "--group", "core")
    assert result.failed_clauses == []
    assert len(result.find_clauses("passed")) > 20
    blocked = [result.reasons[clause] for clause in result.find_clauses("blocked")]
    assert blocked, "some clauses need a cart"
    assert all(reason.startswith("blocked by ") for reason in blocked)
    assert not any("show-the-menu" in reason for reason in blocked)


def test_the_next_feature_unblocks_clauses_and_fails_none(run_with):
    options = ["--feature", "show-the-menu", "--feature", "show-one-dish", "--group", "core"]
    first = run_with(["show-the-menu"], *options)
    second = run_with(["show-the-menu", "show-one-dish"], *options)
    assert first.outcomes["a dish says all about itself"] == "failed"
    assert second.failed_clauses == []
    assert len(second.find_clauses("passed")) > len(first.find_clauses("passed"))
    assert len(second.find_clauses("blocked")) <= len(first.find_clauses("blocked"))


def test_a_failure_names_request_reply_and_expectation(run_with):
    feature = "tell-how-a-request-travels"
    result = run_with([], "--feature", feature, "--group", "core", "-k", "database")
    assert result.reasons["the page names the database"] == (
        'GET /about -> 404 Not Found "We have looked on every shelf, and there is nothing at this '
        'address.": 404 instead of 200'
    )
