"""Functions that several tests of the database layer share."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam, select, update

from shared_db import Larder
from shared_db.records import Order
from shared_db.schema import dishes, metadata, worlds

LEEK_SOUP, LAST_ONE, FISH_PIE = 1, 5, 12  # many portions; one portion; sold out

SET_NAME = (
    update(dishes).where(dishes.c.id == bindparam("dish_id")).values(name=bindparam("new_name"))
)


def create_session(larder: Larder, cart: Mapping[int, int] = MappingProxyType({})) -> str:
    """Store a session with a cart, quantities by dish id, and return its token."""
    token = larder.sessions.save(None, {})
    for dish_id, quantity in cart.items():
        put(larder, token, dish_id, quantity)
    return token


def put(larder: Larder, token: str, dish_id: object, quantity: object) -> None:
    """Put a dish in the cart of a session."""
    larder.carts.put(token, {"dish_id": str(dish_id), "quantity": str(quantity)})


def quantities(larder: Larder, token: str) -> dict[int, int]:
    """Return the quantities by dish id in the cart of a session."""
    return {line.dish_id: line.quantity for line in larder.carts.show(token).lines}


def place(larder: Larder, token: str, key: str | None = None, guest: str = "Ada") -> Order:
    """Order the contents of a session's cart. The default key is a new key."""
    key = larder.orders.new_key() if key is None else key
    return larder.orders.place(token, {"guest": guest, "idempotency_key": key})


def order(
    larder: Larder, cart: Mapping[int, int], key: str | None = None, guest: str = "Ada"
) -> Order:
    """Order a cart in a new session. The default key is a new key."""
    return place(larder, create_session(larder, cart), key, guest)


def set_portions(larder: Larder, dish_id: int, portions: int) -> None:
    """Set the number of portions of a dish."""
    larder.dishes.change(dish_id, {"portions": portions}, None)


def contents(larder: Larder) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables except worlds, to compare the database before and after."""
    tables = [table for table in metadata.sorted_tables if table is not worlds]
    return {table.name: sorted(larder.fetch_all(select(table)), key=repr) for table in tables}


def run_at_once(larder: Larder, count: int, act: Callable[[int], Any]) -> list[Any]:
    """Call a function in `count` threads at once. Return each result, or the error it raised."""
    start = Barrier(count)

    def attempt(number: int) -> Any:
        larder.check()  # connects before the start
        start.wait()
        try:
            return act(number)
        except Exception as error:  # noqa: BLE001  # the test checks the error
            return error

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(attempt, range(count)))
