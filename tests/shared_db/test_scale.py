"""The generator of bigger larders."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

import shared_db
from shared_db import Larder
from shared_db.errors import NotStocked
from shared_db.schema import order_lines, orders
from tests.shared_db.kitchen import contents, order


def test_the_larder_has_as_much_as_was_asked_for(larder: Larder, database_url: str) -> None:
    shared_db.scale(database_url, dishes=100, orders=300)
    assert larder.dishes.count() == 100
    rows = larder.rows(select(orders.c.id, orders.c.status))
    assert len(rows) == 300
    assert {status for _, status in rows} == {"placed", "cooking", "served", "cancelled"}
    lines = Counter(order_id for (order_id,) in larder.rows(select(order_lines.c.order_id)))
    assert set(lines) == {order_id for order_id, _ in rows}
    assert set(lines.values()) == {1, 2, 3}


def test_made_up_orders_add_up_and_take_no_portions(larder: Larder, database_url: str) -> None:
    before = larder.dishes.menu()
    shared_db.scale(database_url, orders=50)
    assert larder.dishes.menu() == before
    for found in larder.orders.open():
        assert found.total_cents == sum(line.total_cents for line in found.lines)
        assert larder.orders.get(found.code) == found


def test_made_up_dishes_can_be_found_shown_and_ordered(larder: Larder, database_url: str) -> None:
    shared_db.scale(database_url, dishes=60)
    found = larder.dishes.search({"q": "NO. 60"})
    assert [dish.id for dish in found.dishes] == [60]
    assert {dish.drawing for dish in larder.dishes.search({"q": "no. "}, page_size=99).dishes} == {
        "generic-starter", "generic-main", "generic-dessert", "generic-drink",
    }  # fmt: skip
    assert order(larder, {60: 1}).lines[0].name == found.dishes[0].name


def test_two_bigger_larders_are_the_same(
    larder: Larder, database_url: str, empty_url: str, tmp_path: Path
) -> None:
    shared_db.create(empty_url)
    for url in (database_url, empty_url):
        shared_db.scale(url, dishes=40, orders=50)
    other = shared_db.open_larder(empty_url, tmp_path)
    assert contents(other) == contents(larder)
    other.close()


def test_a_larder_big_enough_is_left_as_it_is(larder: Larder, database_url: str) -> None:
    shared_db.scale(database_url, dishes=40, orders=50)
    before = contents(larder)
    shared_db.scale(database_url, dishes=30, orders=50)
    shared_db.scale(database_url)
    assert contents(larder) == before


def test_a_larder_can_grow_twice_and_be_used_in_between(larder: Larder, database_url: str) -> None:
    shared_db.scale(database_url, dishes=40, orders=50)
    placed = order(larder, {40: 1})
    shared_db.scale(database_url, dishes=50, orders=90)
    assert (larder.dishes.count(), larder.orders.get(placed.code)) == (50, placed)
    assert len(larder.rows(select(orders.c.id))) == 90


def test_a_larder_that_is_not_there_cannot_grow(empty_url: str) -> None:
    with pytest.raises(NotStocked):
        shared_db.scale(empty_url, dishes=100)
