"""Live kitchen: the stream of new orders as server-sent events."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from tests.contract.expect import is_json, is_page, leads_to
from tests.contract.guest import Guest
from tests.contract.reply import Headers
from tests.contract.site import OwnDish, Site
from tests.contract.wire import connect

pytestmark = pytest.mark.feature("show-the-kitchen")
EVENTS = "/kitchen/events"
MORE_THAN_THREADS = 12  # the host has 8 threads


class Stream:
    """An open stream of events."""

    def __init__(self, status: int, headers: Headers, pieces: Iterator[bytes]) -> None:
        """Store the head of the reply, and the iterator of its body."""
        self.status, self.headers = status, headers
        self._pieces = pieces
        self._rest = ""

    def read_block(self) -> list[str]:
        """Return the lines of the next event or comment."""
        while "\n\n" not in self._rest:
            self._rest += next(self._pieces).decode()
        block, _, self._rest = self._rest.partition("\n\n")
        return block.split("\n")

    def read_order(self) -> dict[str, object]:
        """Return the order of the next event."""
        while (lines := self.read_block())[0].startswith(":"):
            pass
        assert lines[0] == "event: order"
        document: dict[str, object] = json.loads(lines[1].removeprefix("data: "))
        return document


@contextmanager
def listen(guest: Guest) -> Iterator[Stream]:
    """Open the stream of a guest, and leave it at the end of the block."""
    headers = {"cookie": f"larder_session={guest.token}", "accept": "text/event-stream"}
    with closing(connect(guest.exchange.url)) as connection:
        connection.send(guest.exchange.request("GET", EVENTS, headers, b""))
        head = connection.read_head()
        yield Stream(head.status, Headers(head.headers), connection.iterate_body(head, "GET"))


def test_the_stream_is_of_events_and_not_stored(cook: Guest) -> None:
    with listen(cook) as stream:
        assert stream.status == 200
        assert stream.headers["Content-Type"].partition(";")[0] == "text/event-stream"
        assert stream.headers["Cache-Control"] == "no-store"
        assert "Content-Length" not in stream.headers


def test_the_stream_begins_at_once(cook: Guest) -> None:
    with listen(cook) as stream:
        assert stream.read_block()[0].startswith(":")


def test_a_comment_keeps_the_stream_open(cook: Guest) -> None:
    with listen(cook) as stream:
        assert all(stream.read_block()[0].startswith(":") for _ in range(3))


def test_a_new_order_appears(cook: Guest, guest: Guest, dish: OwnDish) -> None:
    cook.make_room()
    with listen(cook) as stream:
        stream.read_block()
        code = guest.order(dish.id, 2, guest='Ewa "<3", née ß')
        order = stream.read_order()
    assert (order["code"], order["guest"]) == (code, 'Ewa "<3", née ß')
    assert (order["status"], order["total_cents"]) == ("placed", 2 * dish.price_cents)


def test_an_order_of_a_program_appears(cook: Guest, site: Site, dish: OwnDish) -> None:
    document = {"guest": "Robot", "lines": [{"dish_id": dish.id, "quantity": 1}]}
    with listen(cook) as stream:
        stream.read_block()
        placed = is_json(site.program.send("POST", "/api/orders", document), 201)
        assert stream.read_order() == placed


def test_orders_appear_in_their_order_and_once(cook: Guest, guest: Guest, dish: OwnDish) -> None:
    with listen(cook) as stream:
        stream.read_block()
        codes = [guest.order(dish.id) for _ in range(3)]
        assert [stream.read_order()["code"] for _ in codes] == codes
        assert stream.read_block()[0].startswith(":")


def test_an_earlier_order_does_not_appear(cook: Guest, guest: Guest, dish: OwnDish) -> None:
    guest.order(dish.id)
    with listen(cook) as stream:
        stream.read_block()
        code = guest.order(dish.id)
        assert stream.read_order()["code"] == code


def test_two_screens_get_the_same_order(cook: Guest, guest: Guest, dish: OwnDish) -> None:
    with listen(cook) as first, listen(cook) as second:
        first.read_block()
        second.read_block()
        code = guest.order(dish.id)
        assert first.read_order()["code"] == second.read_order()["code"] == code


def test_only_staff_may_listen(guest: Guest) -> None:
    leads_to(guest.get(EVENTS), "/login?next=/kitchen")


def test_a_cook_who_leaves_keeps_no_thread_busy(cook: Guest, site: Site) -> None:
    for _ in range(MORE_THAN_THREADS):
        with listen(cook) as stream:
            stream.read_block()
    assert is_page(site.guest().get("/")).text("h1") == "The menu"


def test_the_kitchen_says_where_its_events_are(cook: Guest, guest: Guest, dish: OwnDish) -> None:
    cook.make_room()
    code = guest.order(dish.id)
    tickets = is_page(cook.get("/kitchen")).one("main > .tickets[data-events]")
    assert tickets.attributes["data-events"] == EVENTS
    assert any(link.attributes["href"] == f"/orders/{code}" for link in tickets.css(".ticket h3 a"))


@pytest.mark.feature("serve-a-static-file")
def test_the_script_listens_to_the_events(guest: Guest) -> None:
    assert "new EventSource(" in guest.get("/static/site.js").text
