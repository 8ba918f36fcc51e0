"""A framework is a folder with a manifest; a broken manifest does not hide other frameworks."""

import re
import shutil

import pytest
from packaging.utils import canonicalize_name

from bench.core.errors import UsageError
from bench.core.paths import ROOT
from bench.frameworks.manifest import ManifestError, discover_frameworks

FRAMEWORKS = discover_frameworks(ROOT / "apps").frameworks
PIN = re.compile(r"^([\w.-]+)(?:\[[^]]*\])?==(\S+)", re.MULTILINE)


def test_a_copied_folder_is_a_new_framework(places, add_app):
    tiny = add_app("tiny")
    shutil.copytree(tiny.folder, places.apps / "copy")
    assert list(discover_frameworks(places.apps).frameworks) == ["copy", "tiny"]


def test_a_folder_without_a_manifest_is_not_a_framework(places, add_app):
    add_app("tiny")
    (places.apps / "pages").mkdir()
    registry = discover_frameworks(places.apps)
    assert (list(registry.frameworks), dict(registry.load_errors)) == (["tiny"], {})


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        pytest.param('title = "broken"', "title = ", " Invalid value (at line 1", id="syntax"),
        pytest.param('title = "broken"\n', "", " 'title' is missing; add it", id="missing key"),
        pytest.param(
            'title = "broken"', "title = 7", "1: 'title': Expected `str`, got `int`", id="number"
        ),
        pytest.param(
            'title = "broken"', 'title = " "', "1: 'title': Expected `str` of length", id="blank"
        ),
        pytest.param(
            'home = "', 'hoem = "', "3: unknown key 'hoem'; did you mean home", id="misspelt key"
        ),
        pytest.param(
            '">=3.11"', '"3.11 or so"', "5: 'python' is not a range of versions", id="version range"
        ),
        pytest.param(
            "summary", "deviations = 1\nsummary", "8: 'deviations': Expected `array`", id="no table"
        ),
        pytest.param(
            '"*.html"', '"/etc/*"', "7: 'template_files' is not a glob pattern", id="glob pattern"
        ),
    ],
)
def test_a_broken_manifest_is_reported_with_file_line_and_key(
    places, add_app, before, after, reason
):
    add_app("tiny")
    manifest = add_app("broken").folder / "framework.toml"
    assert before in manifest.read_text()
    manifest.write_text(manifest.read_text().replace(before, after, 1))
    registry = discover_frameworks(places.apps)
    assert list(registry.frameworks) == ["tiny"]
    assert registry.load_errors["broken"].startswith(
        f"{places.apps}/broken/framework.toml:{reason}"
    )
    assert "\n" not in registry.load_errors["broken"]
    with pytest.raises(ManifestError, match=r"broken/framework\.toml:"):
        registry.get("broken")


def test_a_manifest_that_is_not_utf_8_is_reported(places, add_app):
    (add_app("broken").folder / "framework.toml").write_bytes(b"\xff")
    assert "utf-8" in discover_frameworks(places.apps).load_errors["broken"]


def append_to_manifest(framework, lines):
    with (framework.folder / "framework.toml").open("a") as manifest:
        manifest.write(f"{lines}\n")


def test_a_deviation_has_a_clause_a_reason_and_a_source(places, add_app):
    append_to_manifest(
        add_app("tiny"), '[[deviations]]\nclause = " a"\nreason = "b\\n"\nsource = "c"'
    )
    (deviation,) = discover_frameworks(places.apps).get("tiny").deviations
    assert (deviation.clause, deviation.reason, deviation.source) == ("a", "b", "c")


DEVIATION = '[[deviations]]\nclause = "a"\n'
SOURCE = '[source]\nenv = "A"\narchive = "B"\nsha256 = "C"\nmarker = "d/e.py"\n'


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        pytest.param(
            f'{DEVIATION}reason = "b"\nsource = "c"\n{DEVIATION}source = "c"',
            "13: 'deviations[1].reason' is missing; add it",
            id="deviation without a reason",
        ),
        pytest.param(
            f'{DEVIATION}why = "b"',
            "11: unknown key 'deviations[0].why'; remove it",
            id="deviation with another key",
        ),
        pytest.param(
            f'{DEVIATION}reason = " "\nsource = "c"',
            "11: 'deviations[0].reason': Expected `str` of length >= 1; correct the value",
            id="deviation with a blank reason",
        ),
        pytest.param(SOURCE, "9: 'source.licence' is missing; add it", id="source without licence"),
        pytest.param(
            f'{SOURCE}license = "MIT"',
            "14: unknown key 'source.license'; did you mean licence",
            id="source with another key",
        ),
        pytest.param(
            "[brings.cutlery]\nby = 'hand'",
            "9: unknown key 'brings.cutlery'; the needs are sessions, csrf,",
            id="unknown need",
        ),
        pytest.param(
            "[brings.csrf]\nby = ' '",
            "10: 'brings.csrf.by': Expected `str` of length >= 1",
            id="blank provider",
        ),
        pytest.param(
            "[brings.csrf]\nby = 'hand'\nwho = 'me'",
            "11: unknown key 'brings.csrf.who'; remove it",
            id="provision with another key",
        ),
        pytest.param(
            "[brings.csrf]\nby = 'hand'\ncode = 'app.py'",
            "11: 'brings.csrf.code': Expected `array`, got `str`",
            id="code is not a list",
        ),
        pytest.param(
            "[brings.csrf]\nby = 'framework'\nnames = ['pan',\n3]",
            "11: 'brings.csrf.names[1]': Expected `str`, got `int`",
            id="name is not a string",
        ),
        pytest.param(
            "[released]\n'1.2' = '2026-02-19'",
            "10: 'released.1.2': Expected `date`, got `str`",
            id="release date is a string",
        ),
        pytest.param(
            '[released]\n"a\\nb" = 1',
            "9: 'released.a\\nb': Expected `date`, got `int`",
            id="key with a line break",
        ),
    ],
)
def test_a_broken_table_is_reported_with_file_line_and_key(places, add_app, lines, reason):
    append_to_manifest(add_app("tiny"), lines)
    message = discover_frameworks(places.apps).load_errors["tiny"]
    assert message.startswith(f"{places.apps}/tiny/framework.toml:{reason}")
    assert "\n" not in message


def test_an_unknown_name_is_a_usage_error_that_suggests_the_nearest_name(places, add_app):
    add_app("flask")
    registry = discover_frameworks(places.apps)
    with pytest.raises(UsageError, match=r"^no framework is called 'falsk'; did you mean flask\?$"):
        registry.select(["falsk"])
    with pytest.raises(UsageError, match="see: cookoff list"):
        registry.select(["qqq"])


def test_every_manifest_of_this_project_is_valid():
    registry = discover_frameworks(ROOT / "apps")
    assert dict(registry.load_errors) == {}
    assert "bare" in registry.frameworks


def find_locked_version(framework):
    pins = PIN.findall(framework.lock.read_text())
    distribution = canonicalize_name(framework.distribution)
    return next(version for name, version in pins if canonicalize_name(name) == distribution)


@pytest.mark.parametrize("name", [name for name in FRAMEWORKS if FRAMEWORKS[name].distribution])
def test_the_manifest_has_the_release_date_of_the_locked_version(name):
    framework = FRAMEWORKS[name]
    version = find_locked_version(framework)
    assert version in framework.release_dates, (
        f"apps/{name}/framework.toml has no release date of {framework.title} {version}:"
        f' add "{version}" = YYYY-MM-DD, the day of its upload, to the table [released]'
    )
