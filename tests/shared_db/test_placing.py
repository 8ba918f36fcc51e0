"""Tests of placing an order from a cart."""

import pytest

from shared_db import Larder
from shared_db.errors import InvalidInputError, SoldOutError
from tests.shared_db.helpers import (
    FISH_PIE,
    LAST_ONE,
    LEEK_SOUP,
    contents,
    create_session,
    order,
    place,
    put,
    quantities,
)


def test_an_order_has_the_contents_of_the_cart_at_the_prices_of_that_time(larder: Larder) -> None:
    placed = order(larder, {13: 1, 1: 2})
    assert (placed.guest, placed.status, placed.total_cents) == ("Ada", "placed", 2020)
    assert [tuple(line) for line in placed.lines] == [
        (1, "Leek soup", 2, 650),
        (13, "Crème brûlée", 1, 720),
    ]
    larder.dishes.change(LEEK_SOUP, {"price_cents": 9999}, None)
    assert larder.orders.get(placed.code) == placed


def test_an_order_takes_its_portions_and_increases_the_version_of_the_dish(larder: Larder) -> None:
    before = larder.dishes.get(LEEK_SOUP)
    order(larder, {1: 2})
    after = larder.dishes.get(LEEK_SOUP)
    assert (before.portions - after.portions, after.version - before.version) == (2, 1)


def test_codes_and_keys_are_unique(larder: Larder) -> None:
    codes = {order(larder, {1: 1}).code for _ in range(20)}
    keys = {larder.orders.new_key() for _ in range(20)}
    assert (len(codes), len(keys)) == (20, 20)
    assert all(len(code) == 20 for code in codes)


def test_an_order_empties_only_its_own_cart(larder: Larder) -> None:
    mine, yours = create_session(larder, {1: 1, 2: 2}), create_session(larder, {1: 3})
    assert {line.dish_id: line.quantity for line in place(larder, mine).lines} == {1: 1, 2: 2}
    assert (quantities(larder, mine), quantities(larder, yours)) == ({}, {1: 3})


def test_an_order_extends_its_session_by_two_weeks(larder: Larder, clock: list[float]) -> None:
    token = create_session(larder, {1: 1})
    clock[0] += 14 * 24 * 60 * 60 - 1
    place(larder, token)
    clock[0] += 14 * 24 * 60 * 60 - 1
    assert larder.sessions.load(token) == {}


def test_the_last_portion_can_be_ordered_once(larder: Larder) -> None:
    order(larder, {LAST_ONE: 1})
    assert larder.dishes.get(LAST_ONE).sold_out
    with pytest.raises(SoldOutError):
        order(larder, {LAST_ONE: 1})


@pytest.mark.parametrize(
    ("cart", "dish"),
    [
        pytest.param({12: 1}, "Fish pie", id="sold out"),
        pytest.param({5: 2}, "Burrata and peaches", id="more than is left"),
        pytest.param({1: 1, 5: 1, 12: 1, 13: 1}, "Fish pie", id="one of four"),
    ],
)
def test_a_rejected_order_changes_neither_the_stock_nor_the_cart(
    larder: Larder, cart: dict[int, int], dish: str
) -> None:
    token = create_session(larder, cart)
    before = contents(larder)
    with pytest.raises(SoldOutError) as error:
        place(larder, token)
    assert (error.value.dish, dish in str(error.value)) == (dish, True)
    assert contents(larder) == before
    assert quantities(larder, token) == cart


def test_the_key_of_a_rejected_order_can_be_used_again(larder: Larder) -> None:
    with pytest.raises(SoldOutError):
        order(larder, {FISH_PIE: 1}, key="k")
    assert order(larder, {1: 1}, key="k").total == "6.50"


def test_the_same_form_sent_twice_makes_one_order(larder: Larder) -> None:
    token = create_session(larder, {1: 2})
    first = place(larder, token, key="k")
    before = contents(larder)
    assert place(larder, token, key="k") == first
    assert contents(larder) == before


def test_a_form_sent_again_does_not_empty_a_newer_cart(larder: Larder) -> None:
    token = create_session(larder, {1: 2})
    first = place(larder, token, key="k")
    put(larder, token, 3, 4)
    assert place(larder, token, key="k") == first
    assert quantities(larder, token) == {3: 4}


def test_two_forms_of_one_cart_make_one_order(larder: Larder) -> None:
    token = create_session(larder, {1: 2})
    place(larder, token)
    before = contents(larder)
    with pytest.raises(InvalidInputError, match=r"^The cart is empty\.$"):
        place(larder, token)
    assert contents(larder) == before


@pytest.mark.parametrize("token", [None, "", "unknown"])
def test_a_used_key_returns_its_order_in_any_session(larder: Larder, token: str | None) -> None:
    first = order(larder, {1: 2}, key="k")
    assert larder.orders.place(token, {"idempotency_key": "k"}) == first


@pytest.mark.parametrize("token", [None, "", "unknown", "\x00"])
def test_without_a_session_the_cart_is_empty(larder: Larder, token: str | None) -> None:
    create_session(larder, {1: 1})
    before = contents(larder)
    with pytest.raises(InvalidInputError) as error:
        larder.orders.place(token, {"guest": "Ada", "idempotency_key": "k"})
    assert error.value.fields == {"cart": "The cart is empty."}
    assert contents(larder) == before


def test_the_cart_of_an_expired_session_cannot_be_ordered(
    larder: Larder, clock: list[float]
) -> None:
    token = create_session(larder, {1: 1})
    larder.sessions.load(token)
    clock[0] += 14 * 24 * 60 * 60
    with pytest.raises(InvalidInputError, match=r"^The cart is empty\.$"):
        place(larder, token)


@pytest.mark.parametrize(
    ("cart", "form", "fields"),
    [
        pytest.param({}, {"guest": "A", "idempotency_key": "k"}, ["cart"], id="an empty cart"),
        pytest.param({1: 1}, {"guest": " ", "idempotency_key": "k"}, ["guest"], id="no name"),
        pytest.param({1: 1}, {"guest": "x" * 81, "idempotency_key": "k"}, ["guest"],
                     id="a name too long"),
        pytest.param({1: 1}, {"guest": "a\x00", "idempotency_key": "k"}, ["guest"],
                     id="a NUL in the name"),
        pytest.param({1: 1}, {"guest": "A"}, ["idempotency_key"], id="no key"),
        pytest.param({1: 1}, {"guest": "A", "idempotency_key": "k" * 201}, ["idempotency_key"],
                     id="a key too long"),
        pytest.param({1: 1}, {"guest": "A", "idempotency_key": "k\x00"}, ["idempotency_key"],
                     id="a NUL in the key"),
        pytest.param({1: 1}, {"guest": "A", "idempotency_key": "\ud800"}, ["idempotency_key"],
                     id="a lone surrogate for a key"),
        pytest.param({}, {}, ["cart", "guest", "idempotency_key"], id="nothing at all"),
    ],
)  # fmt: skip
def test_an_invalid_order_names_the_fields_and_takes_nothing(
    larder: Larder, cart: dict[int, int], form: dict[str, str], fields: list[str]
) -> None:
    token = create_session(larder, cart)
    before = contents(larder)
    with pytest.raises(InvalidInputError) as error:
        larder.orders.place(token, form)
    assert list(error.value.fields) == fields
    assert contents(larder) == before


def test_the_longest_key_is_accepted(larder: Larder) -> None:
    assert order(larder, {1: 1}, key="k" * 200) == order(larder, {1: 1}, key="k" * 200)
