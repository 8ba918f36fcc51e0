"""A site with a few features: their clauses decide alone, and a blocked clause says by what."""

import ast
import shutil

import pytest

from bench.conformance.contract import run_clauses
from bench.core.paths import ROOT, Paths
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
    monkeypatch.delenv("CI", raising=False)  # with CI, a blocked clause is a failure

    def run(features, *options):
        cut_down(apps / "bare", (*features, *ALWAYS))
        return run_clauses("bare", ["--framework", "bare", "--deselect", COMPARISON, *options])

    return run


@pytest.fixture
def run_beside_bare(tmp_path, monkeypatch):
    """Return a function that runs clauses against a cut copy, compared with bare."""
    apps, environments = tmp_path / "apps", tmp_path / "venvs"
    for name in ("bare", "pages"):
        shutil.copytree(ROOT / "apps" / name, apps / name)
    shutil.copytree(apps / "bare", apps / "newcomer")
    environments.mkdir()
    for name in ("bare", "newcomer"):
        (environments / name).symlink_to(Paths.from_environ().environments / "bare")
    monkeypatch.setenv("COOKOFF_APPS", str(apps))
    monkeypatch.delenv("CI", raising=False)  # with CI, a blocked clause is a failure
    monkeypatch.setenv("COOKOFF_ENVIRONMENTS", str(environments))

    def run(features, *options):
        cut_down(apps / "newcomer", features)
        return run_clauses("newcomer", ["--framework", "newcomer", "--group", "core", *options])

    return run


def cut_down(app, features):
    """Remove the addresses of all other features."""
    tree = ast.parse((ROOT / "apps" / "bare" / "handlers.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not is_wanted(node, features):
            # The function stays, because others may call it; it has no address.
            node.decorator_list = [each for each in node.decorator_list if not is_route(each)]
    (app / "handlers.py").write_text(ast.unparse(tree), encoding="utf-8")


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
    blocked = [second.reasons[clause] for clause in second.find_clauses("blocked")]
    assert "show-one-dish" not in ", ".join(blocked).replace("blocked by ", "").split(", ")


def test_a_failure_names_request_reply_and_expectation(run_with):
    feature = "tell-how-a-request-travels"
    result = run_with([], "--feature", feature, "--group", "core", "-k", "database")
    assert result.reasons["the page names the database"] == (
        'GET /about -> 404 Not Found "We have looked on every shelf, and there is nothing at this '
        'address.": 404 instead of 200'
    )


def test_the_error_of_a_failing_handler_is_named_with_its_line(run_with, tmp_path):
    handlers = tmp_path / "apps" / "bare" / "handlers.py"
    text = handlers.read_text(encoding="utf-8")
    right, wrong = 'return as_json({"status": "ok"})', 'return as_jason({"status": "ok"})'
    assert right in text
    handlers.write_text(text.replace(right, wrong), encoding="utf-8")
    line = text[: text.index(right)].count("\n") + 1
    result = run_clauses("bare", ["--framework", "bare", "-k", "house_in_order"])
    (reason,) = {result.reasons[clause] for clause in result.failed_clauses}
    assert reason.endswith(f" (NameError: name 'as_jason' is not defined, handlers.py:{line})")


def test_a_page_that_shows_a_missing_feature_is_blocked_by_it(run_beside_bare):
    features = ["show-the-menu", "show-one-dish"]
    result = run_beside_bare(features, "--feature", "show-the-menu", "-k", "test_canonical")
    assert result.failed_clauses == []
    page = "a page is the same as without a framework: the menu with a full cart"
    assert result.reasons[page] == "blocked by put-a-dish-in-the-cart"


def test_a_step_of_the_journey_is_blocked_by_what_an_earlier_step_lacks(run_beside_bare):
    features = ["show-one-dish", "show-one-order", "show-the-sign-in-form", "show-the-cart"]
    features += ["put-a-dish-in-the-cart"]
    options = [option for feature in features for option in ("--feature", feature)]
    result = run_beside_bare(features, *options, "-k", "test_canonical")
    assert result.failed_clauses == []
    pages = {"the order for its guest": "place-the-order", "a dish for staff": "sign-in"}
    for page, feature in pages.items():
        assert feature in result.reasons[f"a page is the same as without a framework: {page}"]


def test_a_fixture_that_needs_a_missing_feature_blocks_its_clauses(run_beside_bare):
    features = ["show-one-dish", "write-a-review"]
    result = run_beside_bare(features, "--feature", "write-a-review", "-k", "forged_form")
    assert len(result.outcomes) == 3
    assert set(result.outcomes.values()) == {"blocked"}
    assert set(result.reasons.values()) == {"blocked by put-a-dish-in-the-cart, show-the-cart"}


def test_a_missing_form_is_noticed_at_a_site_that_checks_tokens_first(run_beside_bare, tmp_path):
    app = tmp_path / "apps" / "newcomer" / "app.py"
    text = app.read_text(encoding="utf-8")
    find = "            handler, arguments = handlers.site.find(request.method, request.path)\n"
    check = (
        '            if request.method == "POST" and not request.for_programs:\n'
        "                request.check_csrf()\n"
    )
    assert find + check in text
    app.write_text(text.replace(find + check, check + find), encoding="utf-8")
    features = ["show-the-menu", "show-one-dish"]
    result = run_beside_bare(features, "--feature", "show-the-menu", "-k", "counts_the_portions")
    assert result.reasons == {
        "the menu counts the portions in the cart": "blocked by put-a-dish-in-the-cart"
    }


def test_a_failure_after_a_refused_request_names_that_request(run_beside_bare):
    features = [feature.id for feature in FEATURES if feature.id != "write-a-review"]
    options = ["--feature", "write-a-review", "-k", "newest_review_comes_first"]
    result = run_beside_bare(features, *options)
    (reason,) = result.reasons.values()
    assert reason.startswith("POST /dishes/")
    assert '/reviews -> 404 Not Found "' in reason
    assert ", then GET /dishes/" in reason
    assert reason.endswith(" instead of ['Second', 'First']")
