"""The orders: place them, change their status, and read them."""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from time import time

from sqlalchemy import BindParameter, bindparam, insert, literal_column, select, update

from shared_db import order_rows
from shared_db.carts import Carts
from shared_db.connections import Connections
from shared_db.errors import (
    InvalidInputError,
    KeyReusedError,
    NotFoundError,
    SoldOutError,
    WrongStepError,
)
from shared_db.export import export_csv
from shared_db.order_forms import OrderRequest, read_document, read_form, read_key
from shared_db.records import NEXT_STEPS, Line, Order
from shared_db.schema import dishes, order_lines, orders
from shared_db.text import TextError, get_field

_QUANTITY: BindParameter[int] = bindparam("quantity")
_ONE_DISH = dishes.c.id == bindparam("dish_id")
_NEXT_VERSION = dishes.c.version + literal_column("1")
# One statement checks the stock and takes the portions, so no other order can take them between.
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
    """Place, read and change orders."""

    def __init__(self, connections: Connections, carts: Carts) -> None:
        """Store the connections and the carts."""
        self._connections = connections
        self._carts = carts

    def new_key(self) -> str:
        """Return a new random idempotency key for an order form."""
        return secrets.token_urlsafe(18)

    def place(self, token: str | None, form: Mapping[str, str]) -> Order:
        """Order the contents of a session's cart, empty the cart, and return the order.

        The form has guest (1 to 80 characters) and idempotency_key. If the key was used before,
        the order that it created is returned. Raise InvalidInputError (cart, guest,
        idempotency_key) or SoldOutError; then the stock and the cart are unchanged.
        """
        key = get_field(form, "idempotency_key")
        order = self._find_by_key(key)
        if order is None:
            guest = self._read_form(form, token)
            order = self._place(lambda: self._empty_cart(guest, token), key, "cart")
        return order

    def place_from_json(self, document: object, key: str | None) -> Order:
        """Place the order in a decoded JSON document, and return the order.

        The document has guest and lines; each line has dish_id and quantity (1 to 20). If the key
        was used before with the same contents, the order that it created is returned. Raise
        InvalidInputError, SoldOutError, or KeyReusedError if the contents differ; then the stock is
        unchanged.
        """
        request = read_document(document)
        try:
            key = self.new_key() if key is None else read_key(key)
        except TextError as error:
            raise InvalidInputError({"idempotency_key": str(error)}) from error
        order = self._find_by_key(key) or self._place(lambda: request, key, "lines")
        quantities = {line.dish_id: line.quantity for line in order.lines}
        if request != OrderRequest(order.guest, quantities):
            raise KeyReusedError
        return order

    def get(self, code: str) -> Order:
        """Return the order that has a code. Raise NotFoundError."""
        return self._find(order_rows.BY_CODE, code)[1]

    def open(self, limit: int = 100) -> list[Order]:
        """Return at most `limit` orders that are placed or cooking, the oldest first."""
        rows = self._connections.fetch_all(order_rows.OPEN, limit=limit)
        return [order for _, order in order_rows.group_orders(rows)]

    def move(self, code: str, status: str) -> Order:
        """Change the status of an order, and return the order.

        The status "cancelled" returns the portions to the stock. Raise NotFoundError,
        InvalidInputError (unknown status) or WrongStepError; the order is then unchanged.
        """
        with self._connections.transaction():
            order_id, order = self._find(order_rows.BY_CODE_TO_CHANGE, code)
            if status not in NEXT_STEPS:
                raise InvalidInputError({"status": "There is no such status."})
            if status not in order.next_steps:
                raise WrongStepError(order.status, status)
            self._connections.execute(_MOVE, order_id=order_id, new_status=status)
            for line in order.lines if status == "cancelled" else ():
                self._connections.execute(_PUT_BACK, dish_id=line.dish_id, quantity=line.quantity)
        return order._replace(status=status)

    def export_csv(self, batch: int = 500) -> Iterator[str]:
        """Yield all orders as CSV text; each piece has `batch` rows, the first also the header."""
        return export_csv(self._connections, batch)

    def _find(self, statement: order_rows.Rows, code: str) -> tuple[int, Order]:
        # A database may not accept the characters of a text that is not a code.
        rows = self._connections.fetch_all(statement, code=code) if _CODE.fullmatch(code) else []
        id_and_order = order_rows.first_order(rows)
        if id_and_order is None:
            raise NotFoundError("order")
        return id_and_order

    def _find_by_key(self, key: str) -> Order | None:
        try:
            rows = self._connections.fetch_all(order_rows.BY_KEY, key=read_key(key))
        except TextError:
            return None
        id_and_order = order_rows.first_order(rows)
        return id_and_order[1] if id_and_order else None

    def _read_form(self, form: Mapping[str, str], token: str | None) -> str:
        """Return the guest's name. Raise InvalidInputError with all errors (also an empty cart)."""
        try:
            return read_form(form)
        except InvalidInputError as error:
            if not self._carts.show(token).lines:
                raise InvalidInputError({"cart": EMPTY_CART, **error.fields}) from error
            raise

    def _empty_cart(self, guest: str, token: str | None) -> OrderRequest:
        quantities = self._carts.empty(token)
        if not quantities:
            raise InvalidInputError({"cart": EMPTY_CART})
        return OrderRequest(guest, quantities)

    def _place(self, read_request: Callable[[], OrderRequest], key: str, field: str) -> Order:
        """Read an order request and place the order in one transaction.

        An unknown dish raises InvalidInputError for the given field.
        """
        try:
            with self._connections.transaction():
                return self._insert(read_request(), key)
        except NotFoundError as error:
            raise InvalidInputError({field: str(error)}) from error
        except (InvalidInputError, SoldOutError, self._connections.integrity_error):
            # Two requests may have sent the same form at the same time. Then the other request
            # has placed the order, emptied the cart, and may have taken the last portions.
            order = self._find_by_key(key)
            if order is None:
                raise
            return order

    def _insert(self, request: OrderRequest, key: str) -> Order:
        # The dishes are locked sorted by id, so two orders cannot deadlock.
        lines = [self._take_portions(*item) for item in request.quantities.items()]
        total_cents = sum(line.total_cents for line in lines)
        code, now = secrets.token_hex(10), int(time())
        order = Order(code, request.guest, "placed", total_cents, now, lines)
        values = (*order[:-1], key)
        [(order_id,)] = self._connections.fetch_all(
            _PLACE, **dict(zip(_ORDER, values, strict=True))
        )
        many = [
            {
                "order_id": order_id,
                "dish_id": line.dish_id,
                "quantity": line.quantity,
                "unit_price_cents": line.unit_price_cents,
            }
            for line in lines
        ]
        self._connections.execute_many(_PLACE_LINE, many)
        return order

    def _take_portions(self, dish_id: int, quantity: int) -> Line:
        row = self._connections.fetch_first(_TAKE, dish_id=dish_id, quantity=quantity)
        if row is None:
            dish = self._connections.fetch_first(_NAME, dish_id=dish_id)
            raise SoldOutError(dish[0]) if dish else NotFoundError("dish")
        name, price_cents = row
        return Line(dish_id, name, quantity, price_cents)
