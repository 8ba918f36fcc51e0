"""Orders on their way through the kitchen."""

import pytest
from sqlalchemy import bindparam, update

from shared_db import Larder
from shared_db.errors import Invalid, NotFound, WrongStep
from shared_db.schema import orders
from tests.shared_db.kitchen import LEEK_SOUP, contents, order

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


def order_that_is(larder: Larder, status: str) -> str:
    code = order(larder, {1: 2, 13: 1}).code
    for step in PATHS[status]:
        larder.orders.move(code, step)
    return code


@pytest.mark.parametrize("new", STATUSES)
@pytest.mark.parametrize("old", STATUSES)
def test_an_order_takes_only_the_steps_that_may_follow(larder: Larder, old: str, new: str) -> None:
    code = order_that_is(larder, old)
    before = contents(larder)
    may_follow = (old, new) in ALLOWED
    assert (new in larder.orders.get(code).next_steps) == may_follow
    if may_follow:
        moved = larder.orders.move(code, new)
        assert moved.status == new
        assert larder.orders.get(code) == moved
    else:
        with pytest.raises(WrongStep) as refusal:
            larder.orders.move(code, new)
        assert (refusal.value.old, refusal.value.new) == (old, new)
        assert contents(larder) == before


@pytest.mark.parametrize("old", ["placed", "cooking"])
def test_cancelling_puts_the_portions_back(larder: Larder, old: str) -> None:
    before = larder.dishes.get(LEEK_SOUP)
    larder.orders.move(order_that_is(larder, old), "cancelled")
    after = larder.dishes.get(LEEK_SOUP)
    assert (after.portions, after.version) == (before.portions, before.version + 2)


def test_serving_puts_nothing_back(larder: Larder) -> None:
    before = larder.dishes.get(LEEK_SOUP).portions
    order_that_is(larder, "served")
    assert larder.dishes.get(LEEK_SOUP).portions == before - 2


@pytest.mark.parametrize("status", ["", "eaten", "PLACED", "a\x00", "\ud800"])
def test_an_unknown_status_is_invalid(larder: Larder, status: str) -> None:
    code = order_that_is(larder, "placed")
    with pytest.raises(Invalid) as refusal:
        larder.orders.move(code, status)
    assert set(refusal.value.fields) == {"status"}


@pytest.mark.parametrize("code", ["", "1", "0" * 20, "Z" * 20, "a\x00", "\ud800", "٣" * 20])
def test_an_unknown_code_is_not_found(larder: Larder, code: str) -> None:
    with pytest.raises(NotFound, match=r"^There is no such order\.$"):
        larder.orders.get(code)
    with pytest.raises(NotFound):
        larder.orders.move(code, "cooking")


def test_the_kitchen_sees_the_open_orders_oldest_first(larder: Larder) -> None:
    codes = {status: order_that_is(larder, status) for status in STATUSES}
    late = larder.orders.get(order_that_is(larder, "placed"))
    assert [found.code for found in larder.orders.open()] == [
        codes["placed"], codes["cooking"], late.code,
    ]  # fmt: skip
    assert larder.orders.open()[2] == late


def test_the_oldest_order_counts_not_the_first_made(larder: Larder) -> None:
    young, old = (order_that_is(larder, "placed") for _ in range(2))
    larder.run(
        update(orders).where(orders.c.code == bindparam("c")).values(placed_at=bindparam("t")),
        c=old,
        t=5_000,
    )
    assert [found.code for found in larder.orders.open()] == [old, young]


def test_the_kitchen_sees_no_more_orders_than_it_asks_for(larder: Larder) -> None:
    first, second, _ = (order_that_is(larder, "placed") for _ in range(3))
    assert [found.code for found in larder.orders.open(limit=2)] == [first, second]


def test_the_open_orders_take_two_queries_at_most(larder: Larder) -> None:
    for _ in range(5):
        order_that_is(larder, "cooking")
    larder.begin_request()
    larder.orders.open()
    assert larder.usage.queries <= 2


def test_an_order_tells_when_it_was_placed_in_utc(larder: Larder) -> None:
    placed = order(larder, {1: 2})._replace(placed_at=1_795_367_100)
    assert (placed.placed_time, placed.total) == ("2026-11-22 17:05 UTC", "13.00")
