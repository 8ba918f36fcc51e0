"""Placing an order from a cart."""

import pytest

from shared_db import Larder
from shared_db.errors import Invalid, SoldOut
from tests.shared_db.kitchen import (
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


def test_an_order_holds_what_was_in_the_cart_at_the_price_of_the_time(larder: Larder) -> None:
    placed = order(larder, {13: 1, 1: 2})
    assert (placed.guest, placed.status, placed.total_cents) == ("Ada", "placed", 2020)
    assert [tuple(line) for line in placed.lines] == [
        (1, "Leek soup", 2, 650),
        (13, "Crème brûlée", 1, 720),
    ]
    larder.dishes.change(LEEK_SOUP, {"price_cents": 9999}, None)
    assert larder.orders.get(placed.code) == placed


def test_an_order_takes_its_portions_and_raises_the_dishs_version(larder: Larder) -> None:
    before = larder.dishes.get(LEEK_SOUP)
    order(larder, {1: 2})
    after = larder.dishes.get(LEEK_SOUP)
    assert (before.portions - after.portions, after.version - before.version) == (2, 1)


def test_codes_and_keys_are_never_the_same_twice(larder: Larder) -> None:
    codes = {order(larder, {1: 1}).code for _ in range(20)}
    keys = {larder.orders.new_key() for _ in range(20)}
    assert (len(codes), len(keys)) == (20, 20)
    assert all(len(code) == 20 for code in codes)


def test_an_order_empties_its_own_cart_only(larder: Larder) -> None:
    mine, yours = create_session(larder, {1: 1, 2: 2}), create_session(larder, {1: 3})
    assert {line.dish_id: line.quantity for line in place(larder, mine).lines} == {1: 1, 2: 2}
    assert (quantities(larder, mine), quantities(larder, yours)) == ({}, {1: 3})


def test_an_order_makes_its_session_last_two_weeks_more(larder: Larder, clock: list[float]) -> None:
    token = create_session(larder, {1: 1})
    clock[0] += 14 * 24 * 60 * 60 - 1
    place(larder, token)
    clock[0] += 14 * 24 * 60 * 60 - 1
    assert larder.sessions.load(token) == {}


def test_the_last_portion_can_be_ordered_once(larder: Larder) -> None:
    order(larder, {LAST_ONE: 1})
    assert larder.dishes.get(LAST_ONE).sold_out
    with pytest.raises(SoldOut):
        order(larder, {LAST_ONE: 1})


@pytest.mark.parametrize(
    ("cart", "dish"),
    [
        pytest.param({12: 1}, "Fish pie", id="sold out"),
        pytest.param({5: 2}, "Burrata and peaches", id="more than is left"),
        pytest.param({1: 1, 5: 1, 12: 1, 13: 1}, "Fish pie", id="one of four"),
    ],
)
def test_a_refused_order_leaves_the_larder_and_the_cart_alone(
    larder: Larder, cart: dict[int, int], dish: str
) -> None:
    token = create_session(larder, cart)
    before = contents(larder)
    with pytest.raises(SoldOut) as refusal:
        place(larder, token)
    assert (refusal.value.dish, dish in str(refusal.value)) == (dish, True)
    assert contents(larder) == before
    assert quantities(larder, token) == cart


def test_a_key_refused_once_may_be_used_again(larder: Larder) -> None:
    with pytest.raises(SoldOut):
        order(larder, {FISH_PIE: 1}, key="k")
    assert order(larder, {1: 1}, key="k").total == "6.50"


def test_the_same_form_sent_twice_makes_one_order(larder: Larder) -> None:
    token = create_session(larder, {1: 2})
    first = place(larder, token, key="k")
    before = contents(larder)
    assert place(larder, token, key="k") == first
    assert contents(larder) == before


def test_a_form_sent_again_leaves_what_was_put_in_the_cart_since(larder: Larder) -> None:
    token = create_session(larder, {1: 2})
    first = place(larder, token, key="k")
    put(larder, token, 3, 4)
    assert place(larder, token, key="k") == first
    assert quantities(larder, token) == {3: 4}


def test_two_forms_of_one_cart_make_one_order(larder: Larder) -> None:
    token = create_session(larder, {1: 2})
    place(larder, token)
    before = contents(larder)
    with pytest.raises(Invalid, match=r"^The cart is empty\.$"):
        place(larder, token)
    assert contents(larder) == before


@pytest.mark.parametrize("token", [None, "", "unknown"])
def test_a_key_seen_before_gives_its_order_whatever_the_session(
    larder: Larder, token: str | None
) -> None:
    first = order(larder, {1: 2}, key="k")
    assert larder.orders.place(token, {"idempotency_key": "k"}) == first


@pytest.mark.parametrize("token", [None, "", "unknown", "\x00"])
def test_without_a_session_the_cart_is_empty(larder: Larder, token: str | None) -> None:
    create_session(larder, {1: 1})
    before = contents(larder)
    with pytest.raises(Invalid) as refusal:
        larder.orders.place(token, {"guest": "Ada", "idempotency_key": "k"})
    assert refusal.value.fields == {"cart": "The cart is empty."}
    assert contents(larder) == before


def test_the_cart_of_an_expired_session_cannot_be_ordered(
    larder: Larder, clock: list[float]
) -> None:
    token = create_session(larder, {1: 1})
    larder.sessions.load(token)
    clock[0] += 14 * 24 * 60 * 60
    with pytest.raises(Invalid, match=r"^The cart is empty\.$"):
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
def test_a_broken_order_names_the_fields_and_takes_nothing(
    larder: Larder, cart: dict[int, int], form: dict[str, str], fields: list[str]
) -> None:
    token = create_session(larder, cart)
    before = contents(larder)
    with pytest.raises(Invalid) as refusal:
        larder.orders.place(token, form)
    assert list(refusal.value.fields) == fields
    assert contents(larder) == before


def test_the_longest_key_is_kept(larder: Larder) -> None:
    assert order(larder, {1: 1}, key="k" * 200) == order(larder, {1: 1}, key="k" * 200)
