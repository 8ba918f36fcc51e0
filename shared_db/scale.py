"""Enlarge a database, always with the same rows, to test how the site scales."""

import random
from itertools import islice
from typing import Any

from sqlalchemy import Table, func, select, text

from shared_db.backends import database_from_url
from shared_db.connections import Connections
from shared_db.schema import dishes as dish_table
from shared_db.schema import orders as order_table
from shared_db.seed import DISH_COLUMNS, make_dish_row
from shared_db.seed_dishes import COURSES, GENERIC_DRAWINGS, SeedDish

_FIRST_PLACED_AT = 1_767_625_200  # 2026-01-05 15:00 UTC
_SECONDS_BETWEEN = 100
_OPEN_ORDERS = 200  # the newest orders; all older orders are closed
_CLOSED_STATUSES = ("served",) * 19 + ("cancelled",)
_BATCH = 10_000

_ORDER = ("id", "code", "guest", "status", "total_cents", "placed_at", "idempotency_key")
_LINE = ("order_id", "dish_id", "quantity", "unit_price_cents")

_METHODS = ("Baked", "Braised", "Charred", "Grilled", "Pickled", "Poached", "Roasted", "Smoked")
_BASES = ("apricot", "barley", "carrot", "celeriac", "chestnut", "fennel", "parsnip", "quince")
_EXTRAS = ("almonds", "basil", "butter", "capers", "cream", "dill", "honey", "lemon")
_GUESTS = ("Ada", "Zoë", "Jürgen", "Ελένη", "O'Brien & Sons", "+2 for table 4", "=Table(9)", "春樹")

_ANALYZE = text("ANALYZE")


def scale(database_url: str, dishes: int = 0, orders: int = 0) -> None:
    """Add dishes and past orders until the database has the given numbers of both.

    A database that has more rows is unchanged. The orders take no portions. All rows are added in
    one transaction. Raise DatabaseMissingError, SchemaMismatchError or DatabaseUnavailableError.
    """
    connections = Connections(database_from_url(database_url))
    try:
        with connections.transaction():
            _add_dishes(connections, dishes)
            _add_orders(connections, orders)
            connections.advance_sequences("dishes", "orders")
            # Without new statistics, a database plans its queries for the few rows of before.
            connections.execute(_ANALYZE)
    finally:
        connections.close()


def _count(connections: Connections, table: Table) -> tuple[int, int]:
    """Return the number of rows of a table, and the highest id."""
    [(count, highest)] = connections.fetch_all(select(func.count(), func.max(table.c.id)))
    return count, highest or 0


def _add_dishes(connections: Connections, target: int) -> None:
    count, highest = _count(connections, dish_table)
    numbers = range(highest + 1, highest + 1 + max(0, target - count))
    connections.bulk_insert("dishes", DISH_COLUMNS, (_make_dish(number) for number in numbers))


def _make_dish(number: int) -> tuple[Any, ...]:
    generator = random.Random(number)
    course = list(COURSES)[number % len(COURSES)]
    method, base, extra = (
        generator.choice(_METHODS),
        generator.choice(_BASES),
        generator.choice(_EXTRAS),
    )
    return make_dish_row(
        course,
        SeedDish(
            drawing=GENERIC_DRAWINGS[course],
            name=f"{method} {base} with {extra}, no. {number}",
            price_cents=generator.randrange(300, 2500, 10),
            portions=generator.randint(200, 400),
            allergens=generator.choice(("", "milk", "gluten, nuts")),
            description=f"The kitchen's {base}, {method.lower()} slowly and served with {extra}.",
        ),
    )


def _add_orders(connections: Connections, target: int) -> None:
    count, highest = _count(connections, order_table)
    prices = connections.fetch_all(select(dish_table.c.id, dish_table.c.price_cents))
    numbers = iter(range(highest + 1, highest + 1 + max(0, target - count)))
    generator = random.Random(highest)
    newest = highest + target - count
    while batch := list(islice(numbers, _BATCH)):
        orders = [_make_order(number, newest, generator, prices) for number in batch]
        connections.bulk_insert("orders", _ORDER, (order for order, _ in orders))
        all_lines = (line for _, lines in orders for line in lines)
        connections.bulk_insert("order_lines", _LINE, all_lines)


def _make_order(
    number: int, newest: int, generator: random.Random, prices: list[tuple[int, int]]
) -> tuple[tuple[Any, ...], list[tuple[Any, ...]]]:
    dishes = sorted(generator.sample(prices, generator.randint(1, 3)))
    lines: list[tuple[Any, ...]] = [
        (number, dish_id, generator.randint(1, 4), price) for dish_id, price in dishes
    ]
    statuses = ("placed", "cooking") if number > newest - _OPEN_ORDERS else _CLOSED_STATUSES
    order = (
        number,
        f"{generator.getrandbits(80):020x}",
        generator.choice(_GUESTS),
        generator.choice(statuses),
        sum(quantity * price for *_, quantity, price in lines),
        _FIRST_PLACED_AT + number * _SECONDS_BETWEEN,
        f"made up {number}",
    )
    return order, lines
