"""Tests of shared_db.scale."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

import shared_db
from shared_db import Larder
from shared_db.errors import DatabaseMissingError
from shared_db.schema import order_lines, orders
from tests.shared_db.helpers import contents, order


def test_scale_adds_rows_up_to_the_given_numbers(larder: Larder, database_url: str) -> None:
    shared_db.scale(database_url, dishes=100, orders=300)
    assert larder.dishes.count() == 100
    rows = larder.fetch_all(select(orders.c.id, orders.c.status))
    assert len(rows) == 300
    assert {status for _, status in rows} == {"placed", "cooking", "served", "cancelled"}
    lines = Counter(order_id for (order_id,) in larder.fetch_all(select(order_lines.c.order_id)))
    assert set(lines) == {order_id for order_id, _ in rows}
    assert set(lines.values()) == {1, 2, 3}


def test_generated_orders_have_correct_totals_and_take_no_portions(
    larder: Larder, database_url: str
) -> None:
    before = larder.dishes.menu()
    shared_db.scale(database_url, orders=50)
    assert larder.dishes.menu() == before
    for placed in larder.orders.open():
        assert placed.total_cents == sum(line.total_cents for line in placed.lines)
        assert larder.orders.get(placed.code) == placed


def test_generated_dishes_can_be_searched_read_and_ordered(
    larder: Larder, database_url: str
) -> None:
    shared_db.scale(database_url, dishes=60)
    page = larder.dishes.search({"q": "NO. 60"})
    assert [dish.id for dish in page.dishes] == [60]
    assert {dish.drawing for dish in larder.dishes.search({"q": "no. "}, page_size=99).dishes} == {
        "generic-starter", "generic-main", "generic-dessert", "generic-drink",
    }  # fmt: skip
    assert order(larder, {60: 1}).lines[0].name == page.dishes[0].name


def test_two_enlarged_databases_are_equal(
    larder: Larder, database_url: str, empty_url: str, tmp_path: Path
) -> None:
    shared_db.create(empty_url)
    for url in (database_url, empty_url):
        shared_db.scale(url, dishes=40, orders=50)
    other = shared_db.open_larder(empty_url, tmp_path)
    assert contents(other) == contents(larder)
    other.close()


def test_a_database_that_is_large_enough_is_unchanged(larder: Larder, database_url: str) -> None:
    shared_db.scale(database_url, dishes=40, orders=50)
    before = contents(larder)
    shared_db.scale(database_url, dishes=30, orders=50)
    shared_db.scale(database_url)
    assert contents(larder) == before


def test_a_database_can_be_enlarged_twice_and_used_in_between(
    larder: Larder, database_url: str
) -> None:
    shared_db.scale(database_url, dishes=40, orders=50)
    placed = order(larder, {40: 1})
    shared_db.scale(database_url, dishes=50, orders=90)
    assert (larder.dishes.count(), larder.orders.get(placed.code)) == (50, placed)
    assert len(larder.fetch_all(select(orders.c.id))) == 90


def test_a_missing_database_cannot_be_enlarged(empty_url: str) -> None:
    with pytest.raises(DatabaseMissingError):
        shared_db.scale(empty_url, dishes=100)
