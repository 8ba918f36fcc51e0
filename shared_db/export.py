"""Export all orders as CSV that is safe to open in a spreadsheet program."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from shared_db.connections import Connections
from shared_db.order_rows import AFTER, group_orders
from shared_db.records import Order

_HEADER = ("code", "guest", "status", "total", "placed_at", "lines")
# A spreadsheet program runs a cell that begins with one of these characters as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export_csv(connections: Connections, batch: int) -> Iterator[str]:
    r"""Yield the orders sorted by id, `batch` orders in each piece, the header in the first piece.

    Each line ends with \r\n. No transaction is open between two pieces, so a slow reader blocks no
    other request.
    """
    orders = list(group_orders(connections.fetch_all(AFTER, after=0, limit=batch)))
    yield _format_rows([_HEADER, *map(_format_order, (order for _, order in orders))])
    while orders:
        orders = list(group_orders(connections.fetch_all(AFTER, after=orders[-1][0], limit=batch)))
        if orders:
            yield _format_rows(map(_format_order, (order for _, order in orders)))


def _format_order(order: Order) -> tuple[str, ...]:
    lines = "; ".join(f"{line.quantity} x {line.name}" for line in order.lines)
    cells = (order.code, order.guest, order.status, order.total, order.placed_time, lines)
    return tuple(f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells)


def _format_rows(rows: Iterable[tuple[str, ...]]) -> str:
    text = StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()
