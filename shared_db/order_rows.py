"""Order rows: the statements that read orders with their lines, and the orders made of them."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnClause, FromClause, Select, bindparam, literal_column, select

from shared_db.records import Line, Order
from shared_db.schema import IS_OPEN, dishes, order_lines, orders

Rows = Select[*tuple[Any, ...]]


def _with_lines(source: FromClause) -> Rows:
    """Return the statement that reads some orders, one row a line, the order's columns first."""
    order = [source.c[name] for name in ("id", *Order._fields[:-1])]
    line = [dishes.c.id, dishes.c.name, order_lines.c.quantity, order_lines.c.unit_price_cents]
    return (
        select(*order, *line)
        .join_from(source, order_lines, order_lines.c.order_id == source.c.id)
        .join(dishes, dishes.c.id == order_lines.c.dish_id)
    )


# Else SQLAlchemy adds one for SQLite, as a parameter.
_NO_OFFSET: ColumnClause[int] = literal_column("0")
_BY_DISH = order_lines.c.dish_id
_COLUMNS = select(*(orders.c[name] for name in ("id", *Order._fields[:-1])))
_OLDEST = (
    _COLUMNS.where(IS_OPEN)
    .order_by(orders.c.placed_at, orders.c.id)
    .limit(bindparam("limit"))
    .offset(_NO_OFFSET)
    .subquery("oldest")
)
_NEXT = (
    _COLUMNS.where(orders.c.id > bindparam("after"))
    .order_by(orders.c.id)
    .limit(bindparam("limit"))
    .offset(_NO_OFFSET)
    .subquery("next_orders")
)

BY_CODE = _with_lines(orders).where(orders.c.code == bindparam("code")).order_by(_BY_DISH)
# Only the order is locked: its dishes are locked later, in the order of their ids.
BY_CODE_TO_CHANGE = BY_CODE.with_for_update(of=orders, key_share=True)
BY_KEY = _with_lines(orders).where(orders.c.idempotency_key == bindparam("key")).order_by(_BY_DISH)
OPEN = _with_lines(_OLDEST).order_by(_OLDEST.c.placed_at, _OLDEST.c.id, _BY_DISH)
AFTER = _with_lines(_NEXT).order_by(_NEXT.c.id, _BY_DISH)


def grouped(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[int, Order]]:
    """Give each order of sorted rows, with its id."""
    for (order_id, *order), lines in groupby(rows, key=lambda row: row[:6]):
        yield order_id, Order._make((*order, [Line._make(row[6:]) for row in lines]))


def first(rows: Iterable[tuple[Any, ...]]) -> tuple[int, Order] | None:
    """Return the first order of sorted rows, with its id, or None when there are no rows."""
    return next(grouped(rows), None)
