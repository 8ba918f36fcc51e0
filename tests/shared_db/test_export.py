"""Tests of the export of the orders."""

import csv
from collections.abc import Callable
from io import StringIO

import pytest

from shared_db import Larder
from shared_db.connections import Connections
from tests.shared_db.helpers import order

HEADER = "code,guest,status,total,placed_at,lines\r\n"


def rows(larder: Larder, batch: int = 500) -> list[list[str]]:
    text = "".join(larder.orders.export_csv(batch))
    return list(csv.reader(StringIO(text, newline=""), strict=True))[1:]


def test_without_orders_the_export_has_only_the_header(larder: Larder) -> None:
    assert list(larder.orders.export_csv()) == [HEADER]


def test_an_order_is_one_line(larder: Larder) -> None:
    placed = order(larder, {19: 1, 1: 2})
    assert list(larder.orders.export_csv()) == [
        f"{HEADER}{placed.code},Ada,placed,16.20,{placed.placed_time},"
        "2 x Leek soup; 1 x Tea in a pot\r\n"
    ]


@pytest.mark.parametrize("batch", [1, 2, 3, 4, 5, 6, 500])
def test_every_order_is_exported_once_with_any_batch_size(larder: Larder, batch: int) -> None:
    codes = [order(larder, {1: 1, 2: 1}).code for _ in range(5)]
    assert [row[0] for row in rows(larder, batch)] == codes


def test_the_first_piece_is_ready_before_the_last_row_is_read(larder: Larder) -> None:
    for _ in range(3):
        order(larder, {1: 1})
    larder.begin_request()
    pieces = larder.orders.export_csv(batch=1)
    assert next(pieces).count("\r\n") == 2
    assert larder.usage.queries == 1


def test_an_order_placed_between_two_pieces_is_exported(
    larder: Larder, open_another: Callable[[], Larder]
) -> None:
    first, second = (order(larder, {1: 1}).code for _ in range(2))
    pieces = larder.orders.export_csv(batch=1)
    text = next(pieces)
    third = order(open_another(), {1: 1}).code
    text += "".join(pieces)
    assert [line.partition(",")[0] for line in text.split("\r\n")[1:-1]] == [first, second, third]


@pytest.mark.parametrize("guest", ["=1+1", "+49 171", "-5", "@SUM(A1)"])
def test_a_formula_is_made_harmless(larder: Larder, guest: str) -> None:
    order(larder, {1: 1}, guest=guest)
    assert rows(larder)[0][1] == f"'{guest}"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_every_character_that_starts_a_formula_is_made_harmless(sign: str) -> None:
    from shared_db.export import _format_order
    from shared_db.records import Order

    row = _format_order(Order("c", f"{sign}1", "placed", 5, 5, []))
    assert row[1] == f"'{sign}1"


@pytest.mark.parametrize("guest", ['He said "hi", twice', "a;b", "O'Brien", "Ελένη", "5 = 5"])
def test_other_names_are_unchanged(larder: Larder, guest: str) -> None:
    order(larder, {1: 1}, guest=guest)
    assert rows(larder)[0][1] == guest


def test_the_export_reads_one_batch_at_a_time(
    larder: Larder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(6):
        order(larder, {1: 1, 2: 1})
    sizes = []
    fetch_all = Connections.fetch_all

    def counted(self: Connections, *args: object, **values: object) -> object:
        rows = fetch_all(self, *args, **values)  # type: ignore[arg-type]
        sizes.append(len(rows))
        return rows

    monkeypatch.setattr(Connections, "fetch_all", counted)
    list(larder.orders.export_csv(batch=2))
    assert sizes == [4, 4, 4, 0]
