"""Applications share one database, created on first use, and get settings and a secret."""

import dataclasses
import os
import sqlite3
import stat
import subprocess

import pytest

from bench.core.errors import DependencyError
from bench.core.paths import ROOT
from bench.runtime import database
from shared_db.settings import Settings
from tests.bench.families import python


@pytest.fixture(autouse=True)
def _no_database_url(monkeypatch):
    """Ignore the DATABASE_URL of the developer."""
    monkeypatch.delenv("DATABASE_URL", raising=False)


def count_dishes(places):
    connection = sqlite3.connect(places.state / "larder.sqlite3")
    ((count,),) = connection.execute("SELECT count(*) FROM dishes")
    connection.close()
    return count


def test_settings_have_the_fields_of_the_settings_class(places):
    settings = database.build_settings("Tiny 1.0", places, "sqlite:////nowhere", debug=True)
    names = {field.name for field in dataclasses.fields(Settings)}
    assert set(settings) <= names
    assert names - set(settings) == {"frame_ancestors", "hardened"}
    assert (settings["framework"], settings["debug"]) == ("Tiny 1.0", True)


def test_the_secret_is_created_once_and_readable_only_by_its_owner(places):
    secret = database.ensure_secret(places)
    assert len(secret) == 64
    assert database.ensure_secret(places) == secret
    assert stat.S_IMODE((places.state / "secret").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content", [b"", b" \n" * 40, b"short", b"\xff" * 64, b"\0" * 64], ids=repr
)
def test_an_invalid_secret_is_refused_with_a_hint(places, content):
    places.ensure_folder()
    (places.state / "secret").write_bytes(content)
    with pytest.raises(DependencyError) as caught:
        database.ensure_secret(places)
    assert "\n" not in str(caught.value)
    assert f"rm {places.state}/secret" in str(caught.value)
    assert (places.state / "secret").read_bytes() == content


@pytest.mark.parametrize("kind", ["folder", "link to nothing"])
def test_a_secret_that_is_not_a_file_is_refused_with_a_hint(places, kind):
    file = places.ensure_folder() / "secret"
    file.mkdir() if kind == "folder" else file.symlink_to("nowhere")
    with pytest.raises(DependencyError, match=f"the secret cannot be read: .*rm {file}$"):
        database.ensure_secret(places)


@pytest.mark.parametrize("where", ["open", "fsync", "link"])
def test_after_an_interruption_the_next_command_creates_the_secret(places, monkeypatch, where):
    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, where, interrupt)
        with pytest.raises(KeyboardInterrupt):
            database.create_secret(places.ensure_folder() / "secret")
    assert list(places.state.iterdir()) == []
    assert len(database.ensure_secret(places)) == 64


def test_a_secret_is_created_on_a_file_system_without_hard_links(places, monkeypatch):
    def fail(*_):
        raise PermissionError("no hard links here")

    monkeypatch.setattr(os, "link", fail)
    assert len(database.ensure_secret(places)) == 64
    assert [file.name for file in places.state.iterdir()] == ["secret"]


PRINT_SECRET = """
import sys
from bench.runtime import database
from bench.core.paths import Paths
sys.stdin.readline()
print(database.ensure_secret(Paths.from_environ()))
"""


def test_concurrent_processes_get_the_same_secret(places, monkeypatch):
    monkeypatch.setenv("COOKOFF_STATE", str(places.state))
    processes = [python(PRINT_SECRET, cwd=ROOT, stdin=subprocess.PIPE) for _ in range(6)]
    for process in processes:
        process.stdin.write("now\n")
        process.stdin.flush()
    outputs = {process.communicate(timeout=60)[0] for process in processes}
    assert outputs == {f"{database.ensure_secret(places)}\n"}
    assert len(outputs.pop()) == 65


def test_a_missing_database_is_created_and_an_existing_one_is_not_changed(places):
    database.ensure_database(places)
    assert count_dishes(places) == 24
    assert database.run_database_command(["scale", "--dishes", "30"], places).returncode == 0
    database.ensure_database(places)
    assert count_dishes(places) == 30


def test_the_database_of_database_url_is_created_only_by_the_command(places, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/theirs.sqlite3")
    database.ensure_database(places)
    assert not (tmp_path / "theirs.sqlite3").exists()
    assert database.get_database_url(places) == f"sqlite:///{tmp_path}/theirs.sqlite3"
    assert database.run_database_command(["create"], places).returncode == 0
    assert (tmp_path / "theirs.sqlite3").exists()
    assert not (places.state / "larder.sqlite3").exists()


PARTIAL_DATABASE = """
import os, pathlib
pathlib.Path(os.environ["DATABASE_URL"].removeprefix("sqlite:///")).touch()
raise SystemExit("words\\nno room")
"""


def test_a_failed_creation_of_the_database_is_reported_in_one_line(places, monkeypatch, tmp_path):
    (tmp_path / "shared_db").mkdir()
    (tmp_path / "shared_db" / "__main__.py").write_text(PARTIAL_DATABASE)
    (tmp_path / "shared_db" / "__init__.py").touch()
    monkeypatch.setattr(database, "ROOT", tmp_path)
    with pytest.raises(
        DependencyError,
        match=r"^the database could not be created: no room; run: cookoff database create$",
    ):
        database.ensure_database(places)
    assert [file.name for file in places.state.iterdir()] == ["larder.lock"]
