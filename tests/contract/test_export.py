"""The export: all orders as CSV, streamed, and safe to open in a spreadsheet program."""

import csv
import io
import itertools
import time
from typing import NamedTuple

import psutil
import pytest

from tests.contract.expect import is_page
from tests.contract.guest import Guest
from tests.contract.larder import Larder
from tests.contract.site import OwnDish, Site

pytestmark = pytest.mark.feature("export-the-orders")
EXPORT = "/kitchen/orders.csv"
HEADER = ["code", "guest", "status", "total", "placed_at", "lines"]
# Of 200,000. A server may buffer unsent data: these orders have 1 MB, all orders 20 MB.
FIRST_ROWS = 10_000
MEMORY_BYTES = 20_000_000
TRIES = 4


def rows(cook: Guest) -> list[list[str]]:
    return list(csv.reader(io.StringIO(cook.get(EXPORT).text, newline="")))


def row_of(cook: Guest, code: str) -> list[str]:
    [row] = [row for row in rows(cook) if row[0] == code]
    return row


def test_the_export_is_csv_in_utf_8(cook: Guest) -> None:
    reply = cook.get(EXPORT)
    assert reply.status == 200
    assert reply.media_type == "text/csv; charset=utf-8"
    assert reply.text.startswith(",".join(HEADER) + "\r\n")
    assert reply.text.endswith("\r\n")


def test_the_export_is_saved_as_a_file(cook: Guest) -> None:
    kind, _, parameters = cook.get(EXPORT).headers["Content-Disposition"].partition(";")
    assert kind.strip().lower() == "attachment"
    assert parameters.replace('"', "").strip() == "filename=orders.csv"


def test_a_row_says_what_was_ordered(site: Site, cook: Guest, guest: Guest) -> None:
    one, two = sorted((site.own_dish(), site.own_dish()), key=lambda dish: dish.id)
    guest.put(one.id, 2)
    code = guest.order(two.id, 1, guest='Łucja "Lu", née ß')
    _, name, status, total, placed_at, lines = row_of(cook, code)
    assert name == 'Łucja "Lu", née ß'
    assert status == "placed"
    assert total == f"{(2 * one.price_cents + two.price_cents) / 100:.2f}"
    assert placed_at in " ".join(is_page(guest.get(f"/orders/{code}")).texts("main p"))
    assert lines == f"2 x {one.name}; 1 x {two.name}"


def test_a_row_follows_its_order(cook: Guest, guest: Guest, dish: OwnDish) -> None:
    code = guest.order(dish.id)
    cook.post(f"/kitchen/orders/{code}", {"status": "cancelled"})
    assert row_of(cook, code)[2] == "cancelled"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_a_formula_in_a_guests_name_is_defused(
    cook: Guest, guest: Guest, dish: OwnDish, sign: str
) -> None:
    formula = f'{sign}HYPERLINK("http://evil.example";"x")'
    code = guest.order(dish.id, guest=formula)
    assert row_of(cook, code)[1] == f"'{formula}"


def test_a_formula_further_back_in_a_name_is_left_alone(
    cook: Guest, guest: Guest, dish: OwnDish
) -> None:
    assert row_of(cook, guest.order(dish.id, guest="A=1+1"))[1] == "A=1+1"


def test_every_order_is_in_the_export_once(cook: Guest, larder: Larder) -> None:
    codes = [row[0] for row in rows(cook)[1:]]
    assert codes == [row[0] for row in larder.rows("SELECT code FROM orders ORDER BY id")]


def test_the_export_is_sent_in_pieces(cook: Guest) -> None:
    assert "Content-Length" not in cook.get(EXPORT).headers


@pytest.fixture(scope="session")
def chief(spare: Site) -> Guest:
    """A member of staff of the site with many orders."""
    cook = spare.cook
    is_page(cook.get("/kitchen"))
    return cook


class Beginning(NamedTuple):
    """The first rows of a long export, with their time and memory."""

    text: bytes
    first_seconds: float  # until the first piece
    seconds: float
    memory_bytes: int

    @property
    def is_prompt(self) -> bool:
        """Whether the first piece arrived within half of the total time."""
        return self.first_seconds < self.seconds / 2


def beginning(chief: Guest, process: psutil.Process) -> Beginning:
    before, started = process.memory_info().rss, time.monotonic()
    first_seconds, text = 0.0, b""
    with chief.stream(EXPORT) as pieces:
        for piece in pieces:
            first_seconds = first_seconds or time.monotonic() - started
            text += piece
            if text.count(b"\n") > FIRST_ROWS:
                break
        more = process.memory_info().rss - before
    return Beginning(text, first_seconds, time.monotonic() - started, more)


def test_a_long_history_begins_at_once_and_takes_no_memory(spare: Site, chief: Guest) -> None:
    assert spare.house
    process = psutil.Process(spare.house.host.pid)
    found = beginning(chief, process)
    memory_bytes, text = found.memory_bytes, found.text
    assert text.count(b"\n") > FIRST_ROWS
    assert memory_bytes < MEMORY_BYTES, f"{FIRST_ROWS:,} rows took {memory_bytes:,} bytes of memory"
    # A busy machine may delay one first piece; an app that reads all rows first is always late.
    tries = itertools.chain([found], (beginning(chief, process) for _ in range(TRIES)))
    assert any(one.is_prompt for one in tries), f"first byte after {found.first_seconds:.2f} s"
    codes = [line.partition(b",")[0].decode() for line in text.splitlines()[1:FIRST_ROWS]]
    assert spare.house.larder
    kept = spare.house.larder.rows(f"SELECT code FROM orders ORDER BY id LIMIT {len(codes)}")
    assert codes == [row[0] for row in kept], "an order is missing, twice, or out of turn"


def test_a_guest_who_leaves_in_the_middle_does_no_harm(spare: Site, chief: Guest) -> None:
    with chief.stream(EXPORT) as pieces:
        next(pieces)
    assert chief.get("/health").status == 200
