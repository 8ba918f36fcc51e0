"""Placing an order from a cart."""

import pytest

from shared_db import Larder
from shared_db.errors import Invalid, SoldOut
from tests.shared_db.kitchen import FISH_PIE, LAST_ONE, LEEK_SOUP, contents, order


def test_an_order_holds_what_was_in_the_cart_at_the_price_of_the_time(larder: Larder) -> None:
    placed = order(larder, {"13": 1, "1": 2})
    assert (placed.guest, placed.status, placed.total_cents) == ("Ada", "placed", 2020)
    assert [tuple(line) for line in placed.lines] == [
        (1, "Leek soup", 2, 650),
        (13, "Crème brûlée", 1, 720),
    ]
    larder.dishes.change(LEEK_SOUP, {"price_cents": 9999}, None)
    assert larder.orders.get(placed.code) == placed


def test_an_order_takes_its_portions_and_raises_the_dishs_version(larder: Larder) -> None:
    before = larder.dishes.get(LEEK_SOUP)
    order(larder, {"1": 2})
    after = larder.dishes.get(LEEK_SOUP)
    assert (before.portions - after.portions, after.version - before.version) == (2, 1)


def test_codes_and_keys_are_never_the_same_twice(larder: Larder) -> None:
    codes = {order(larder, {"1": 1}).code for _ in range(20)}
    keys = {larder.orders.new_key() for _ in range(20)}
    assert (len(codes), len(keys)) == (20, 20)
    assert all(len(code) == 20 for code in codes)


def test_the_last_portion_can_be_ordered_once(larder: Larder) -> None:
    order(larder, {str(LAST_ONE): 1})
    assert larder.dishes.get(LAST_ONE).sold_out
    with pytest.raises(SoldOut):
        order(larder, {str(LAST_ONE): 1})


@pytest.mark.parametrize(
    ("cart", "dish"),
    [
        pytest.param({"12": 1}, "Fish pie", id="sold out"),
        pytest.param({"5": 2}, "Burrata and peaches", id="more than is left"),
        pytest.param({"1": 1, "5": 1, "12": 1, "13": 1}, "Fish pie", id="one of four"),
    ],
)
def test_a_refused_order_leaves_the_larder_alone(
    larder: Larder, cart: dict[str, int], dish: str
) -> None:
    before = contents(larder)
    with pytest.raises(SoldOut) as refusal:
        order(larder, cart)
    assert (refusal.value.dish, dish in str(refusal.value)) == (dish, True)
    assert contents(larder) == before


def test_a_key_refused_once_may_be_used_again(larder: Larder) -> None:
    with pytest.raises(SoldOut):
        order(larder, {str(FISH_PIE): 1}, key="k")
    assert order(larder, {"1": 1}, key="k").total == "6.50"


def test_the_same_form_sent_twice_makes_one_order(larder: Larder) -> None:
    first = order(larder, {"1": 2}, key="k")
    before = contents(larder)
    assert order(larder, {"1": 2}, key="k") == first
    assert contents(larder) == before


def test_a_key_seen_before_gives_its_order_even_when_the_cart_is_empty_by_now(
    larder: Larder,
) -> None:
    first = order(larder, {"1": 2}, key="k")
    assert larder.orders.place({}, {"idempotency_key": "k"}) == first


@pytest.mark.parametrize(
    ("cart", "form", "fields"),
    [
        pytest.param({}, {"guest": "A", "idempotency_key": "k"}, {"cart"}, id="an empty cart"),
        pytest.param({"1": 1}, {"guest": " ", "idempotency_key": "k"}, {"guest"}, id="no name"),
        pytest.param({"1": 1}, {"guest": "x" * 81, "idempotency_key": "k"}, {"guest"},
                     id="a name too long"),
        pytest.param({"1": 1}, {"guest": "a\x00", "idempotency_key": "k"}, {"guest"},
                     id="a NUL in the name"),
        pytest.param({"1": 1}, {"guest": "A"}, {"idempotency_key"}, id="no key"),
        pytest.param({"1": 1}, {"guest": "A", "idempotency_key": "k" * 201}, {"idempotency_key"},
                     id="a key too long"),
        pytest.param({"1": 1}, {"guest": "A", "idempotency_key": "k\x00"}, {"idempotency_key"},
                     id="a NUL in the key"),
        pytest.param({"1": 1}, {"guest": "A", "idempotency_key": "\ud800"}, {"idempotency_key"},
                     id="a lone surrogate for a key"),
        pytest.param({}, {}, {"cart", "guest", "idempotency_key"}, id="nothing at all"),
        pytest.param({"25": 1}, {"guest": "A", "idempotency_key": "k"}, {"cart"},
                     id="a dish that is no more"),
    ],
)  # fmt: skip
def test_a_broken_order_names_the_fields_and_takes_nothing(
    larder: Larder, cart: dict[str, int], form: dict[str, str], fields: set[str]
) -> None:
    before = contents(larder)
    with pytest.raises(Invalid) as refusal:
        larder.orders.place(cart, form)
    assert set(refusal.value.fields) == fields
    assert contents(larder) == before


def test_the_longest_key_is_kept(larder: Larder) -> None:
    assert order(larder, {"1": 1}, key="k" * 200) == order(larder, {"1": 1}, key="k" * 200)
