"""Bearer for staff: the open orders for programs, by tokens that have scopes."""

from collections.abc import Iterator

import pytest

from tests.contract.expect import is_json, is_problem
from tests.contract.guest import Guest
from tests.contract.menu import API_TOKEN
from tests.contract.reply import Reply
from tests.contract.site import OwnDish, Site

READING = pytest.mark.feature("show-the-kitchen")
MOVING = pytest.mark.feature("move-an-order-along")
ORDERS = "/api/kitchen/orders"
READER = "pass-token-for-trying-out"


class Program:
    """A program that sends a token, or none."""

    def __init__(self, site: Site, token: str = "", scheme: str = "Bearer") -> None:
        """Store the site and the token."""
        self._program = site.program
        self._headers = {"Authorization": f"{scheme} {token}"} if token else {}

    def open_orders(self) -> Reply:
        """Ask for the open orders."""
        return self._program.get(ORDERS, self._headers)

    def move(self, code: str, document: object) -> Reply:
        """Send a document to an order."""
        return self._program.send("POST", f"{ORDERS}/{code}", document, self._headers)

    def codes(self) -> list[str]:
        """Return the codes of the open orders."""
        orders = is_json(self.open_orders())["orders"]
        assert isinstance(orders, list)
        return [order["code"] for order in orders]


@pytest.fixture
def screen(site: Site) -> Program:
    """The kitchen's screen, which may read and move orders."""
    return Program(site, API_TOKEN)


@pytest.fixture
def printer(site: Site) -> Program:
    """The printer, which may only read."""
    return Program(site, READER)


@pytest.fixture
def code(guest: Guest, dish: OwnDish, cook: Guest) -> Iterator[str]:
    """Return the code of a new order, which is cancelled afterwards."""
    cook.make_room()
    code = guest.order(dish.id, 2, guest="Ewa <3")
    yield code
    cook.post(f"/kitchen/orders/{code}", {"status": "cancelled"})


def lacks_token(reply: Reply) -> None:
    """Check that a reply asks for a token."""
    is_problem(reply, 401)
    assert reply.headers["WWW-Authenticate"].lower().startswith("bearer")


def lacks_scope(reply: Reply, scope: str) -> None:
    """Check that a reply names the scope that the token lacks."""
    problem = is_problem(reply, 403)
    assert problem["detail"] == f"That token does not have the scope {scope}."
    kind, _, parameters = reply.headers["WWW-Authenticate"].partition(" ")
    named = dict(part.strip().replace('"', "").split("=") for part in parameters.split(","))
    assert kind.lower() == "bearer"
    assert named == {"error": "insufficient_scope", "scope": scope}


@READING
def test_a_program_reads_the_open_orders(printer: Program, code: str, dish: OwnDish) -> None:
    orders = is_json(printer.open_orders())["orders"]
    assert isinstance(orders, list)
    [order] = [order for order in orders if order["code"] == code]
    assert (order["guest"], order["status"]) == ("Ewa <3", "placed")
    assert order["total_cents"] == 2 * dish.price_cents
    assert [(line["dish_id"], line["quantity"]) for line in order["lines"]] == [(dish.id, 2)]


@READING
def test_the_oldest_open_order_comes_first(
    printer: Program, code: str, guest: Guest, cook: Guest, dish: OwnDish
) -> None:
    second = guest.order(dish.id)
    assert [each for each in printer.codes() if each in (code, second)] == [code, second]
    cook.post(f"/kitchen/orders/{second}", {"status": "cancelled"})
    assert second not in printer.codes()


@pytest.mark.parametrize(
    ("token", "scheme"),
    [
        ("", ""),
        ("nonsense", "Bearer"),
        ("YWRhOmNhcnJvdA==", "Basic"),
        (API_TOKEN.upper(), "Bearer"),
    ],
    ids=["no token", "an unknown token", "another scheme", "in capitals"],
)
@READING
def test_a_program_needs_a_token(site: Site, code: str, token: str, scheme: str) -> None:
    program = Program(site, token, scheme)
    lacks_token(program.open_orders())
    lacks_token(program.move(code, {"status": "cooking"}))
    assert code in Program(site, READER).codes()


@READING
def test_a_session_of_the_staff_is_no_token(cook: Guest) -> None:
    lacks_token(cook.get(ORDERS))


@MOVING
def test_a_program_moves_an_order_along(screen: Program, code: str, guest: Guest) -> None:
    for status in ("cooking", "served"):
        assert is_json(screen.move(code, {"status": status}))["status"] == status
        assert guest.page(f"/orders/{code}").text(".status strong") == status
    assert code not in screen.codes()


@MOVING
def test_cancelling_puts_the_portions_back(screen: Program, code: str, dish: OwnDish) -> None:
    before = dish.now()["portions"]
    assert is_json(screen.move(code, {"status": "cancelled"}))["status"] == "cancelled"
    assert dish.now()["portions"] == before + 2


@MOVING
def test_a_token_that_may_only_read_moves_nothing(printer: Program, code: str) -> None:
    lacks_scope(printer.move(code, {"status": "cooking"}), "orders:write")
    orders = is_json(printer.open_orders())["orders"]
    assert isinstance(orders, list)
    assert [order["status"] for order in orders if order["code"] == code] == ["placed"]


@pytest.mark.feature("change-a-dish-by-program")
def test_a_token_that_may_only_read_changes_no_dish(dish: OwnDish) -> None:
    headers = {"Authorization": f"Bearer {READER}"}
    lacks_scope(dish.patch({"price_cents": 1}, headers), "dishes:write")
    assert dish.now()["price_cents"] == dish.price_cents


@MOVING
def test_an_order_does_not_skip_a_step(screen: Program, code: str) -> None:
    is_problem(screen.move(code, {"status": "served"}), 409)


@pytest.mark.parametrize(
    "document",
    [{"status": "burnt"}, {"status": None}, {"status": ["cooking"]}, {}, [], "cooking"],
    ids=["an unknown status", "null", "a list", "no status", "no object", "a text"],
)
@MOVING
def test_a_bad_document_is_refused(screen: Program, code: str, document: object) -> None:
    is_problem(screen.move(code, document), 422, "status")


@MOVING
def test_an_unknown_order_is_not_found(screen: Program) -> None:
    is_problem(screen.move("no-such-order", {"status": "cooking"}), 404)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [("application/json", b"{", 400), ("text/plain", b"{}", 415)],
    ids=["malformed", "another type"],
)
@MOVING
def test_a_body_that_is_no_json_is_refused(
    site: Site, code: str, kind: str, body: bytes, status: int
) -> None:
    headers = {"Authorization": f"Bearer {API_TOKEN}", "Content-Type": kind}
    is_problem(site.program.request("POST", f"{ORDERS}/{code}", headers, body), status)
