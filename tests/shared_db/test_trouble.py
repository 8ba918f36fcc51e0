"""Trouble: databases that are not there, not ours, or gone in the middle."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import literal_column, update

import shared_db
from shared_db import Larder
from shared_db.errors import LarderDown, NotStocked, SchemaMismatch
from shared_db.schema import larder_schema
from tests.postgres import PostgresServer
from tests.shared_db.kitchen import LEEK_SOUP, SET_NAME, contents


def test_only_two_kinds_of_database_are_known(tmp_path: Path) -> None:
    for url in ("mysql://root@localhost/larder", "sqlite://"):
        with pytest.raises(ValueError, match="sqlite:/// or postgresql://"):
            shared_db.open_larder(url, tmp_path)


def test_a_larder_of_another_version_says_what_to_run(larder: Larder, database_url: str) -> None:
    larder.run(update(larder_schema).values(version=literal_column("0")))
    other = shared_db.open_larder(database_url, Path())
    for ask in (other.check, other.dishes.menu, larder.check):
        with pytest.raises(SchemaMismatch, match=r"^.*run: cookoff larder reset$"):
            ask()
    other.close()


def test_a_database_without_tables_says_what_to_run(empty_url: str, tmp_path: Path) -> None:
    larder = shared_db.open_larder(empty_url, tmp_path)
    for ask in (larder.check, larder.dishes.menu):
        with pytest.raises(NotStocked, match=r"^.*run: cookoff larder create$"):
            ask()
    larder.close()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_gone_fails_the_check(tmp_path: Path, stocked_file: Path) -> None:
    path = tmp_path / "larder.db"
    path.write_bytes(stocked_file.read_bytes())
    larder = shared_db.open_larder(f"sqlite:///{path}", tmp_path)
    larder.check()
    path.rename(tmp_path / "elsewhere.db")
    with pytest.raises(NotStocked):
        larder.check()
    (tmp_path / "elsewhere.db").rename(path)
    larder.check()
    larder.close()


def test_a_file_that_takes_the_place_of_one_that_is_gone_is_read(
    tmp_path: Path, stocked_file: Path
) -> None:
    path = tmp_path / "larder.db"
    shutil.copyfile(stocked_file, path)
    larder = shared_db.open_larder(f"sqlite:///{path}", tmp_path)
    larder.check()
    path.unlink()
    with pytest.raises(NotStocked):
        larder.check()
    shutil.copyfile(stocked_file, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE dishes SET name = 'Another' WHERE id = 1")
    assert larder.dishes.get(1).name == "Another"
    larder.close()


def test_a_file_that_is_no_database_is_a_larder_that_is_down(tmp_path: Path) -> None:
    path = tmp_path / "larder.db"
    path.write_bytes(b"no database" * 1000)
    larder = shared_db.open_larder(f"sqlite:///{path}", tmp_path)
    with pytest.raises(LarderDown, match=r"^The larder does not answer\.$"):
        larder.check()
    larder.close()


def test_a_server_that_is_not_there_is_a_larder_that_is_down(tmp_path: Path) -> None:
    larder = shared_db.open_larder(f"postgresql://nobody@/none?host={tmp_path}", tmp_path)
    for ask in (larder.check, larder.dishes.menu):
        with pytest.raises(LarderDown, match=r"^The larder does not answer\.$"):
            ask()


@pytest.mark.parametrize(
    "moment",
    ["before a read", "before a write", "inside a write", "before a commit", "before a rollback"],
)
def test_a_connection_the_server_ended_is_replaced(
    postgres: PostgresServer, tmp_path: Path, moment: str
) -> None:
    url = postgres.create_database()
    larder = shared_db.open_larder(url, tmp_path)
    before = contents(larder)

    def hang_up(now: str) -> None:
        if now == moment:
            postgres.hang_up_on(url)

    def ask() -> None:
        hang_up("before a read")
        larder.check()
        hang_up("before a write")
        with larder.writing():
            larder.run(SET_NAME, dish_id=LEEK_SOUP, new_name="Spilt soup")
            hang_up("inside a write")
            larder.run(SET_NAME, dish_id=2, new_name="Spilt salad")
            hang_up("before a commit")
            if moment == "before a rollback":
                postgres.hang_up_on(url)
                raise LarderDown

    with pytest.raises((LarderDown, larder._database.error)):
        ask()
    assert contents(larder) == before
    larder.close()
    postgres.drop_database(url)
