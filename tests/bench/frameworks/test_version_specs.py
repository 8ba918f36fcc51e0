"""NAME@WHAT names one version, and its safe name is usable in paths."""

from pathlib import Path

import pytest

from bench.core.errors import UsageError
from bench.core.paths import Paths
from bench.frameworks.manifest import discover_frameworks
from bench.frameworks.version_specs import make_absolute, parse_version

FLASK = discover_frameworks(Paths().apps).get("flask")


@pytest.mark.parametrize(
    ("what", "kind", "specifier"),
    [
        pytest.param("2.3.3", "release", "==2.3.3", id="a version"),
        pytest.param("3.0.*", "release", "==3.0.*", id="any of some versions"),
        pytest.param("<3", "release", "<3", id="a range"),
        pytest.param("3.0.0rc1", "release", "==3.0.0rc1", id="a pre-release"),
        pytest.param("latest", "latest", "", id="latest"),
        pytest.param("locked", "locked", "", id="locked"),
    ],
)
def test_a_version_on_the_index_is_recognized(what, kind, specifier):
    spec = parse_version("flask", what)
    assert (spec.kind, spec.specifier, spec.path) == (kind, specifier, None)


def test_a_version_is_its_own_safe_name():
    assert parse_version("flask", "2.3.3").slug == "2.3.3"
    assert parse_version("flask", "2.3.3", "3.13", "2024-12-31").slug == "2.3.3-py3.13-2024-12-31"


def test_ranges_and_paths_have_different_safe_names(tmp_path):
    folders = [tmp_path / "my flask", tmp_path / "other" / "my flask", tmp_path / "my@flask"]
    for folder in folders:
        folder.mkdir(parents=True)
    whats = ["<3", ">=3", "3.*", *map(str, folders)]
    slugs = [parse_version("flask", what).slug for what in whats]
    assert len(set(slugs)) == len(slugs)
    for slug in slugs:
        assert not set(slug) - set("abcdefghijklmnopqrstuvwxyz0123456789.-_+"), slug
        assert not slug.startswith((".", "-"))


def test_a_relative_path_is_the_same_version_from_another_folder(tmp_path, monkeypatch):
    (tmp_path / "flask").mkdir()
    monkeypatch.chdir(tmp_path)
    here = parse_version("flask", "./flask")
    assert make_absolute("flask@./flask") == f"flask@{tmp_path / 'flask'}"
    assert make_absolute("flask@2.3.3") == "flask@2.3.3"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert parse_version("flask", "../flask").slug == here.slug


@pytest.mark.parametrize(
    ("what", "message"),
    [
        pytest.param("nonsense", "names no version; use a version such as", id="a word"),
        pytest.param("", "names no version", id="nothing"),
        pytest.param("../nowhere", "../nowhere does not exist", id="no folder"),
        pytest.param("gone.whl", "gone.whl does not exist", id="no wheel"),
        pytest.param(__file__, "not a folder, a wheel", id="another file"),
        pytest.param("<<3", "names no version", id="half a range"),
    ],
)
def test_what_is_no_version_is_refused_in_one_line(what, message):
    with pytest.raises(UsageError, match=r"^flask@") as refused:
        parse_version("flask", what)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"python": "snake"}, "not a version of Python", id="an interpreter"),
        pytest.param({"before": "yesterday"}, "not a date", id="a day"),
    ],
)
def test_an_option_that_is_no_value_is_refused(options, message):
    with pytest.raises(UsageError, match=message):
        parse_version("flask", "2.3.3", **options)


def test_the_locked_version_is_the_framework_itself():
    registry = discover_frameworks(Paths().apps)
    assert registry.get("flask@locked") == FLASK
    pinned = registry.get("flask@2.3.3")
    assert (pinned.name, pinned.app, pinned.folder) == ("flask@2.3.3", "flask", FLASK.folder)
    assert pinned.lock.name == "flask@2.3.3.txt"
    assert pinned.app_lock == FLASK.lock


def test_a_framework_on_no_index_has_no_versions():
    with pytest.raises(UsageError, match="bare is on no package index"):
        discover_frameworks(Paths().apps).get(f"bare@{Path.cwd()}")
