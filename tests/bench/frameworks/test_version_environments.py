"""A version has an environment of its own, in which only what must move moves."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bench.frameworks import environments, source_trees, version_locks
from bench.frameworks.environments import EnvironmentBuildError
from bench.frameworks.manifest import discover_frameworks, pin_named
from bench.frameworks.version_records import read_record
from tests.bench.distributions import write_checkout, write_sdist, write_wheel


@pytest.fixture
def index(tmp_path, monkeypatch):
    """Return a folder that is the package index, offline."""
    folder = tmp_path / "index"
    write_wheel(folder, "1.0")
    write_wheel(folder, "2.0", requires=["gill>=2"])
    write_wheel(folder, "1.0", name="gill")
    write_wheel(folder, "2.0", name="gill")
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_OFFLINE", "1")
    return folder


@pytest.fixture
def newt(places, add_app, index, tiny_environment, monkeypatch):
    """Return the app of a framework called newt, locked to version 1.0."""
    for name, path in (
        ("APPS", places.apps), ("ENVIRONMENTS", places.environments), ("STATE", places.state),
    ):  # fmt: skip
        monkeypatch.setenv(f"COOKOFF_{name}", str(path))
    framework = add_app("newt")
    manifest = framework.folder / "framework.toml"
    manifest.write_text(manifest.read_text().replace('"waitress"', '"newt"'))
    (framework.folder / "requirements.in").write_text("newt>=1,<2\ngill<2  # a reason\n")
    with framework.lock.open("w") as lock:
        for name in ("newt", "gill"):
            digest = source_trees.read_state(index / f"{name}-1.0-py3-none-any.whl").digest
            lock.write(f"{name}==1.0 \\\n    --hash=sha256:{digest}\n")
    return discover_frameworks(places.apps).get("newt")


@pytest.fixture
def build(newt, places):
    """Return a function that builds the environment of a version."""

    def ensure(what, **options):
        return environments.ensure_environment(pin_named(newt, str(what), **options), places)

    return ensure


def installed(environment):
    return version_locks.read_pins(environment.framework.lock)


def run_newt(environment, expression="newt.VERSION"):
    command = [environment.python, "-c", f"import newt; print({expression})"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_only_the_framework_moves_where_the_other_packages_still_fit(build, newt, index):
    write_wheel(index, "1.5")
    write_wheel(index, "1.7", name="gill")
    version = build("1.5")
    assert version.version == "1.5" == run_newt(version)
    assert version.record.moves == []
    assert installed(version)["gill"] == "1.0"
    assert version.folder.name == "newt@1.5"


def test_what_must_move_with_the_framework_is_named(build):
    version = build("2.0")
    assert version.version == "2.0"
    assert version.record.moves == ["gill 1.0 → 2.0"]


def test_latest_is_what_the_requirements_give_today_and_then_stays(build, index, places):
    write_wheel(index, "1.5")
    write_wheel(index, "1.7", name="gill")
    first = build("latest")
    assert (first.version, first.record.moves) == ("1.5", ["gill 1.0 → 1.7"])
    write_wheel(index, "1.6")
    shutil.rmtree(first.folder)
    assert build("latest").version == "1.5"


def test_a_changed_app_lock_resolves_a_version_again(build, newt):
    first = build("1.0")
    with newt.lock.open("a") as lock:
        lock.write("# another line\n")
    assert build("1.0").record.app_digest != first.record.app_digest


def test_a_version_that_is_not_on_the_index_is_one_line(build):
    with pytest.raises(EnvironmentBuildError, match=r"^newt@9\.9: ") as refused:
        build("9.9")
    assert "\n" not in str(refused.value)
    assert "newt==9.9" in str(refused.value)


def test_a_checkout_is_built_again_when_it_changes(build, tmp_path, places):
    checkout = write_checkout(tmp_path / "my checkout", "1.1")
    files = sorted(checkout.rglob("*"))
    first = build(checkout)
    assert (first.version, first.record.kind) == ("1.1", "checkout")
    assert build(checkout).build_seconds == 0
    (checkout / "newt.py").write_text('VERSION = "1.1"\nCHANGED = True\n')
    second = build(checkout)
    assert run_newt(second, "newt.CHANGED") == "True"
    assert second.record.source_digest != first.record.source_digest
    assert sorted(checkout.rglob("*")) == files  # a build writes nothing in the checkout
    # Another process finds the version by its safe name, and does not read the checkout again.
    (checkout / "newt.py").unlink()
    assert build(second.framework.name.partition("@")[2]).build_seconds == 0


def test_a_checkout_may_have_the_version_of_the_lock(build, tmp_path):
    checkout = write_checkout(tmp_path / "tree", "1.0", "CHANGED = True\n")
    version = build(checkout)
    assert (version.version, version.record.moves) == ("1.0", [])
    assert run_newt(version, "newt.CHANGED") == "True"


def test_the_provenance_of_a_checkout_says_whether_it_differs_from_its_commit(build, tmp_path):
    checkout = write_checkout(tmp_path / "tree", "1.1")
    git = ["git", "-c", "user.name=n", "-c", "user.email=e@localhost", "-C", str(checkout)]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *arguments], check=True)
    clean = build(checkout).record
    assert re.fullmatch(r"[0-9a-f]{40}", clean.commit)
    assert not clean.is_dirty
    (checkout / "new.py").write_text("")
    dirty = build(checkout).record
    assert dirty.is_dirty
    assert dirty.commit == clean.commit
    assert dirty.source_digest != clean.source_digest


def test_ignored_and_generated_files_do_not_change_a_checkout(tmp_path):
    checkout = write_checkout(tmp_path / "tree", "1.1")
    before = source_trees.read_state(checkout)
    for folder in ("build", "__pycache__", "newt.egg-info", ".venv"):
        (checkout / folder).mkdir()
        (checkout / folder / "file.py").write_text("")
    assert source_trees.read_state(checkout) == before


def test_a_wheel_and_a_source_archive_are_versions(build, tmp_path):
    assert build(write_wheel(tmp_path / "a folder", "1.2")).version == "1.2"
    archive = build(write_sdist(tmp_path / "archives", "1.3"))
    assert (archive.version, archive.record.kind) == ("1.3", "sdist")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        pytest.param(
            lambda folder: (folder / "pyproject.toml").unlink(),
            "has no pyproject.toml and no setup.py",
            id="no project",
        ),
        pytest.param(
            lambda folder: (folder / "backend.py").unlink(),
            "no wheel can be built",
            id="no build backend",
        ),
    ],
)
def test_a_checkout_that_cannot_be_built_says_why(build, tmp_path, spoil, message):
    checkout = write_checkout(tmp_path / "tree", "1.1")
    spoil(checkout)
    with pytest.raises(EnvironmentBuildError, match=message) as refused:
        build(checkout)
    assert "\n" not in str(refused.value)


def test_a_wheel_of_another_distribution_is_refused(build, tmp_path):
    with pytest.raises(EnvironmentBuildError, match="is gill, not newt"):
        build(write_wheel(tmp_path / "wheels", "1.0", name="gill"))


def test_a_missing_interpreter_is_named(build):
    with pytest.raises(EnvironmentBuildError, match=r"Python 3\.99 is not installed"):
        build("locked", python="3.99")


def test_the_record_has_no_more_than_what_a_later_run_needs(build, places):
    build("1.0")
    content = json.loads((places.state / "locks" / "newt@1.0.json").read_text())
    assert content["what"] == "1.0"
    assert read_record("newt@1.0", places).spec.slug == "1.0"
    assert not Path(places.state / "locks" / "newt@1.0.draft").exists()


def test_a_day_limits_all_packages_but_those_that_all_apps_share():
    options = list(version_locks.limit_uploads("2024-12-31"))
    assert options[:2] == ["--exclude-newer", "2024-12-31"]
    assert f"sqlalchemy={version_locks.ANY_DAY}" in options
    assert not [option for option in options if option.startswith("flask=")]
