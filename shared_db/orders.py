"""Orders: placing them, moving them along, and showing them."""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from time import time

from sqlalchemy import BindParameter, bindparam, insert, literal_column, select, update

from shared_db import order_rows
from shared_db.carts import Carts
from shared_db.connections import Connections
from shared_db.errors import Invalid, KeyReused, NotFound, SoldOut, WrongStep
from shared_db.export import export_csv
from shared_db.order_forms import Wish, read_document, read_form, read_key
from shared_db.records import NEXT_STEPS, Line, Order
from shared_db.schema import dishes, order_lines, orders
from shared_db.text import BadText, field

_QUANTITY: BindParameter[int] = bindparam("quantity")
_ONE_DISH = dishes.c.id == bindparam("dish_id")
_NEXT_VERSION = dishes.c.version + literal_column("1")
# Looking and taking in one statement: nobody can take the same portion in between.
_TAKE = (
    update(dishes)
    .where(_ONE_DISH, dishes.c.portions >= _QUANTITY)
    .values(portions=dishes.c.portions - _QUANTITY, version=_NEXT_VERSION)
    .returning(dishes.c.name, dishes.c.price_cents)
)
_PUT_BACK = (
    update(dishes)
    .where(_ONE_DISH)
    .values(portions=dishes.c.portions + _QUANTITY, version=_NEXT_VERSION)
)
_NAME = select(dishes.c.name).where(_ONE_DISH)

_ORDER = (*Order._fields[:-1], "idempotency_key")
_PLACE = insert(orders).values({name: bindparam(name) for name in _ORDER}).returning(orders.c.id)
_LINE = [column.name for column in order_lines.columns]
_PLACE_LINE = insert(order_lines).values({name: bindparam(name) for name in _LINE}).inline()
_MOVE = (
    update(orders)
    .where(orders.c.id == bindparam("order_id"))
    .values(status=bindparam("new_status"))
)
EMPTY_CART = "The cart is empty."
_CODE = re.compile("[0-9a-f]{20}")  # secrets.token_hex(10)


