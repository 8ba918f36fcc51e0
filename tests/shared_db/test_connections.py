"""Tests of the connections: one for each thread, counted, rolled back on an error."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import bindparam, insert, literal_column, select

import shared_db
from shared_db import Larder
from shared_db.schema import dishes, order_lines, worlds
from shared_db.thread_state import Usage
from tests.shared_db.helpers import (
    LEEK_SOUP,
    SET_NAME,
    contents,
    create_session,
    order,
    place,
    run_at_once,
)


def test_opening_does_not_connect(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path / 'none.db'}", "postgresql://nobody@/none?host=/nowhere"):
        larder = shared_db.open_larder(url, tmp_path)
        larder.begin_request()
        assert larder.usage == (0, 0.0)
        larder.close()
    assert list(tmp_path.iterdir()) == []


def test_an_existing_database_passes_the_check(larder: Larder) -> None:
    larder.check()


def test_the_database_has_a_name_and_a_version(larder: Larder, kind: str) -> None:
    name, version = larder.database.split(" ")
    assert name == {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[kind]
    assert version[0].isdigit()


def test_queries_are_counted_and_timed_from_the_start_of_a_request(larder: Larder) -> None:
    larder.dishes.get(LEEK_SOUP)
    larder.begin_request()
    assert larder.usage == (0, 0.0)
    larder.dishes.get(LEEK_SOUP)
    larder.dishes.get(2)
    queries, seconds = larder.usage
    assert (queries, 0 < seconds < 10) == (2, True)


def test_the_time_is_formatted_in_milliseconds() -> None:
    assert Usage(2, 0.0123456).milliseconds == "12.35"


def test_begin_and_commit_do_not_count_as_queries(larder: Larder) -> None:
    larder.begin_request()
    with larder.transaction():
        pass
    assert larder.usage.queries == 0
    token = create_session(larder, {1: 1, 2: 1})
    larder.begin_request()
    place(larder, token)  # the key, the session, the cart, two dishes, the order, two lines
    assert larder.usage.queries == 8


def test_each_thread_has_its_own_counters(larder: Larder) -> None:
    def read_dishes(number: int) -> int:
        larder.begin_request()
        for _ in range(number):
            larder.dishes.get(LEEK_SOUP)
        return larder.usage.queries

    assert run_at_once(larder, 4, read_dishes) == [0, 1, 2, 3]


def test_an_error_in_a_transaction_rolls_it_back(larder: Larder) -> None:
    before = contents(larder)

    def fail() -> None:
        with larder.transaction():
            larder.execute(SET_NAME, dish_id=LEEK_SOUP, new_name="Spilt soup")
            larder.dishes.get(LEEK_SOUP)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert contents(larder) == before
    larder.reviews.write(1, {"author": "A", "rating": "5", "body": "Still open."})


def test_a_database_error_during_an_order_rolls_the_order_back(
    larder: Larder, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = create_session(larder, {1: 1, 2: 1})
    before = contents(larder)
    columns = [column.name for column in order_lines.columns]
    broken = insert(order_lines).values(dict.fromkeys(columns, literal_column("999")))
    monkeypatch.setattr(shared_db.orders, "_PLACE_LINE", broken)
    with pytest.raises(larder.integrity_error):
        place(larder, token)
    assert contents(larder) == before
    monkeypatch.undo()
    assert [line.dish_id for line in place(larder, token).lines] == [1, 2]


def test_an_order_line_must_name_an_existing_dish(larder: Larder) -> None:
    columns = [column.name for column in order_lines.columns]
    with pytest.raises(larder.integrity_error):
        larder.execute(insert(order_lines).values(dict.fromkeys(columns, literal_column("1"))))


def test_a_reader_does_not_block_a_writer(tmp_path: Path, seeded_file: Path) -> None:
    path = tmp_path / "larder.db"
    path.write_bytes(seeded_file.read_bytes())
    larder = shared_db.open_larder(f"sqlite:///{path}", tmp_path)
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("BEGIN")
        names = reader.execute("SELECT name FROM dishes ORDER BY id")
        order(larder, {1: 1})
        assert names.fetchone() == ("Leek soup",)
    larder.close()


def test_a_constant_in_a_statement_raises_type_error(larder: Larder) -> None:
    with pytest.raises(TypeError, match="literal column"):
        larder.fetch_all(select(dishes.c.id).where(dishes.c.id == 5))


def test_others_see_a_write_only_after_the_commit(
    larder: Larder, open_another: Callable[[], Larder]
) -> None:
    other = open_another()
    with larder.transaction():
        larder.execute(SET_NAME, dish_id=LEEK_SOUP, new_name="New soup")
        assert other.dishes.get(LEEK_SOUP).name == "Leek soup"
    assert other.dishes.get(LEEK_SOUP).name == "New soup"


def test_a_connection_is_closed_when_its_thread_ends(larder: Larder) -> None:
    connections = []

    def connect() -> None:
        larder.check()
        connections.append(larder._state().connection)

    thread = threading.Thread(target=connect)
    thread.start()
    thread.join()
    with pytest.raises(larder._database.error, match="closed"):
        connections[0].cursor().execute("SELECT 1")
    larder.check()


def test_a_closed_database_can_be_used_again(larder: Larder) -> None:
    larder.check()
    larder.close()
    larder.close()
    larder.check()


def test_a_statement_is_compiled_once(larder: Larder, monkeypatch: pytest.MonkeyPatch) -> None:
    statement = select(worlds.c.id).where(worlds.c.id == bindparam("world_id"))
    assert larder.fetch_all(statement, world_id=5) == [(5,)]
    monkeypatch.setattr(larder._database, "compile", None)
    assert larder.fetch_first(statement, world_id=6) == (6,)
    assert larder.fetch_first(statement, world_id=0) is None


@pytest.mark.parametrize("kind", ["sqlite"])
def test_writing_threads_wait_for_each_other_before_they_begin_in_sqlite(
    larder: Larder, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[str] = []
    run_command = larder._run_command
    monkeypatch.setattr(
        larder, "_run_command", lambda state, sql: (commands.append(sql), run_command(state, sql))
    )

    def write() -> None:
        with larder.transaction():
            pass

    second = threading.Thread(target=write)
    with larder.transaction():
        second.start()
        second.join(0.3)
        assert commands == ["BEGIN IMMEDIATE"]
    second.join()
    assert commands == ["BEGIN IMMEDIATE", "COMMIT"] * 2
