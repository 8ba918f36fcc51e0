"""What several tests do with a larder."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam, select, update

from shared_db import Larder
from shared_db.records import Order
from shared_db.schema import dishes, metadata, worlds

LEEK_SOUP, LAST_ONE, FISH_PIE = 1, 5, 12  # plenty; one portion; sold out

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
    """Order what is in the cart of a session, under a new key unless one is given."""
    key = larder.orders.new_key() if key is None else key
    return larder.orders.place(token, {"guest": guest, "idempotency_key": key})


def order(
    larder: Larder, cart: Mapping[int, int], key: str | None = None, guest: str = "Ada"
) -> Order:
    """Order what is in the cart of a new session, under a new key unless one is given."""
    return place(larder, create_session(larder, cart), key, guest)


def leave_only(larder: Larder, dish_id: int, portions: int) -> None:
    """Leave so many portions of a dish."""
    larder.dishes.change(dish_id, {"portions": portions}, None)


def contents(larder: Larder) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table but the worlds, to compare a larder before and after."""
    tables = [table for table in metadata.sorted_tables if table is not worlds]
    return {table.name: sorted(larder.rows(select(table)), key=repr) for table in tables}


def at_once(larder: Larder, count: int, do: Callable[[int], Any]) -> list[Any]:
    """Do something in so many threads; return what each returned, or the error it raised."""
    start = Barrier(count)

    def attempt(number: int) -> Any:
        larder.check()  # connects, so that none is late
        start.wait()
        try:
            return do(number)
        except Exception as error:  # noqa: BLE001  # the test judges it
            return error

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(attempt, range(count)))
