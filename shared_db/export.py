"""Export: every order as comma-separated values, safe to open in a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from shared_db.connections import Connections
from shared_db.order_rows import AFTER, grouped
from shared_db.records import Order

_HEADER = ("code", "guest", "status", "total", "placed_at", "lines")
# A spreadsheet takes a cell that begins with one of these for a formula, and runs it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export_csv(larder: Connections, batch: int) -> Iterator[str]:
    r"""Give the orders by id in pieces of batch rows, the header first; each line ends with \r\n.

    No transaction is open between two pieces, so a slow reader holds up nobody.
    """
    found = list(grouped(larder.rows(AFTER, after=0, limit=batch)))
    yield _written([_HEADER, *map(_row, (order for _, order in found))])
    while found:
        found = list(grouped(larder.rows(AFTER, after=found[-1][0], limit=batch)))
        if found:
            yield _written(map(_row, (order for _, order in found)))


def _row(order: Order) -> tuple[str, ...]:
    lines = "; ".join(f"{line.quantity} x {line.name}" for line in order.lines)
    cells = (order.code, order.guest, order.status, order.total, order.placed_time, lines)
    return tuple(f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells)


def _written(rows: Iterable[tuple[str, ...]]) -> str:
    text = StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()