class Orders:
    """What can be asked of the orders."""

    def __init__(self, larder: Connections, carts: Carts) -> None:
        """Store the larder's connections and the carts."""
        self._larder = larder
        self._carts = carts

    def new_key(self) -> str:
        """Return a new idempotency key, for an order form."""
        return secrets.token_urlsafe(18)

    def place(self, token: str | None, form: Mapping[str, str]) -> Order:
        """Order what is in the cart of a session, empty the cart, and return the order.

        The form has guest (1 to 80 characters) and idempotency_key; a key that came before gives
        the order it made. Raises Invalid (cart, guest, idempotency_key) or SoldOut; nothing is
        taken from the larder then, and the cart stays as it was.
        """
        key = field(form, "idempotency_key")
        order = self._made_with(key)
        if order is None:
            guest = self._read_form(form, token)
            order = self._make(lambda: self._empty_cart(guest, token), key, "cart")
        return order

    def place_from_json(self, document: object, key: str | None) -> Order:
        """Order what a decoded JSON document asks for, and return the order.

        The document has guest and lines, each line dish_id and quantity (1 to 20); a key that came
        before, with the same contents, gives the order it made. Raises Invalid, SoldOut, or
        KeyReused when the contents differ; nothing is taken from the larder then.
        """
        wish = read_document(document)
        try:
            key = self.new_key() if key is None else read_key(key)
        except BadText as error:
            raise Invalid({"idempotency_key": str(error)}) from error
        order = self._made_with(key) or self._make(lambda: wish, key, "lines")
        if wish != Wish(order.guest, {line.dish_id: line.quantity for line in order.lines}):
            raise KeyReused
        return order

    def get(self, code: str) -> Order:
        """Return an order by its code; raises NotFound."""
        return self._find(order_rows.BY_CODE, code)[1]

    def open(self, limit: int = 100) -> list[Order]:
        """Return the orders placed and cooking, the oldest first, limit of them at most."""
        rows = self._larder.rows(order_rows.OPEN, limit=limit)
        return [order for _, order in order_rows.grouped(rows)]

    def move(self, code: str, status: str) -> Order:
        """Give an order its next status, and return it; cancelling puts its portions back.

        Raises NotFound, Invalid (no such status) or WrongStep; the order is then as it was.
        """
        with self._larder.writing():
            order_id, order = self._find(order_rows.BY_CODE_TO_CHANGE, code)
            if status not in NEXT_STEPS:
                raise Invalid({"status": "There is no such status."})
            if status not in order.next_steps:
                raise WrongStep(order.status, status)
            self._larder.run(_MOVE, order_id=order_id, new_status=status)
            for line in order.lines if status == "cancelled" else ():
                self._larder.run(_PUT_BACK, dish_id=line.dish_id, quantity=line.quantity)
        return order._replace(status=status)

    def export_csv(self, batch: int = 500) -> Iterator[str]:
        """Give every order as comma-separated values in pieces of batch rows, the header first."""
        return export_csv(self._larder, batch)

    def _find(self, statement: order_rows.Rows, code: str) -> tuple[int, Order]:
        # Only what a code looks like is asked for: anything else may be no text for a database.
        is_code = _CODE.fullmatch(code)
        found = order_rows.first(self._larder.rows(statement, code=code)) if is_code else None
        if found is None:
            raise NotFound("order")
        return found

    def _made_with(self, key: str) -> Order | None:
        try:
            found = order_rows.first(self._larder.rows(order_rows.BY_KEY, key=read_key(key)))
        except BadText:
            return None
        return found[1] if found else None

    def _read_form(self, form: Mapping[str, str], token: str | None) -> str:
        """Return the guest's name; raise Invalid with every error, the empty cart among them."""
        try:
            return read_form(form)
        except Invalid as error:
            if not self._carts.show(token).lines:
                raise Invalid({"cart": EMPTY_CART, **error.fields}) from error
            raise

    def _empty_cart(self, guest: str, token: str | None) -> Wish:
        quantities = self._carts.empty(token)
        if not quantities:
            raise Invalid({"cart": EMPTY_CART})
        return Wish(guest, quantities)

    def _make(self, read_wish: Callable[[], Wish], key: str, blamed: str) -> Order:
        """Read what is wished for and order it, both in one transaction."""
        try:
            with self._larder.writing():
                return self._write(read_wish(), key)
        except NotFound as error:
            raise Invalid({blamed: str(error)}) from error
        except (Invalid, SoldOut, self._larder.integrity_error):
            # The same form may have come twice at once: then the other one made the order,
            # emptied the cart, and may have taken the last portions.
            order = self._made_with(key)
            if order is None:
                raise
            return order

    def _write(self, wish: Wish, key: str) -> Order:
        # In the order of the ids, so that two orders never wait for each other in a ring.
        lines = [self._take(*item) for item in wish.quantities.items()]
        total_cents = sum(line.total_cents for line in lines)
        order = Order(secrets.token_hex(10), wish.guest, "placed", total_cents, int(time()), lines)
        values = (*order[:-1], key)
        [(order_id,)] = self._larder.rows(_PLACE, **dict(zip(_ORDER, values, strict=True)))
        many = [
            {
                "order_id": order_id,
                "dish_id": line.dish_id,
                "quantity": line.quantity,
                "unit_price_cents": line.unit_price_cents,
            }
            for line in lines
        ]
        self._larder.run_many(_PLACE_LINE, many)
        return order

    def _take(self, dish_id: int, quantity: int) -> Line:
        taken = self._larder.row(_TAKE, dish_id=dish_id, quantity=quantity)
        if taken is None:
            dish = self._larder.row(_NAME, dish_id=dish_id)
            raise SoldOut(dish[0]) if dish else NotFound("dish")
        name, price_cents = taken
        return Line(dish_id, name, quantity, price_cents)
