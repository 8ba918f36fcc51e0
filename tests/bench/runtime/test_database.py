"""Applications open one larder, made on first use, and are told where everything is."""

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
def own_larder(monkeypatch):
    """Whoever runs these tests may have a database of their own in mind."""
    monkeypatch.delenv("DATABASE_URL", raising=False)


def dishes_in(places):
    connection = sqlite3.connect(places.state / "larder.sqlite3")
    ((count,),) = connection.execute("SELECT count(*) FROM dishes")
    connection.close()
    return count


def test_settings_hold_what_an_application_is_told(places):
    told = database.build_settings("Tiny 1.0", places, "sqlite:////nowhere", debug=True)
    names = {field.name for field in dataclasses.fields(Settings)}
    assert set(told) <= names
    assert names - set(told) == {"frame_ancestors"}
    assert (told["framework"], told["debug"]) == ("Tiny 1.0", True)


def test_the_secret_is_made_once_and_for_its_owner_alone(places):
    secret = database.ensure_secret(places)
    assert len(secret) == 64
    assert database.ensure_secret(places) == secret
    assert stat.S_IMODE((places.state / "secret").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content", [b"", b" \n" * 40, b"short", b"\xff" * 64, b"\0" * 64], ids=repr
)
def test_a_secret_that_is_none_is_refused_and_named(places, content):
    places.ensure_folder()
    (places.state / "secret").write_bytes(content)
    with pytest.raises(DependencyError) as told:
        database.ensure_secret(places)
    assert "\n" not in str(told.value)
    assert f"rm {places.state}/secret" in str(told.value)
    assert (places.state / "secret").read_bytes() == content


@pytest.mark.parametrize("kind", ["folder", "link to nothing"])
def test_a_secret_that_is_no_file_is_refused_and_named(places, kind):
    file = places.ensure_folder() / "secret"
    file.mkdir() if kind == "folder" else file.symlink_to("nowhere")
    with pytest.raises(DependencyError, match=f"the secret cannot be read: .*rm {file}$"):
        database.ensure_secret(places)


@pytest.mark.parametrize("where", ["open", "fsync", "link"])
def test_an_interrupted_secret_is_made_by_the_next_command(places, monkeypatch, where):
    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, where, interrupt)
        with pytest.raises(KeyboardInterrupt):
            database.create_secret(places.ensure_folder() / "secret")
    assert list(places.state.iterdir()) == []
    assert len(database.ensure_secret(places)) == 64


def test_a_secret_is_made_where_there_are_no_hard_links(places, monkeypatch):
    def refuse(*_):
        raise PermissionError("no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    assert len(database.ensure_secret(places)) == 64
    assert [file.name for file in places.state.iterdir()] == ["secret"]


SAYS_SECRET = """
import sys
from bench.runtime import database
from bench.core.paths import Places
sys.stdin.readline()
print(database.secret(Places.from_environ()))
"""


def test_all_who_make_the_secret_at_once_have_the_same(places, monkeypatch):
    monkeypatch.setenv("COOKOFF_STATE", str(places.state))
    started = [python(SAYS_SECRET, cwd=ROOT, stdin=subprocess.PIPE) for _ in range(6)]
    for process in started:
        process.stdin.write("now\n")
        process.stdin.flush()
    found = {process.communicate(timeout=60)[0] for process in started}
    assert found == {f"{database.ensure_secret(places)}\n"}
    assert len(found.pop()) == 65


def test_the_larder_is_made_when_it_is_missing_and_then_left_alone(places):
    database.ensure_database(places)
    assert dishes_in(places) == 24
    assert database.run_database_command(["scale", "--dishes", "30"], places).returncode == 0
    database.ensure_database(places)
    assert dishes_in(places) == 30


def test_a_database_of_somebodys_is_not_made_unasked(places, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/theirs.sqlite3")
    database.ensure_database(places)
    assert not (tmp_path / "theirs.sqlite3").exists()
    assert database.get_database_url(places) == f"sqlite:///{tmp_path}/theirs.sqlite3"
    assert database.run_database_command(["create"], places).returncode == 0
    assert (tmp_path / "theirs.sqlite3").exists()
    assert not (places.state / "larder.sqlite3").exists()


HALF_A_LARDER = """
import os, pathlib
pathlib.Path(os.environ["DATABASE_URL"].removeprefix("sqlite:///")).touch()
raise SystemExit("words\\nno room")
"""


def test_a_larder_that_cannot_be_made_is_told_in_one_line(places, monkeypatch, tmp_path):
    (tmp_path / "shared_db").mkdir()
    (tmp_path / "shared_db" / "__main__.py").write_text(HALF_A_LARDER)
    (tmp_path / "shared_db" / "__init__.py").touch()
    monkeypatch.setattr(database, "ROOT", tmp_path)
    with pytest.raises(DependencyError, match=r"^the larder could not be made: no room$"):
        database.ensure_database(places)
    assert [file.name for file in places.state.iterdir()] == ["larder.lock"]
