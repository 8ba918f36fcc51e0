"""Each patch of each kata applies and passes the clauses; a patch that does not is named."""

from dataclasses import replace

import pytest

from bench.conformance.contract import SiteResult
from bench.conformance.katas import patching, scaffold
from bench.conformance.katas.catalogue import KataError, read_kata, select_katas
from bench.conformance.katas.check import (
    NO_CLAUSE,
    STILL_HOLDS,
    CheckOptions,
    PatchOutcome,
    check_katas,
    judge_replaced,
)
from bench.conformance.katas.patching import NO_PATCH
from bench.core.errors import UsageError
from bench.core.paths import Paths
from bench.frameworks import environments
from bench.frameworks.environments import Environment
from bench.frameworks.manifest import discover_frameworks
from bench.results.schema import LevelCount

KATAS = select_katas()
FRAMEWORKS = discover_frameworks(Paths.from_environ().apps)
BARE = FRAMEWORKS.get("bare")
# A framework with a patch for one kata has one for each. A new framework has none at first.
TAKING_PART = {patch.stem for kata in KATAS for patch in kata.folder.glob("*.patch")}
TABLE = 'number = 1\ntitle = "Hats"\nsummary = "Hats."\n'
CLAUSE = """
import pytest

@pytest.mark.feature("show-the-menu")
def test_the_menu_has_a_hat(guest):
    assert guest.page("/").texts(".hat") == ["a hat"]
"""
PATCH = """diff --git a/apps/pages/menu.html b/apps/pages/menu.html
--- a/apps/pages/menu.html
+++ b/apps/pages/menu.html
@@ -2,4 +2,4 @@
 {% block title %}The menu{% endblock %}
 {% block main %}
-<h1>The menu</h1>
+<h1>The menu</h1><p class="hat">a HAT</p>
 {% for section in sections %}
"""


@pytest.fixture(scope="session")
def ready_frameworks():
    """Return the frameworks whose environment can be built; web2py needs its source archive."""
    frameworks = [each for each in FRAMEWORKS.select() if each.name in TAKING_PART]
    outcomes = environments.ensure_all_environments(frameworks, Paths.from_environ())
    return [outcome.framework for outcome in outcomes.values() if isinstance(outcome, Environment)]


def write_kata(folder, **files):
    """Write a kata into a folder, and return the kata."""
    folder.mkdir(exist_ok=True)
    for name, text in {"kata.toml": TABLE, "request.md": "Hats!\n", "clauses.py": CLAUSE}.items():
        (folder / name).write_text(text)
    for name, text in files.items():
        (folder / f"{name}.patch").write_text(text)
    return read_kata(folder / "kata.toml")


def check(kata, frameworks=(BARE,), **options):
    """Return the outcome of each framework's patch."""
    outcomes = {}

    def add(kata, outcome, root):
        outcomes[outcome.name] = outcome

    check_katas([kata], frameworks, CheckOptions(**options), add)
    return outcomes


def test_each_kata_has_a_number_of_its_own():
    assert len({kata.number for kata in KATAS}) == len(KATAS)


@pytest.mark.parametrize("kata", KATAS, ids=lambda kata: kata.name)
def test_each_patch_of_a_kata_passes_its_clauses(kata, ready_frameworks):
    outcomes = check(kata, ready_frameworks)
    problems = {name: each.problem or each.failed for name, each in outcomes.items()}
    assert {name: found for name, found in problems.items() if found} == {}


def test_a_clause_that_fails_is_named_and_the_patch_does_not_count(tmp_path):
    kata = write_kata(tmp_path, pages=PATCH, bare="The pages suffice.\n")
    outcome = check(kata)["bare"]
    assert not outcome.problem
    assert not outcome.counts
    assert list(outcome.failed) == ["the menu has a hat"]
    assert "'a HAT'" in outcome.failed["the menu has a hat"]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, NO_PATCH),
        ({"bare": "", "pages": PATCH.replace(" {% block main", " {% bluck main")},
         "pages.patch no longer applies: patch failed: apps/pages/menu.html:2; write it "),
        ({"bare": PATCH}, "bare.patch changes apps/pages/menu.html; it may change apps/bare/"),
        ({"bare": PATCH.replace("apps/pages", "apps/bare")}, "bare.patch no longer applies: "),
    ],
    ids=["none", "stale pages", "another folder", "no such file"],
)  # fmt: skip
def test_a_patch_that_cannot_be_applied_is_named(tmp_path, files, reason):
    kata = write_kata(tmp_path, **files)
    with patching.copy_for_kata(kata) as root:
        failures = patching.apply_framework_patches(kata, [BARE], root)
    assert reason in failures["bare"]


