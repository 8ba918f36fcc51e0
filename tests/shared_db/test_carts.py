"""Tests of shared_db.carts."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, insert, literal_column, select

import shared_db
from shared_db import Larder
from shared_db.errors import InvalidInputError, NotFoundError
from shared_db.schema import cart_lines
from tests.shared_db.helpers import FISH_PIE, contents, create_session, put, quantities

TWO_WEEKS = 14 * 24 * 60 * 60
BAD_TOKENS = pytest.mark.parametrize("token", ["", "unknown", "\x00", "\ud800", "é" * 5000])


def count_lines(larder: Larder) -> int:
    return int(larder.fetch_all(select(func.count()).select_from(cart_lines))[0][0])


def test_put_sets_the_quantity_of_one_dish(larder: Larder) -> None:
    token = create_session(larder, {3: 1})
    put(larder, token, 3, 20)
    assert quantities(larder, token) == {3: 20}
    put(larder, token, 7, 2)
    assert quantities(larder, token) == {3: 20, 7: 2}


def test_quantity_zero_removes_the_dish(larder: Larder) -> None:
    token = create_session(larder, {3: 1, 7: 2})
    for _ in range(2):
        put(larder, token, 3, 0)
        assert quantities(larder, token) == {7: 2}


def test_a_sold_out_dish_can_be_put_in_the_cart(larder: Larder) -> None:
    assert quantities(larder, create_session(larder, {FISH_PIE: 1})) == {FISH_PIE: 1}


@pytest.mark.parametrize("dish_id", ["", "25", "01", "soup", "\x00", "9" * 30])
def test_an_unknown_dish_cannot_be_put_in_the_cart(larder: Larder, dish_id: str) -> None:
    token = create_session(larder)
    with pytest.raises(NotFoundError):
        put(larder, token, dish_id, 1)
    assert count_lines(larder) == 0


@pytest.mark.parametrize("quantity", ["", "21", "-1", "+1", "1.0", "two", "٢", " 1", "9" * 5000])
def test_a_quantity_is_a_whole_number_from_0_to_20(larder: Larder, quantity: str) -> None:
    token = create_session(larder, {1: 3})
    before = contents(larder)
    with pytest.raises(InvalidInputError) as error:
        put(larder, token, 1, quantity)
    assert set(error.value.fields) == {"quantity"}
    assert contents(larder) == before


def test_an_unknown_dish_is_reported_before_a_bad_quantity(larder: Larder) -> None:
    with pytest.raises(NotFoundError):
        put(larder, create_session(larder), 25, "many")


def test_a_cart_has_at_most_24_dishes(larder: Larder, database_url: str) -> None:
    shared_db.scale(database_url, dishes=25)
    cart = dict.fromkeys(range(1, 25), 1)
    token = create_session(larder, cart)
    put(larder, token, 24, 2)
    assert quantities(larder, token) == {**cart, 24: 2}
    with pytest.raises(InvalidInputError, match="24 dishes at most"):
        put(larder, token, 25, 1)
    put(larder, token, 25, 0)
    put(larder, token, 1, 0)
    put(larder, token, 25, 1)
    assert list(quantities(larder, token)) == list(range(2, 26))


def test_a_cart_has_the_current_prices_and_is_sorted_by_dish_id(larder: Larder) -> None:
    token = create_session(larder, {13: 1, 3: 2})
    larder.dishes.change(3, {"price_cents": 1000}, None)
    cart = larder.carts.show(token)
    assert [tuple(line) for line in cart.lines] == [
        (3, "Gravlax with mustard sauce", 2, 1000),
        (13, "Crème brûlée", 1, 720),
    ]
    assert (cart.total_cents, cart.total, cart.quantity) == (2720, "27.20", 3)
    assert [(line.price, line.total) for line in cart.lines] == [
        ("10.00", "20.00"), ("7.20", "7.20"),
    ]  # fmt: skip


def test_count_returns_the_number_of_portions(larder: Larder) -> None:
    token = create_session(larder)
    assert larder.carts.count(token) == 0
    put(larder, token, 3, 2)
    put(larder, token, 13, 20)
    assert larder.carts.count(token) == 22


def test_sessions_do_not_share_carts(larder: Larder) -> None:
    mine, yours = create_session(larder, {1: 1}), create_session(larder, {2: 2, 3: 3})
    put(larder, mine, 2, 4)
    assert (quantities(larder, mine), larder.carts.count(mine)) == ({1: 1, 2: 4}, 5)
    assert (quantities(larder, yours), larder.carts.count(yours)) == ({2: 2, 3: 3}, 5)


def test_without_a_token_the_cart_is_empty_and_no_query_runs(larder: Larder) -> None:
    larder.begin_request()
    for token in (None, ""):
        cart = larder.carts.show(token)
        assert (cart.lines, cart.total, cart.quantity) == ([], "0.00", 0)
        assert larder.carts.count(token) == 0
    assert larder.usage.queries == 0


def test_each_cart_operation_runs_a_fixed_number_of_queries(larder: Larder) -> None:
    def count_queries(operation: Callable[[], object]) -> int:
        larder.begin_request()
        operation()
        return larder.usage.queries

    token = create_session(larder, {1: 1, 2: 1, 3: 1})
    assert count_queries(lambda: larder.carts.show(token)) == 1
    assert count_queries(lambda: larder.carts.count(token)) == 1
    # The dish, the session, the count of the other dishes, the line.
    assert count_queries(lambda: put(larder, token, 4, 1)) == 4
    # The dish, the session, the line.
    assert count_queries(lambda: put(larder, token, 4, 0)) == 3


@BAD_TOKENS
def test_an_unknown_token_has_no_cart_and_creates_none(larder: Larder, token: str) -> None:
    create_session(larder, {1: 1})
    before = contents(larder)
    put(larder, token, 1, 2)
    assert (quantities(larder, token), larder.carts.count(token)) == ({}, 0)
    assert contents(larder) == before


def test_the_cart_of_an_expired_session_is_empty_and_cannot_change(
    larder: Larder, clock: list[float]
) -> None:
    token = create_session(larder, {1: 1})
    clock[0] += TWO_WEEKS
    put(larder, token, 2, 2)
    assert (quantities(larder, token), larder.carts.count(token)) == ({}, 0)
    assert count_lines(larder) == 1
    larder.sessions.save(None, {})  # deletes expired sessions
    assert count_lines(larder) == 0


@pytest.mark.parametrize("loaded", [False, True], ids=["unread", "loaded"])
def test_a_session_lasts_two_weeks_from_the_last_change_of_its_cart(
    larder: Larder, clock: list[float], loaded: bool
) -> None:
    token = create_session(larder, {1: 1})
    clock[0] += TWO_WEEKS - 1
    if loaded:
        larder.sessions.load(token)
    put(larder, token, 2, 1)
    clock[0] += TWO_WEEKS - 1
    assert quantities(larder, token) == {1: 1, 2: 1}
    put(larder, token, 2, 0)
    clock[0] += TWO_WEEKS - 1
    assert larder.carts.count(token) == 1
    clock[0] += 1
    assert larder.carts.count(token) == 0


def test_reading_a_cart_does_not_extend_its_session(larder: Larder, clock: list[float]) -> None:
    token = create_session(larder, {1: 1})
    clock[0] += TWO_WEEKS - 1
    assert (len(larder.carts.show(token).lines), larder.carts.count(token)) == (1, 1)
    clock[0] += 1
    assert larder.sessions.load(token) is None


def test_a_cart_is_deleted_with_its_session(larder: Larder) -> None:
    mine, yours = create_session(larder, {1: 1, 2: 2}), create_session(larder, {3: 3})
    larder.sessions.delete(mine)
    assert count_lines(larder) == 1
    assert (quantities(larder, mine), quantities(larder, yours)) == ({}, {3: 3})


def test_a_new_session_never_gets_the_cart_of_a_deleted_session(larder: Larder) -> None:
    larder.begin_request()
    old = create_session(larder)
    larder.sessions.load(old)
    larder.sessions.delete(old)
    new = create_session(larder)
    put(larder, old, 1, 1)  # this request still has the id of the deleted session
    assert (quantities(larder, new), count_lines(larder)) == ({}, 0)


@pytest.mark.parametrize("quantity", ["0", "21"])
def test_the_database_rejects_a_bad_quantity(larder: Larder, quantity: str) -> None:
    token = create_session(larder)
    session_id = larder.sessions.extend(token)
    values = {"session_id": str(session_id), "dish_id": "1", "quantity": quantity}
    with pytest.raises(larder.integrity_error):
        larder.execute(insert(cart_lines).values({n: literal_column(v) for n, v in values.items()}))
