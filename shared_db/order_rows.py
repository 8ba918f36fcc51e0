"""Read orders with their lines: the statements, and the conversion of their rows."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnClause, FromClause, Select, bindparam, literal_column, select

from shared_db.records import Line, Order
from shared_db.schema import IS_OPEN, dishes, order_lines, orders

Rows = Select[*tuple[Any, ...]]


def _with_lines(source: FromClause) -> Rows:
    """Return the statement that reads orders with one row for each line, order columns first."""
    order = [source.c[name] for name in ("id", *Order._fields[:-1])]
    line = [dishes.c.id, dishes.c.name, order_lines.c.quantity, order_lines.c.unit_price_cents]
    return (
        select(*order, *line)
        .join_from(source, order_lines, order_lines.c.order_id == source.c.id)
        .join(dishes, dishes.c.id == order_lines.c.dish_id)
    )


# Without an offset, SQLAlchemy adds one for SQLite, as a parameter.
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
# Lock only the order; its dishes are locked later, sorted by id.
BY_CODE_TO_CHANGE = BY_CODE.with_for_update(of=orders, key_share=True)
BY_KEY = _with_lines(orders).where(orders.c.idempotency_key == bindparam("key")).order_by(_BY_DISH)
OPEN = _with_lines(_OLDEST).order_by(_OLDEST.c.placed_at, _OLDEST.c.id, _BY_DISH)
AFTER = _with_lines(_NEXT).order_by(_NEXT.c.id, _BY_DISH)


def group_orders(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[int, Order]]:
    """Yield the id and the order of each group of rows; the rows are sorted by order."""
    for (order_id, *order), lines in groupby(rows, key=lambda row: row[:6]):
        yield order_id, Order._make((*order, [Line._make(row[6:]) for row in lines]))


def first_order(rows: Iterable[tuple[Any, ...]]) -> tuple[int, Order] | None:
    """Return the id and the order of the first group of rows, or None without rows."""
    return next(group_orders(rows), None)
