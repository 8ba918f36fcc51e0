"""A framework is a folder: adding one is enough, and a broken one does not hide the others."""

import re
import shutil

import pytest
from packaging.utils import canonicalize_name

from bench.core.errors import UsageError
from bench.core.paths import ROOT
from bench.frameworks.manifest import ManifestError, discover_frameworks

KITCHENS = discover_frameworks(ROOT / "apps").frameworks
PIN = re.compile(r"^([\w.-]+)(?:\[[^]]*\])?==(\S+)", re.MULTILINE)


def test_a_copied_folder_is_a_framework(places, add_app):
    tiny = add_app("tiny")
    shutil.copytree(tiny.folder, places.apps / "copy")
    assert list(discover_frameworks(places.apps).frameworks) == ["copy", "tiny"]


def test_a_folder_without_facts_is_no_framework(places, add_app):
    add_app("tiny")
    (places.apps / "pages").mkdir()
    shelf = discover_frameworks(places.apps)
    assert (list(shelf.frameworks), dict(shelf.load_errors)) == (["tiny"], {})


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        pytest.param('title = "broken"', "title = ", "Invalid value (at line 1", id="syntax"),
        pytest.param('title = "broken"\n', "", "'title' must be a text", id="missing"),
        pytest.param('title = "broken"', "title = 7", "'title' must be a text", id="number"),
        pytest.param('title = "broken"', 'title = " "', "'title' must be a text", id="blank"),
        pytest.param('home = "', 'hoem = "', "unknown key 'hoem'", id="misspelt"),
        pytest.param('">=3.11"', '"3.11 or so"', "'python' is no range of versions", id="python"),
        pytest.param("summary", "deviations = 1\nsummary", "as [[deviations]]", id="deviations"),
    ],
)
def test_broken_facts_are_named_by_file_and_key(places, add_app, before, after, reason):
    add_app("tiny")
    facts = add_app("broken").folder / "framework.toml"
    assert before in facts.read_text()
    facts.write_text(facts.read_text().replace(before, after, 1))
    shelf = discover_frameworks(places.apps)
    assert list(shelf.frameworks) == ["tiny"]
    assert shelf.load_errors["broken"].startswith("broken/framework.toml: ")
    assert reason in shelf.load_errors["broken"]
    with pytest.raises(ManifestError, match=r"^broken/framework"):
        shelf.get("broken")


def test_facts_that_are_no_text_are_named(places, add_app):
    (add_app("broken").folder / "framework.toml").write_bytes(b"\xff")
    assert "utf-8" in discover_frameworks(places.apps).load_errors["broken"]


def declare(framework, lines):
    with (framework.folder / "framework.toml").open("a") as facts:
        facts.write(f"[[deviations]]\n{lines}\n")


def test_a_deviation_carries_its_clause_its_reason_and_its_source(places, add_app):
    declare(add_app("tiny"), 'clause = "a"\nreason = "b"\nsource = "c"')
    (deviation,) = discover_frameworks(places.apps).get("tiny").deviations
    assert (deviation.clause, deviation.reason, deviation.source) == ("a", "b", "c")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        pytest.param('clause = "a"', "deviation 1: 'reason' must be a text", id="no-reason"),
        pytest.param('clause = "a"\nwhy = "b"', "deviation 1: only clause, reason", id="other-key"),
    ],
)
def test_a_deviation_that_lacks_its_reason_is_refused(places, add_app, lines, reason):
    declare(add_app("tiny"), lines)
    assert reason in discover_frameworks(places.apps).load_errors["tiny"]


def test_an_unknown_name_is_wrong_use_and_the_nearest_one_is_suggested(places, add_app):
    add_app("flask")
    shelf = discover_frameworks(places.apps)
    with pytest.raises(UsageError, match=r"^no framework is called 'falsk'; did you mean flask\?$"):
        shelf.select(["falsk"])
    with pytest.raises(UsageError, match="see: cookoff list"):
        shelf.select(["qqq"])


def test_every_folder_of_this_project_is_in_order():
    shelf = discover_frameworks(ROOT / "apps")
    assert dict(shelf.load_errors) == {}
    assert "bare" in shelf.frameworks


def locked_version(framework):
    pins = PIN.findall(framework.lock.read_text())
    wanted = canonicalize_name(framework.distribution)
    return next(version for name, version in pins if canonicalize_name(name) == wanted)


@pytest.mark.parametrize("name", [name for name, one in KITCHENS.items() if one.distribution])
def test_it_is_told_on_which_day_the_locked_version_came_out(name):
    framework = KITCHENS[name]
    version = locked_version(framework)
    assert version in framework.release_dates, (
        f"apps/{name}/framework.toml does not tell when {framework.title} {version} came out:"
        f' add "{version}" = YYYY-MM-DD, the day it was uploaded, to its table [released]'
    )
