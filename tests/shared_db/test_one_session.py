"""Tests of simultaneous requests in one session: nothing is lost or done twice."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

import shared_db
from shared_db import Larder
from shared_db.errors import InvalidInputError
from shared_db.records import Order
from shared_db.schema import orders, sessions
from tests.postgres import PostgresServer
from tests.shared_db.helpers import (
    LAST_ONE,
    LEEK_SOUP,
    create_session,
    place,
    put,
    quantities,
    run_at_once,
)

TIMEOUT_SECONDS = 30


def count_rows(larder: Larder, table: Any) -> int:
    return int(larder.fetch_all(select(func.count()).select_from(table))[0][0])


@pytest.fixture(params=[False, True], ids=["unread", "loaded"])
def begin_request(request: pytest.FixtureRequest, larder: Larder) -> Callable[[str], None]:
    """Return a function that begins a request; in one variant the request loads its session."""

    def begin_with_token(token: str) -> None:
        larder.begin_request()
        if request.param:
            larder.sessions.load(token)

    return begin_with_token


def test_ten_dishes_put_in_a_cart_at_once_make_ten_lines(
    larder: Larder, begin_request: Callable[[str], None]
) -> None:
    token = create_session(larder)

    def put_dish(number: int) -> None:
        begin_request(token)
        put(larder, token, number + 1, number + 1)

    assert run_at_once(larder, 10, put_dish) == [None] * 10
    assert quantities(larder, token) == {number: number for number in range(1, 11)}


def test_one_dish_put_in_a_cart_ten_times_at_once_makes_one_line(larder: Larder) -> None:
    token = create_session(larder)
    assert run_at_once(larder, 10, lambda number: put(larder, token, 3, number + 1)) == [None] * 10
    assert list(quantities(larder, token)) == [3]


def test_simultaneous_requests_cannot_put_more_than_24_dishes_in_a_cart(
    larder: Larder, database_url: str, begin_request: Callable[[str], None]
) -> None:
    shared_db.scale(database_url, dishes=40)
    token = create_session(larder, dict.fromkeys(range(1, 21), 1))

    def put_dish(number: int) -> None:
        begin_request(token)
        put(larder, token, 21 + number, 1)

    replies = run_at_once(larder, 12, put_dish)
    assert Counter(map(type, replies)) == {type(None): 4, InvalidInputError: 8}, replies
    assert len(quantities(larder, token)) == 24


@pytest.mark.parametrize(
    "dish_id", [LEEK_SOUP, LAST_ONE], ids=["many portions", "the last portion"]
)
def test_one_form_sent_eight_times_at_once_makes_one_order(
    larder: Larder, dish_id: int, begin_request: Callable[[str], None]
) -> None:
    before = larder.dishes.get(dish_id).portions
    token = create_session(larder, {dish_id: 1})

    def send(_: int) -> Order:
        begin_request(token)
        return place(larder, token, key="same")

    replies = run_at_once(larder, 8, send)
    assert {type(reply) for reply in replies} == {Order}, replies
    assert len({reply.code for reply in replies}) == 1
    assert larder.dishes.get(dish_id).portions == before - 1
    assert (count_rows(larder, orders), quantities(larder, token)) == (1, {})


def test_one_key_used_by_eight_sessions_at_once_makes_one_order(larder: Larder) -> None:
    tokens = [create_session(larder, {number + 1: 1}) for number in range(8)]
    replies = run_at_once(larder, 8, lambda number: place(larder, tokens[number], key="same"))
    assert {type(reply) for reply in replies} == {Order}, replies
    assert len({reply.code for reply in replies}) == 1
    assert count_rows(larder, orders) == 1
    # The carts of the others stay.
    assert sorted(map(len, (quantities(larder, token) for token in tokens))) == [0] + [1] * 7


def test_eight_forms_of_one_cart_sent_at_once_make_one_order(
    larder: Larder, begin_request: Callable[[str], None]
) -> None:
    before = larder.dishes.get(LEEK_SOUP).portions
    token = create_session(larder, {1: 2, 2: 1, 3: 1})

    def send(_: int) -> Order:
        begin_request(token)
        return place(larder, token)

    replies = run_at_once(larder, 8, send)
    assert Counter(map(type, replies)) == {Order: 1, InvalidInputError: 7}, replies
    assert larder.dishes.get(LEEK_SOUP).portions == before - 2
    assert (count_rows(larder, orders), quantities(larder, token)) == (1, {})


def test_a_dish_put_in_while_orders_are_placed_is_ordered_or_stays_in_the_cart(
    larder: Larder,
) -> None:
    token = create_session(larder)

    def act(number: int) -> list[Any]:
        if number % 2:
            return [put(larder, token, 1 + number + 12 * (turn % 2), 1) for turn in range(4)]
        placed: list[Any] = []
        for _ in range(4):
            with suppress(InvalidInputError):
                placed.append(place(larder, token))
        return placed

    replies = run_at_once(larder, 8, act)
    assert {type(reply) for reply in replies} == {list}, replies
    placed = [order for reply in replies for order in reply if order]
    ordered = Counter(line.dish_id for order in placed for line in order.lines)
    left = quantities(larder, token)
    assert ordered.keys() | left.keys() == {2, 4, 6, 8, 14, 16, 18, 20}
    assert set(left.values()) <= {1}


def test_an_order_waits_for_a_change_of_its_cart(postgres: PostgresServer, tmp_path: Path) -> None:
    """Otherwise two orders of one cart could deadlock on its lines."""
    with postgres.lend_database() as url, ThreadPoolExecutor(1) as threads:
        larder = shared_db.open_larder(url, tmp_path)
        token = create_session(larder, {1: 1})
        with larder.transaction():
            assert larder.sessions.extend(token) is not None
            order = threads.submit(place, larder, token)
            wait_for_lock(postgres, url)
            put_in_transaction(larder, token, 2)
        lines = order.result(timeout=TIMEOUT_SECONDS).lines
        assert [line.dish_id for line in lines] == [1, 2]
        larder.close()


def put_in_transaction(larder: Larder, token: str, dish_id: int) -> None:
    """Put a dish in a cart inside an open transaction."""
    session_id = larder.sessions.extend(token)
    assert session_id is not None
    larder.carts._set_quantity(session_id, dish_id, 1)


def wait_for_lock(postgres: PostgresServer, url: str) -> None:
    """Return when a connection to the database waits for a lock."""
    name = url.partition("@/")[2].partition("?")[0]
    waiting = (f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'"
               " AND wait_event_type = 'Lock'")  # fmt: skip
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while postgres.execute(waiting).fetchone() == (0,):
        assert time.monotonic() < deadline, "no connection waits for a lock"
        time.sleep(0.01)


def test_a_dish_put_in_while_the_session_is_renamed_is_not_lost(
    larder: Larder, open_another: Callable[[], Larder]
) -> None:
    token, other = create_session(larder, {1: 1}), open_another()
    larder.sessions.load(token)
    new = other.sessions.rename(token)
    put(larder, token, 2, 2)
    assert quantities(larder, new) == {1: 1, 2: 2}
    put(larder, token, 1, 0)
    assert [line.dish_id for line in place(larder, token).lines] == [2]
    assert quantities(larder, new) == {}


def test_a_message_saved_while_the_session_is_renamed_is_not_lost(
    larder: Larder, open_another: Callable[[], Larder]
) -> None:
    token, other = create_session(larder), open_another()
    for database in (larder, other):
        database.sessions.load(token)
    new = other.sessions.rename(token)
    other.sessions.save(new, {"staff_id": 1})
    assert larder.sessions.save(token, {"flash": ["Thank you."]}) == token
    assert larder.sessions.load(new) == {"staff_id": 1, "flash": ["Thank you."]}
    assert larder.sessions.load(token) is None


def test_a_request_in_progress_does_not_restore_a_deleted_session(
    larder: Larder, open_another: Callable[[], Larder]
) -> None:
    token, other = create_session(larder, {1: 1}), open_another()
    larder.sessions.load(token)
    other.sessions.delete(token)
    put(larder, token, 2, 2)
    with pytest.raises(InvalidInputError, match=r"^The cart is empty\.$"):
        place(larder, token)
    larder.sessions.save(token, {"flash": ["Thank you."]})
    new = larder.sessions.rename(token)
    larder.sessions.save(new, {"staff_id": 1})
    assert [larder.sessions.load(t) for t in (token, new)] == [None, None]
    assert count_rows(larder, sessions) == 0


def test_a_deleted_session_is_not_restored_by_simultaneous_saves(larder: Larder) -> None:
    tokens = [create_session(larder, {1: 1}) for _ in range(4)]

    def act(number: int) -> None:
        for token in tokens:
            larder.begin_request()
            if larder.sessions.load(token) is None:
                continue
            if number == 0:
                larder.sessions.delete(token)
            else:
                put(larder, token, number, 1)
                larder.sessions.save(token, {"flash": [str(number)]})

    assert run_at_once(larder, 6, act) == [None] * 6
    assert count_rows(larder, sessions) == 0


def test_the_messages_of_ten_simultaneous_requests_all_stay(larder: Larder) -> None:
    token = create_session(larder)

    def add(number: int) -> None:
        larder.begin_request()
        data = larder.sessions.load(token) or {}
        larder.sessions.save(token, {"flash": [*data.get("flash", []), str(number)]})

    assert run_at_once(larder, 10, add) == [None] * 10
    data = larder.sessions.load(token) or {}
    assert sorted(data["flash"]) == sorted(map(str, range(10)))


@pytest.mark.parametrize("shown_first", [True, False], ids=["shown first", "added first"])
def test_a_message_added_while_another_is_shown_stays(
    larder: Larder, open_another: Callable[[], Larder], shown_first: bool
) -> None:
    token, other = larder.sessions.save(None, {"flash": ["old"], "staff_id": 1}), open_another()
    shown = (larder, {"staff_id": 1})
    added = (other, {"flash": ["old", "new"], "staff_id": 1})
    for database in (larder, other):
        database.sessions.load(token)
    for database, data in (shown, added) if shown_first else (added, shown):
        database.sessions.save(token, data)
    assert larder.sessions.load(token) == {"flash": ["new"], "staff_id": 1}


def test_a_request_that_saves_twice_keeps_the_message_of_another_request(
    larder: Larder, open_another: Callable[[], Larder]
) -> None:
    token, other = create_session(larder), open_another()
    for database in (larder, other):
        database.sessions.load(token)
    other.sessions.save(token, {"flash": ["theirs"]})
    larder.sessions.save(token, {"flash": ["ours"]})
    larder.sessions.save(token, {"flash": ["ours"], "staff_id": 1})
    data = larder.sessions.load(token)
    assert data == {"flash": ["theirs", "ours"], "staff_id": 1}
