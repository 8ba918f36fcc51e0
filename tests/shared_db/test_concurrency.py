"""Tests with many threads and processes at the same time."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import func, literal_column, select, update

import shared_db
from shared_db import Larder
from shared_db.errors import KeyReusedError, SoldOutError, StaleVersionError, WrongStepError
from shared_db.records import Order
from shared_db.schema import orders, sessions
from tests.postgres import PostgresServer
from tests.shared_db.helpers import LEEK_SOUP, order, run_at_once, set_portions


def count_orders(larder: Larder) -> int:
    return int(larder.fetch_all(select(func.count()).select_from(orders))[0][0])


def test_sixteen_threads_order_the_last_twenty_portions(larder: Larder) -> None:
    set_portions(larder, LEEK_SOUP, 20)
    replies = run_at_once(larder, 16, lambda _: order(larder, {1: 3}))
    assert Counter(map(type, replies)) == {Order: 6, SoldOutError: 10}
    assert larder.dishes.get(LEEK_SOUP).portions == 2
    assert count_orders(larder) == 6


def test_two_processes_share_the_last_portions(
    larder: Larder, open_another: Callable[[], Larder]
) -> None:
    set_portions(larder, LEEK_SOUP, 20)
    databases = [larder, open_another()]
    replies = run_at_once(larder, 16, lambda number: order(databases[number % 2], {"1": 2}))
    assert Counter(map(type, replies)) == {Order: 10, SoldOutError: 6}
    assert larder.dishes.get(LEEK_SOUP).portions == 0


def test_one_key_with_two_contents_at_once_makes_one_order(larder: Larder) -> None:
    def place(number: int) -> Order:
        lines = [{"dish_id": 1, "quantity": 1 + number % 2}]
        return larder.orders.place_from_json({"guest": "Robot", "lines": lines}, "same")

    assert Counter(map(type, run_at_once(larder, 8, place))) == {Order: 4, KeyReusedError: 4}
    assert count_orders(larder) == 1


def test_orders_of_the_same_dishes_in_different_order_do_not_deadlock(larder: Larder) -> None:
    carts = [{1: 1, 2: 1, 3: 1}, {3: 1, 2: 1, 1: 1}]

    def place_and_cancel(number: int) -> list[Order]:
        placed = [order(larder, carts[number % 2]) for _ in range(5)]
        return [larder.orders.move(order.code, "cancelled") for order in placed]

    before = [larder.dishes.get(dish_id).portions for dish_id in (1, 2, 3)]
    assert {type(reply) for reply in run_at_once(larder, 8, place_and_cancel)} == {list}
    assert [larder.dishes.get(dish_id).portions for dish_id in (1, 2, 3)] == before


def test_only_one_of_many_threads_changes_the_status(larder: Larder) -> None:
    before = larder.dishes.get(LEEK_SOUP).portions
    code = order(larder, {1: 2}).code
    replies = run_at_once(larder, 8, lambda _: larder.orders.move(code, "cancelled"))
    assert Counter(map(type, replies)) == {Order: 1, WrongStepError: 7}
    assert larder.dishes.get(LEEK_SOUP).portions == before


def test_only_one_of_many_changes_of_one_version_succeeds(larder: Larder) -> None:
    replies = run_at_once(
        larder, 8, lambda n: larder.dishes.change(LEEK_SOUP, {"price_cents": n}, 1)
    )
    assert Counter(isinstance(reply, StaleVersionError) for reply in replies) == {True: 7, False: 1}
    assert larder.dishes.get(LEEK_SOUP).version == 2


def test_one_file_remains_after_many_photos_at_once(larder: Larder, photos_dir: Path) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + b"p" * 1000
    replies = run_at_once(larder, 8, lambda _: larder.photos.keep(LEEK_SOUP, BytesIO(picture)))
    dish = larder.dishes.get(LEEK_SOUP)
    assert sorted(reply.version for reply in replies) == list(range(2, 10))
    assert [path.name for path in photos_dir.iterdir()] == [dish.photo]


def test_simultaneous_new_sessions_purge_the_expired_sessions(
    larder: Larder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared_db.sessions.time", lambda: 5)
    for _ in range(20):
        larder.sessions.save(None, {})
    monkeypatch.undo()
    assert {
        type(reply) for reply in run_at_once(larder, 8, lambda _: larder.sessions.save(None, {}))
    } == {str}
    assert larder.fetch_all(select(func.count()).select_from(sessions)) == [(8,)]


def test_simultaneous_updates_of_the_worlds_do_not_deadlock(larder: Larder) -> None:
    replies = run_at_once(larder, 8, lambda _: [larder.worlds.update(100) for _ in range(3)])
    assert {type(reply) for reply in replies} == {list}


def test_a_new_session_does_not_wait_for_a_session_that_is_being_written(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres.lend_database() as url, ThreadPoolExecutor(1) as threads:
        larder = shared_db.open_larder(url, tmp_path)
        monkeypatch.setattr("shared_db.sessions.time", lambda: 5)
        larder.sessions.save(None, {})
        monkeypatch.undo()
        with larder.transaction():
            larder.execute(update(sessions).values(data=literal_column("'{}'")))
            token = threads.submit(larder.sessions.save, None, {}).result(timeout=30)
        assert larder.sessions.load(token) == {}
        larder.close()


ORDERING = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import shared_db

larder = shared_db.open_larder(sys.argv[1], Path())

def order(number):
    for _ in range(2):
        form = {"guest": "Ada", "idempotency_key": larder.orders.new_key()}
        token = larder.sessions.save(None, {})
        for dish_id in ("1", "2"):
            larder.carts.put(token, {"dish_id": dish_id, "quantity": "1"})
        placed = larder.orders.place(token, form)
        larder.orders.move(placed.code, "cooking")
        larder.dishes.change(3, {"price_cents": number}, None)
        larder.sessions.save(token, {"flash": [number]})

with ThreadPoolExecutor(16) as threads:
    list(threads.map(order, range(16)))
larder.close()
"""


def test_four_processes_with_sixteen_threads_place_all_orders(
    larder: Larder, database_url: str
) -> None:
    for dish_id in (1, 2):
        set_portions(larder, dish_id, 200)
    command = [sys.executable, "-W", "error", "-c", ORDERING, database_url]
    processes = [subprocess.Popen(command) for _ in range(4)]
    assert [process.wait() for process in processes] == [0, 0, 0, 0]
    assert count_orders(larder) == 4 * 16 * 2
    assert [larder.dishes.get(dish_id).portions for dish_id in (1, 2)] == [72, 72]
