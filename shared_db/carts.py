"""Carts: the dishes and quantities that belong to a session, one row a dish.

A change touches only the row of its own dish, so that several tabs can change one cart at once.
"""

from collections.abc import Mapping
from time import time

from sqlalchemy import bindparam, delete, func, literal_column, select

# The dialect's construct compiles for SQLite as well: both databases share ON CONFLICT.
from sqlalchemy.dialects.postgresql import insert

from shared_db.connections import Connections
from shared_db.dishes import Dishes
from shared_db.errors import Invalid
from shared_db.records import Cart, Line
from shared_db.schema import cart_lines, dishes, sessions
from shared_db.sessions import Sessions, hash_token
from shared_db.text import field, whole_number

MOST_DISHES = 24
MOST_PORTIONS = 20

_OF_SESSION = cart_lines.c.session_id == bindparam("session_id")
_OF_TOKEN = (
    cart_lines.c.session_id == sessions.c.id,
    sessions.c.token_hash == bindparam("token"),
    sessions.c.expires_at > bindparam("now"),
)

_SHOW = (
    select(dishes.c.id, dishes.c.name, cart_lines.c.quantity, dishes.c.price_cents)
    .where(*_OF_TOKEN, dishes.c.id == cart_lines.c.dish_id)
    .order_by(dishes.c.id)
)
_COUNT = select(func.coalesce(func.sum(cart_lines.c.quantity), literal_column("0"))).where(
    *_OF_TOKEN
)
_COUNT_OTHERS = select(func.count()).where(_OF_SESSION, cart_lines.c.dish_id != bindparam("dish"))
_INSERT = insert(cart_lines).values(
    {column.name: bindparam(column.name) for column in cart_lines.c}
)
_PUT = _INSERT.on_conflict_do_update(
    index_elements=[cart_lines.c.session_id, cart_lines.c.dish_id],
    set_={"quantity": _INSERT.excluded.quantity},
)
_TAKE_OUT = delete(cart_lines).where(_OF_SESSION, cart_lines.c.dish_id == bindparam("dish"))
_EMPTY = (
    delete(cart_lines).where(_OF_SESSION).returning(cart_lines.c.dish_id, cart_lines.c.quantity)
)


class Carts:
    """The carts, each found by the token of its session."""

    def __init__(self, larder: Connections, dishes: Dishes, sessions: Sessions) -> None:
        """Store the larder's connections, the dishes and the sessions."""
        self._larder = larder
        self._dishes = dishes
        self._sessions = sessions

    def put(self, token: str, form: Mapping[str, str]) -> None:
        """Set the quantity of a dish; 0 takes the dish out.

        The form has dish_id and quantity (0 to 20). Raises NotFound (the dish) or Invalid.
        A session that has ended in the meantime has no cart: nothing is stored then.
        """
        dish = self._dishes.get(field(form, "dish_id"))
        quantity = whole_number(field(form, "quantity"), 0, MOST_PORTIONS)
        if quantity is None:
            raise Invalid({"quantity": f"Please choose a number from 0 to {MOST_PORTIONS}."})
        with self._larder.writing():
            # This locks the session: the count below holds until the row is written.
            session_id = self._sessions.extend(token)
            if session_id is not None:
                self._set(session_id, dish.id, quantity)

    def show(self, token: str | None) -> Cart:
        """Return the lines of a cart at today's prices, by dish id; no session, no lines."""
        if not token:
            return Cart([], 0)
        rows = self._larder.rows(_SHOW, token=hash_token(token), now=int(time()))
        lines = [Line(*row) for row in rows]
        return Cart(lines, sum(line.total_cents for line in lines))

    def count(self, token: str | None) -> int:
        """Return the number of portions in a cart."""
        if not token:
            return 0
        row = self._larder.row(_COUNT, token=hash_token(token), now=int(time()))
        return int(row[0]) if row else 0

    def empty(self, token: str | None) -> dict[int, int]:
        """Remove the lines of a cart and return the quantities by dish id, in order of the ids.

        Call it inside `Connections.writing`: if the transaction fails, the cart is as it was.
        """
        # This locks the session, so that two orders of one cart do not lock its lines in a ring.
        session_id = self._sessions.extend(token) if token else None
        if session_id is None:
            return {}
        return dict(sorted(self._larder.rows(_EMPTY, session_id=session_id)))

    def _set(self, session_id: int, dish_id: int, quantity: int) -> None:
        if not quantity:
            self._larder.run(_TAKE_OUT, session_id=session_id, dish=dish_id)
            return
        row = self._larder.row(_COUNT_OTHERS, session_id=session_id, dish=dish_id)
        if row and row[0] >= MOST_DISHES:
            raise Invalid({"quantity": f"A cart holds {MOST_DISHES} dishes at most."})
        self._larder.run(_PUT, session_id=session_id, dish_id=dish_id, quantity=quantity)
