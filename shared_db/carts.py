"""The carts: the dishes and quantities of each session, one row for each dish.

A change writes only the row of its own dish, so several tabs can change one cart at once.
"""

from collections.abc import Mapping
from time import time

from sqlalchemy import bindparam, delete, func, literal_column, select

# The construct of the PostgreSQL dialect compiles for SQLite as well: both have ON CONFLICT.
from sqlalchemy.dialects.postgresql import insert

from shared_db.connections import Connections
from shared_db.dishes import Dishes
from shared_db.errors import InvalidInputError
from shared_db.records import Cart, Line
from shared_db.schema import cart_lines, dishes, sessions
from shared_db.sessions import Sessions, hash_token
from shared_db.text import get_field, parse_whole_number

MAX_DISHES = 24
MAX_PORTIONS = 20

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
_REMOVE = delete(cart_lines).where(_OF_SESSION, cart_lines.c.dish_id == bindparam("dish"))
_EMPTY = (
    delete(cart_lines).where(_OF_SESSION).returning(cart_lines.c.dish_id, cart_lines.c.quantity)
)


class Carts:
    """Read and change the carts. The token of a session selects its cart."""

    def __init__(self, connections: Connections, dishes: Dishes, sessions: Sessions) -> None:
        """Store the connections, the dishes and the sessions."""
        self._connections = connections
        self._dishes = dishes
        self._sessions = sessions

    def put(self, token: str, form: Mapping[str, str]) -> None:
        """Set the quantity of a dish in a cart. The quantity 0 removes the dish.

        The form has dish_id and quantity (0 to 20). Raise NotFoundError (the dish) or
        InvalidInputError. A session that has ended in the meantime has no cart: then nothing is
        stored.
        """
        dish = self._dishes.get(get_field(form, "dish_id"))
        quantity = parse_whole_number(get_field(form, "quantity"), 0, MAX_PORTIONS)
        if quantity is None:
            raise InvalidInputError(
                {"quantity": f"Please choose a number from 0 to {MAX_PORTIONS}."}
            )
        with self._connections.transaction():
            # This locks the session, so the count in _set_quantity is valid until the row is
            # written.
            session_id = self._sessions.extend(token)
            if session_id is not None:
                self._set_quantity(session_id, dish.id, quantity)

    def show(self, token: str | None) -> Cart:
        """Return a cart at the current prices, its lines sorted by dish id.

        The cart is empty if the session does not exist.
        """
        if not token:
            return Cart([], 0)
        rows = self._connections.fetch_all(_SHOW, token=hash_token(token), now=int(time()))
        lines = [Line(*row) for row in rows]
        return Cart(lines, sum(line.total_cents for line in lines))

    def count(self, token: str | None) -> int:
        """Return the number of portions in a cart."""
        if not token:
            return 0
        row = self._connections.fetch_first(_COUNT, token=hash_token(token), now=int(time()))
        return int(row[0]) if row else 0

    def empty(self, token: str | None) -> dict[int, int]:
        """Remove the lines of a cart. Return the quantities by dish id, sorted by id.

        Call this inside `Connections.transaction`: if the transaction fails, the cart is unchanged.
        """
        # This locks the session: otherwise two orders of one cart could lock its lines in
        # different orders and deadlock.
        session_id = self._sessions.extend(token) if token else None
        if session_id is None:
            return {}
        return dict(sorted(self._connections.fetch_all(_EMPTY, session_id=session_id)))

    def _set_quantity(self, session_id: int, dish_id: int, quantity: int) -> None:
        if not quantity:
            self._connections.execute(_REMOVE, session_id=session_id, dish=dish_id)
            return
        row = self._connections.fetch_first(_COUNT_OTHERS, session_id=session_id, dish=dish_id)
        if row and row[0] >= MAX_DISHES:
            raise InvalidInputError({"quantity": f"A cart holds {MAX_DISHES} dishes at most."})
        self._connections.execute(_PUT, session_id=session_id, dish_id=dish_id, quantity=quantity)
