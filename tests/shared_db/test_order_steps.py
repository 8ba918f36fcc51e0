"""Tests of the status of orders."""

import pytest
from sqlalchemy import bindparam, update

from shared_db import Larder
from shared_db.errors import InvalidInputError, NotFoundError, WrongStepError
from shared_db.schema import orders
from tests.shared_db.helpers import LEEK_SOUP, contents, order

STATUSES = ("placed", "cooking", "served", "cancelled")
PATHS = {
    "placed": (),
    "cooking": ("cooking",),
    "served": ("cooking", "served"),
    "cancelled": ("cancelled",),
}
ALLOWED = {
    ("placed", "cooking"), ("placed", "cancelled"), ("cooking", "served"), ("cooking", "cancelled"),
}  # fmt: skip


def place_with_status(larder: Larder, status: str) -> str:
    code = order(larder, {1: 2, 13: 1}).code
    for step in PATHS[status]:
        larder.orders.move(code, step)
    return code


@pytest.mark.parametrize("new", STATUSES)
@pytest.mark.parametrize("old", STATUSES)
def test_an_order_accepts_only_the_next_statuses(larder: Larder, old: str, new: str) -> None:
    code = place_with_status(larder, old)
    before = contents(larder)
    may_follow = (old, new) in ALLOWED
    assert (new in larder.orders.get(code).next_steps) == may_follow
    if may_follow:
        moved = larder.orders.move(code, new)
        assert moved.status == new
        assert larder.orders.get(code) == moved
    else:
        with pytest.raises(WrongStepError) as error:
            larder.orders.move(code, new)
        assert (error.value.old, error.value.new) == (old, new)
        assert contents(larder) == before


@pytest.mark.parametrize("status", STATUSES)
def test_each_next_status_has_a_button(larder: Larder, status: str) -> None:
    found = larder.orders.get(place_with_status(larder, status))
    assert tuple(new for new, _ in found.actions) == found.next_steps
    assert all(label[:1].isupper() and " " in label for _, label in found.actions)


@pytest.mark.parametrize("status", STATUSES)
def test_an_order_says_what_happens_next_while_it_is_open(larder: Larder, status: str) -> None:
    found = larder.orders.get(place_with_status(larder, status))
    assert bool(found.what_next) == bool(found.next_steps)


@pytest.mark.parametrize("old", ["placed", "cooking"])
def test_cancelling_returns_the_portions(larder: Larder, old: str) -> None:
    before = larder.dishes.get(LEEK_SOUP)
    larder.orders.move(place_with_status(larder, old), "cancelled")
    after = larder.dishes.get(LEEK_SOUP)
    assert (after.portions, after.version) == (before.portions, before.version + 2)


def test_serving_returns_no_portions(larder: Larder) -> None:
    before = larder.dishes.get(LEEK_SOUP).portions
    place_with_status(larder, "served")
    assert larder.dishes.get(LEEK_SOUP).portions == before - 2


@pytest.mark.parametrize("status", ["", "eaten", "PLACED", "a\x00", "\ud800"])
def test_an_unknown_status_is_invalid(larder: Larder, status: str) -> None:
    code = place_with_status(larder, "placed")
    with pytest.raises(InvalidInputError) as error:
        larder.orders.move(code, status)
    assert set(error.value.fields) == {"status"}


@pytest.mark.parametrize("code", ["", "1", "0" * 20, "Z" * 20, "a\x00", "\ud800", "٣" * 20])
def test_an_unknown_code_is_not_found(larder: Larder, code: str) -> None:
    with pytest.raises(NotFoundError, match=r"^There is no such order\.$"):
        larder.orders.get(code)
    with pytest.raises(NotFoundError):
        larder.orders.move(code, "cooking")


def test_the_open_orders_are_sorted_oldest_first(larder: Larder) -> None:
    codes = {status: place_with_status(larder, status) for status in STATUSES}
    late = larder.orders.get(place_with_status(larder, "placed"))
    assert [order.code for order in larder.orders.open()] == [
        codes["placed"], codes["cooking"], late.code,
    ]  # fmt: skip
    assert larder.orders.open()[2] == late


def test_open_orders_are_sorted_by_time_and_not_by_id(larder: Larder) -> None:
    young, old = (place_with_status(larder, "placed") for _ in range(2))
    larder.execute(
        update(orders).where(orders.c.code == bindparam("c")).values(placed_at=bindparam("t")),
        c=old,
        t=5_000,
    )
    assert [order.code for order in larder.orders.open()] == [old, young]


def test_open_returns_at_most_limit_orders(larder: Larder) -> None:
    first, second, _ = (place_with_status(larder, "placed") for _ in range(3))
    assert [order.code for order in larder.orders.open(limit=2)] == [first, second]


def test_the_open_orders_run_at_most_two_queries(larder: Larder) -> None:
    for _ in range(5):
        place_with_status(larder, "cooking")
    larder.begin_request()
    larder.orders.open()
    assert larder.usage.queries <= 2


def test_an_order_has_its_time_in_utc(larder: Larder) -> None:
    placed = order(larder, {1: 2})._replace(placed_at=1_795_367_100)
    assert (placed.placed_time, placed.total) == ("2026-11-22 17:05 UTC", "13.00")
