"""Carts."""

import pytest

import shared_db.scale
from shared_db import Larder
from shared_db.errors import Invalid, NotFound
from tests.shared_db.kitchen import FISH_PIE


def put(larder: Larder, cart: dict[str, int], dish_id: str, quantity: str) -> dict[str, int]:
    return larder.carts.put(cart, {"dish_id": dish_id, "quantity": quantity})


def test_putting_sets_the_quantity_and_leaves_the_old_cart_alone(larder: Larder) -> None:
    old = {"3": 1}
    assert put(larder, old, "3", "20") == {"3": 20}
    assert put(larder, old, "7", "2") == {"3": 1, "7": 2}
    assert old == {"3": 1}


def test_quantity_zero_takes_the_dish_out(larder: Larder) -> None:
    assert put(larder, {"3": 1, "7": 2}, "3", "0") == {"7": 2}
    assert put(larder, {"7": 2}, "3", "0") == {"7": 2}


def test_a_sold_out_dish_may_wait_in_the_cart(larder: Larder) -> None:
    assert put(larder, {}, str(FISH_PIE), "1") == {"12": 1}


@pytest.mark.parametrize("dish_id", ["", "25", "01", "soup", "\x00", "9" * 30])
def test_an_unknown_dish_cannot_be_put_in(larder: Larder, dish_id: str) -> None:
    with pytest.raises(NotFound):
        put(larder, {}, dish_id, "1")


@pytest.mark.parametrize("quantity", ["", "21", "-1", "+1", "1.0", "two", "٢", " 1", "9" * 5000])
def test_a_quantity_is_a_whole_number_from_0_to_20(larder: Larder, quantity: str) -> None:
    with pytest.raises(Invalid) as refusal:
        put(larder, {}, "1", quantity)
    assert set(refusal.value.fields) == {"quantity"}


def test_an_unknown_dish_is_told_before_a_bad_quantity(larder: Larder) -> None:
    with pytest.raises(NotFound):
        put(larder, {}, "25", "many")


def test_a_cart_holds_24_dishes(larder: Larder, database_url: str) -> None:
    shared_db.scale(database_url, dishes=25)
    cart = {str(dish_id): 1 for dish_id in range(1, 25)}
    assert put(larder, cart, "24", "2") == {**cart, "24": 2}
    assert len(larder.carts.show(cart).lines) == 24
    with pytest.raises(Invalid):
        put(larder, cart, "25", "1")


def test_the_cart_is_shown_at_todays_prices_by_dish_id(larder: Larder) -> None:
    larder.dishes.change(3, {"price_cents": 1000}, None)
    cart = larder.carts.show({"13": 1, "3": 2})
    assert [tuple(line) for line in cart.lines] == [
        (3, "Gravlax with mustard sauce", 2, 1000),
        (13, "Crème brûlée", 1, 720),
    ]
    assert (cart.total_cents, cart.total, cart.quantity) == (2720, "27.20", 3)
    assert [(line.price, line.total) for line in cart.lines] == [
        ("10.00", "20.00"), ("7.20", "7.20"),
    ]  # fmt: skip


def test_an_empty_cart_is_shown_without_a_query(larder: Larder) -> None:
    larder.begin_request()
    cart = larder.carts.show({})
    assert (cart.lines, cart.total, cart.quantity) == ([], "0.00", 0)
    assert larder.usage.queries == 0


def test_a_full_cart_is_shown_with_one_query(larder: Larder) -> None:
    larder.begin_request()
    larder.carts.show({"1": 1, "2": 1, "3": 1})
    assert larder.usage.queries == 1


def test_a_dish_that_is_no_more_is_left_out_of_the_cart(larder: Larder) -> None:
    assert [line.dish_id for line in larder.carts.show({"1": 1, "25": 1, "x": 1}).lines] == [1]
