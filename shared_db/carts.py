"""Carts: what a guest means to order. The larder keeps none; a session does."""

from collections.abc import Mapping
from functools import cache

from sqlalchemy import BindParameter, Select, bindparam, select

from shared_db.connections import Connections
from shared_db.dishes import Dishes
from shared_db.errors import Invalid
from shared_db.records import Cart, Line
from shared_db.schema import dishes
from shared_db.text import field, id_of, whole_number

MOST_DISHES = 24
MOST_PORTIONS = 20


@cache
def _named(count: int) -> Select[*tuple[object, ...]]:
    """Return the statement that reads a number of dishes; each number has one of its own."""
    wanted: list[BindParameter[int]] = [bindparam(f"dish_{n}") for n in range(count)]
    return (
        select(dishes.c.id, dishes.c.name, dishes.c.price_cents)
        .where(dishes.c.id.in_(wanted))
        .order_by(dishes.c.id)
    )


class Carts:
    """What can be asked about a cart: a mapping of dish ids, as text, to quantities."""

    def __init__(self, larder: Connections, dishes: Dishes) -> None:
        """Keep the larder's connections and the dishes."""
        self._larder = larder
        self._dishes = dishes

    def put(self, cart: Mapping[str, int], form: Mapping[str, str]) -> dict[str, int]:
        """Return a new cart with a dish's quantity set; 0 takes the dish out.

        The form has dish_id and quantity (0 to 20). Raises NotFound (the dish) or Invalid.
        """
        dish = self._dishes.get(field(form, "dish_id"))
        quantity = whole_number(field(form, "quantity"), 0, MOST_PORTIONS)
        if quantity is None:
            raise Invalid({"quantity": f"Please choose a number from 0 to {MOST_PORTIONS}."})
        new = {**cart, str(dish.id): quantity}
        if not quantity:
            del new[str(dish.id)]
        if len(new) > MOST_DISHES:
            raise Invalid({"quantity": f"A cart holds {MOST_DISHES} dishes at most."})
        return new

    def show(self, cart: Mapping[str, int]) -> Cart:
        """Return the cart's lines at today's prices, by dish id; unknown dishes are left out."""
        quantities = {number: cart[key] for key in cart if (number := id_of(key)) is not None}
        if not quantities:
            return Cart([], 0)
        values = {f"dish_{n}": dish_id for n, dish_id in enumerate(quantities)}
        rows = self._larder.rows(_named(len(quantities)), **values)
        lines = [Line(id_, name, quantities[id_], price) for id_, name, price in rows]
        return Cart(lines, sum(line.total_cents for line in lines))