def test_a_shared_change_that_cannot_be_applied_is_named(tmp_path):
    kata = write_kata(tmp_path, shared=PATCH)
    outcome = check(kata)["bare"]
    assert "shared.patch changes apps/pages/menu.html; it may change " in outcome.problem
    assert not outcome.counts


def test_a_patch_is_applied_to_a_copy_only(tmp_path):
    kata = write_kata(tmp_path, pages=PATCH, bare="")
    file = Paths.from_environ().pages / "menu.html"
    before = file.read_bytes()
    with patching.copy_for_kata(kata) as root:
        assert patching.apply_framework_patches(kata, [BARE], root) == {}
        assert "a HAT" in (root / "apps/pages/menu.html").read_text()
        assert (root / patching.KATA_CLAUSES).read_text() == CLAUSE
    assert file.read_bytes() == before


# Each clause ends the run of pytest, or pytest itself.
ENDINGS = {
    "os.kill(os.getpid(), signal.SIGINT)": "the run was interrupted",
    "os.kill(os.getpid(), signal.SIGKILL)": "the run was ended by SIGKILL",
    "pytest.exit('enough', returncode=0)": "the run ended after 1 of 3 clauses",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_incomplete_run_does_not_count(tmp_path, ending):
    clauses = f"""
import os
import signal

import pytest

@pytest.mark.feature("show-the-menu")
@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_menu_is_there(guest, number):
    if number == 2:
        {ending}
    assert guest.get("/").status == 200
"""
    kata = write_kata(tmp_path, bare="Nothing to change.\n")
    (tmp_path / "clauses.py").write_text(clauses)
    outcome = check(kata)["bare"]
    assert outcome.problem == ENDINGS[ending]
    assert not outcome.counts


def test_an_interrupt_of_the_check_reports_no_patch(tmp_path, monkeypatch):
    kata = write_kata(tmp_path, bare="Nothing to change.\n")

    def interrupt(*run):
        raise KeyboardInterrupt

    monkeypatch.setattr("bench.conformance.katas.check.interrupt_children", lambda: None)
    monkeypatch.setattr("bench.conformance.katas.check.run_patches", interrupt)
    with pytest.raises(KeyboardInterrupt):
        check(kata)


def test_a_replaced_clause_must_fail_and_a_clause_must_exist():
    kata = replace(KATAS[0], replaced={"a": "new", "b": "new", "c": "new"})
    outcomes = {"a": "failed", "b": "passed", "d": "passed"}
    result = judge_replaced(kata, SiteResult("bare", outcomes, dict.fromkeys(outcomes, "why")))
    assert result.failed_clauses == ["b", "c"]
    assert result.reasons["b"] == STILL_HOLDS
    assert result.reasons["c"] == NO_CLAUSE
    assert PatchOutcome("bare", core=result).core_count == LevelCount(1, 3)


def test_a_new_kata_can_be_read_and_its_clause_fails_at_first(tmp_path):
    folder = scaffold.write_kata("gift-cards", tmp_path)
    (kata,) = select_katas(folder=tmp_path)
    assert (kata.name, kata.number, kata.title) == ("gift-cards", 1, "Gift cards")
    compile((folder / "clauses.py").read_text(), "clauses.py", "exec")
    assert scaffold.write_kata("vouchers", tmp_path).name == "vouchers"
    assert [each.number for each in select_katas(folder=tmp_path)] == [1, 2]


@pytest.mark.parametrize("name", ["Hats", "../hats", "gift_cards", "tips-"])
def test_a_name_of_a_kata_has_letters_and_hyphens(tmp_path, name):
    with pytest.raises(UsageError, match="use lower-case letters and hyphens"):
        scaffold.write_kata(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_name_in_use_is_refused():
    with pytest.raises(UsageError, match="there is a kata called 'tips'; choose another name"):
        scaffold.write_kata("tips")


def test_an_unknown_kata_is_refused_with_similar_names():
    with pytest.raises(UsageError, match="no kata is called 'tip'; did you mean tips"):
        select_katas(["tip"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('number = 1\ntitle = "x"', "'summary' is missing; add it"),
        (f"{TABLE}hats = 3", "unknown key 'hats'"),
        (f'{TABLE}[[replaced]]\nclause = "x"', "'replaced[0].reason' is missing; add it"),
    ],
)
def test_an_error_in_kata_toml_names_the_key(tmp_path, text, message):
    file = tmp_path / "kata.toml"
    file.write_text(text)
    with pytest.raises(KataError) as caught:
        read_kata(file)
    assert message in str(caught.value)
