"""Connections: one a thread, counted, replaced when broken, rolled back on an error."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import bindparam, insert, literal_column, select

import shared_db
from shared_db import Larder
from shared_db.hand import Usage
from shared_db.schema import dishes, order_lines, worlds
from tests.shared_db.kitchen import (
    LEEK_SOUP,
    SET_NAME,
    at_once,
    contents,
    create_session,
    order,
    place,
)


def test_opening_does_not_connect(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path / 'none.db'}", "postgresql://nobody@/none?host=/nowhere"):
        larder = shared_db.open_larder(url, tmp_path)
        larder.begin_request()
        assert larder.usage == (0, 0.0)
        larder.close()
    assert list(tmp_path.iterdir()) == []


def test_a_larder_that_is_there_passes_the_check(larder: Larder) -> None:
    larder.check()


def test_the_database_tells_its_name_and_version(larder: Larder, kind: str) -> None:
    name, version = larder.database.split(" ")
    assert name == {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[kind]
    assert version[0].isdigit()


def test_queries_are_counted_and_timed_from_the_beginning_of_a_request(larder: Larder) -> None:
    larder.dishes.get(LEEK_SOUP)
    larder.begin_request()
    assert larder.usage == (0, 0.0)
    larder.dishes.get(LEEK_SOUP)
    larder.dishes.get(2)
    queries, seconds = larder.usage
    assert (queries, 0 < seconds < 10) == (2, True)


def test_the_time_is_told_in_milliseconds() -> None:
    assert Usage(2, 0.0123456).milliseconds == "12.35"


def test_beginning_and_ending_a_transaction_is_no_query(larder: Larder) -> None:
    larder.begin_request()
    with larder.writing():
        pass
    assert larder.usage.queries == 0
    token = create_session(larder, {1: 1, 2: 1})
    larder.begin_request()
    place(larder, token)  # the key, the session, the cart, two dishes, the order, two lines
    assert larder.usage.queries == 8


def test_threads_are_counted_apart(larder: Larder) -> None:
    def ask(number: int) -> int:
        larder.begin_request()
        for _ in range(number):
            larder.dishes.get(LEEK_SOUP)
        return larder.usage.queries

    assert at_once(larder, 4, ask) == [0, 1, 2, 3]


def test_an_error_inside_a_write_undoes_all_of_it(larder: Larder) -> None:
    before = contents(larder)

    def fail() -> None:
        with larder.writing():
            larder.run(SET_NAME, dish_id=LEEK_SOUP, new_name="Spilt soup")
            larder.dishes.get(LEEK_SOUP)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert contents(larder) == before
    larder.reviews.write(1, {"author": "A", "rating": "5", "body": "Still open."})


def test_an_error_of_the_database_half_way_through_an_order_undoes_it(
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


def test_a_line_of_an_order_must_be_of_a_dish_that_is_there(larder: Larder) -> None:
    columns = [column.name for column in order_lines.columns]
    with pytest.raises(larder.integrity_error):
        larder.run(insert(order_lines).values(dict.fromkeys(columns, literal_column("1"))))


def test_a_reader_half_way_through_holds_up_no_writer(tmp_path: Path, stocked_file: Path) -> None:
    path = tmp_path / "larder.db"
    path.write_bytes(stocked_file.read_bytes())
    larder = shared_db.open_larder(f"sqlite:///{path}", tmp_path)
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("BEGIN")
        names = reader.execute("SELECT name FROM dishes ORDER BY id")
        order(larder, {1: 1})
        assert names.fetchone() == ("Leek soup",)
    larder.close()


def test_a_constant_in_a_statement_is_refused_when_it_is_compiled(larder: Larder) -> None:
    with pytest.raises(TypeError, match="literal column"):
        larder.rows(select(dishes.c.id).where(dishes.c.id == 5))


def test_a_write_is_seen_by_others_only_when_it_is_done(
    larder: Larder, open_another: Callable[[], Larder]
) -> None:
    other = open_another()
    with larder.writing():
        larder.run(SET_NAME, dish_id=LEEK_SOUP, new_name="New soup")
        assert other.dishes.get(LEEK_SOUP).name == "Leek soup"
    assert other.dishes.get(LEEK_SOUP).name == "New soup"


def test_a_thread_that_ends_closes_its_connection(larder: Larder) -> None:
    connections = []

    def ask() -> None:
        larder.check()
        connections.append(larder._hand().connection)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    with pytest.raises(larder._database.error, match="closed"):
        connections[0].cursor().execute("SELECT 1")
    larder.check()


def test_a_closed_larder_can_be_used_again(larder: Larder) -> None:
    larder.check()
    larder.close()
    larder.close()
    larder.check()


def test_statements_are_compiled_once(larder: Larder, monkeypatch: pytest.MonkeyPatch) -> None:
    statement = select(worlds.c.id).where(worlds.c.id == bindparam("world_id"))
    assert larder.rows(statement, world_id=5) == [(5,)]
    monkeypatch.setattr(larder._database, "compile", None)
    assert larder.row(statement, world_id=6) == (6,)
    assert larder.row(statement, world_id=0) is None


@pytest.mark.parametrize("kind", ["sqlite"])
def test_threads_that_write_to_sqlite_queue_before_they_ask_it(
    larder: Larder, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    tell = larder._tell
    monkeypatch.setattr(larder, "_tell", lambda hand, word: (told.append(word), tell(hand, word)))

    def write() -> None:
        with larder.writing():
            pass

    second = threading.Thread(target=write)
    with larder.writing():
        second.start()
        second.join(0.3)
        assert told == ["BEGIN IMMEDIATE"]
    second.join()
    assert told == ["BEGIN IMMEDIATE", "COMMIT"] * 2
