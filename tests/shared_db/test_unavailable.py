"""Tests with databases that are missing, of another version, or disconnected."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import literal_column, update

import shared_db
from shared_db import Larder
from shared_db.errors import DatabaseMissingError, DatabaseUnavailableError, SchemaMismatchError
from shared_db.schema import larder_schema
from tests.postgres import PostgresServer
from tests.shared_db.helpers import LEEK_SOUP, SET_NAME, contents


def test_only_two_kinds_of_url_are_accepted(tmp_path: Path) -> None:
    for url in ("mysql://root@localhost/larder", "sqlite://"):
        with pytest.raises(ValueError, match="sqlite:/// or postgresql://"):
            shared_db.open_larder(url, tmp_path)


def test_the_error_for_another_version_names_the_command(larder: Larder, database_url: str) -> None:
    larder.execute(update(larder_schema).values(version=literal_column("0")))
    other = shared_db.open_larder(database_url, Path())
    for access in (other.check, other.dishes.menu, larder.check):
        with pytest.raises(SchemaMismatchError, match=r"^.*run: make database-reset$"):
            access()
    other.close()


def test_the_error_for_missing_tables_names_the_command(empty_url: str, tmp_path: Path) -> None:
    larder = shared_db.open_larder(empty_url, tmp_path)
    for access in (larder.check, larder.dishes.menu):
        with pytest.raises(DatabaseMissingError, match=r"^.*run: make database-create$"):
            access()
    larder.close()
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_fails_the_check(tmp_path: Path, seeded_file: Path) -> None:
    path = tmp_path / "larder.db"
    path.write_bytes(seeded_file.read_bytes())
    larder = shared_db.open_larder(f"sqlite:///{path}", tmp_path)
    larder.check()
    path.rename(tmp_path / "elsewhere.db")
    with pytest.raises(DatabaseMissingError):
        larder.check()
    (tmp_path / "elsewhere.db").rename(path)
    larder.check()
    larder.close()


def test_a_file_that_replaces_a_deleted_one_is_read(tmp_path: Path, seeded_file: Path) -> None:
    path = tmp_path / "larder.db"
    shutil.copyfile(seeded_file, path)
    larder = shared_db.open_larder(f"sqlite:///{path}", tmp_path)
    larder.check()
    path.unlink()
    with pytest.raises(DatabaseMissingError):
        larder.check()
    shutil.copyfile(seeded_file, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE dishes SET name = 'Another' WHERE id = 1")
    assert larder.dishes.get(1).name == "Another"
    larder.close()


def test_a_file_that_is_not_a_database_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "larder.db"
    path.write_bytes(b"no database" * 1000)
    larder = shared_db.open_larder(f"sqlite:///{path}", tmp_path)
    with pytest.raises(DatabaseUnavailableError, match=r"^The database does not answer\.$"):
        larder.check()
    larder.close()


def test_a_server_that_does_not_run_is_unavailable(tmp_path: Path) -> None:
    larder = shared_db.open_larder(f"postgresql://nobody@/none?host={tmp_path}", tmp_path)
    for access in (larder.check, larder.dishes.menu):
        with pytest.raises(DatabaseUnavailableError, match=r"^The database does not answer\.$"):
            access()


@pytest.mark.parametrize(
    "moment",
    ["before a read", "before a write", "inside a write", "before a commit", "before a rollback"],
)
def test_a_connection_that_the_server_closed_is_replaced(
    postgres: PostgresServer, tmp_path: Path, moment: str
) -> None:
    url = postgres.create_database()
    larder = shared_db.open_larder(url, tmp_path)
    before = contents(larder)

    def disconnect_at(current: str) -> None:
        if current == moment:
            postgres.hang_up_on(url)

    def write() -> None:
        disconnect_at("before a read")
        larder.check()
        disconnect_at("before a write")
        with larder.transaction():
            larder.execute(SET_NAME, dish_id=LEEK_SOUP, new_name="Spilt soup")
            disconnect_at("inside a write")
            larder.execute(SET_NAME, dish_id=2, new_name="Spilt salad")
            disconnect_at("before a commit")
            if moment == "before a rollback":
                postgres.hang_up_on(url)
                raise DatabaseUnavailableError

    with pytest.raises((DatabaseUnavailableError, larder._database.error)):
        write()
    assert contents(larder) == before
    larder.close()
    postgres.drop_database(url)


def test_many_statements_on_a_closed_connection_fail_once(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    url = postgres.create_database()
    larder = shared_db.open_larder(url, tmp_path)
    before = contents(larder)
    postgres.hang_up_on(url)
    values = [{"dish_id": LEEK_SOUP, "new_name": "Spilt soup"}]
    with pytest.raises(larder._database.error):
        larder.execute_many(SET_NAME, values)
    assert contents(larder) == before
    larder.close()
    postgres.drop_database(url)
