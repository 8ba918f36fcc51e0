"""Scale: makes a larder bigger, the same way every time, to try what grows with it."""

import random
from itertools import islice
from typing import Any

from sqlalchemy import Table, func, select, text

from shared_db.backends import database_at
from shared_db.connections import Connections
from shared_db.menu_card import COURSES, GENERIC_DRAWINGS, SeedDish
from shared_db.schema import dishes as dish_table
from shared_db.schema import orders as order_table
from shared_db.seed import DISH, dish_row

_FIRST_PLACED_AT = 1_767_625_200  # 2026-01-05 15:00 UTC
_SECONDS_BETWEEN = 100
_STILL_OPEN = 200  # of the newest orders
_PAST = ("served",) * 19 + ("cancelled",)
_BATCH = 10_000

_ORDER = ("id", "code", "guest", "status", "total_cents", "placed_at", "idempotency_key")
_LINE = ("order_id", "dish_id", "quantity", "unit_price_cents")

_WAYS = ("Baked", "Braised", "Charred", "Grilled", "Pickled", "Poached", "Roasted", "Smoked")
_THINGS = ("apricot", "barley", "carrot", "celeriac", "chestnut", "fennel", "parsnip", "quince")
_EXTRAS = ("almonds", "basil", "butter", "capers", "cream", "dill", "honey", "lemon")
_GUESTS = ("Ada", "Zoë", "Jürgen", "Ελένη", "O'Brien & Sons", "+2 for table 4", "=Table(9)", "春樹")

_ANALYZE = text("ANALYZE")


def scale(database_url: str, dishes: int = 0, orders: int = 0) -> None:
    """Add dishes and orders of the past until the larder has so many; it is never made smaller.

    The orders take no portions. Raises NotStocked, SchemaMismatch or LarderDown; all is added, or
    nothing.
    """
    larder = Connections(database_at(database_url))
    try:
        with larder.writing():
            _add_dishes(larder, dishes)
            _add_orders(larder, orders)
            larder.settle("dishes", "orders")
            # Else a database goes on planning for the few rows it had.
            larder.run(_ANALYZE)
    finally:
        larder.close()


def _count(larder: Connections, table: Table) -> tuple[int, int]:
    """Return how many rows a table has, and the highest id."""
    [(count, highest)] = larder.rows(select(func.count(), func.max(table.c.id)))
    return count, highest or 0


def _add_dishes(larder: Connections, wanted: int) -> None:
    count, highest = _count(larder, dish_table)
    numbers = range(highest + 1, highest + 1 + max(0, wanted - count))
    larder.pour("dishes", DISH, (_dish(number) for number in numbers))


def _dish(number: int) -> tuple[Any, ...]:
    dice = random.Random(number)
    course = list(COURSES)[number % len(COURSES)]
    way, thing, extra = dice.choice(_WAYS), dice.choice(_THINGS), dice.choice(_EXTRAS)
    return dish_row(
        course,
        SeedDish(
            drawing=GENERIC_DRAWINGS[course],
            name=f"{way} {thing} with {extra}, no. {number}",
            price_cents=dice.randrange(300, 2500, 10),
            portions=dice.randint(200, 400),
            allergens=dice.choice(("", "milk", "gluten, nuts")),
            description=f"The kitchen's {thing}, {way.lower()} slowly and served with {extra}.",
        ),
    )


def _add_orders(larder: Connections, wanted: int) -> None:
    count, highest = _count(larder, order_table)
    prices = larder.rows(select(dish_table.c.id, dish_table.c.price_cents))
    numbers = iter(range(highest + 1, highest + 1 + max(0, wanted - count)))
    dice = random.Random(highest)
    newest = highest + wanted - count
    while batch := list(islice(numbers, _BATCH)):
        made = [_order(number, newest, dice, prices) for number in batch]
        larder.pour("orders", _ORDER, (order for order, _ in made))
        larder.pour("order_lines", _LINE, (line for _, lines in made for line in lines))


def _order(
    number: int, newest: int, dice: random.Random, prices: list[tuple[int, int]]
) -> tuple[tuple[Any, ...], list[tuple[Any, ...]]]:
    chosen = sorted(dice.sample(prices, dice.randint(1, 3)))
    lines: list[tuple[Any, ...]] = [
        (number, dish_id, dice.randint(1, 4), price) for dish_id, price in chosen
    ]
    statuses = ("placed", "cooking") if number > newest - _STILL_OPEN else _PAST
    order = (
        number,
        f"{dice.getrandbits(80):020x}",
        dice.choice(_GUESTS),
        dice.choice(statuses),
        sum(quantity * price for *_, quantity, price in lines),
        _FIRST_PLACED_AT + number * _SECONDS_BETWEEN,
        f"made up {number}",
    )
    return order, lines
