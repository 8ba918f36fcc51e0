"""Tips: a field of the order form and of the API, on the order's page, in total and in export."""

import csv
import io

import pytest

from tests.contract.expect import is_json, is_page, is_problem, leads_to
from tests.contract.guest import Guest
from tests.contract.page import Page
from tests.contract.site import OwnDish, Site

PLACING = pytest.mark.feature("place-the-order")
SHOWING = pytest.mark.feature("show-one-order")
PROGRAMS = pytest.mark.feature("place-an-order-by-program")


def order_with_tip(guest: Guest, dish: OwnDish, tip: str) -> Page:
    """Return the page of a new order for one portion, with a tip."""
    guest.put(dish.id)
    return is_page(guest.get(leads_to(guest.place(tip=tip))))


@pytest.mark.feature("show-the-cart")
def test_the_order_form_asks_for_a_tip(guest: Guest, dish: OwnDish) -> None:
    guest.put(dish.id)
    page = is_page(guest.get("/cart"))
    assert page.text("label[for=tip]") == "Tip in euros"
    assert page.one("form.order #tip").attributes["name"] == "tip"
    assert page.value("#tip") == ""


@pytest.mark.parametrize(
    ("tip", "shown"),
    [("2", "€2.00"), ("1.50", "€1.50"), ("1,5", "€1.50"), (" 3 ", "€3.00"), ("100", "€100.00")],
    ids=["euros", "euros and cents", "a comma", "blanks around", "the most"],
)
@SHOWING
def test_an_order_shows_its_tip(guest: Guest, dish: OwnDish, tip: str, shown: str) -> None:
    page = order_with_tip(guest, dish, tip)
    assert page.texts(".lines tfoot .tip th, .lines tfoot .tip td") == ["Tip", shown]


@SHOWING
def test_the_total_contains_the_tip(guest: Guest, dish: OwnDish) -> None:
    total = (dish.price_cents + 150) / 100
    assert order_with_tip(guest, dish, "1.50").text(".total") == f"€{total:.2f}"


@pytest.mark.parametrize("tip", ["", "  ", "0"], ids=["empty", "blank", "zero"])
@SHOWING
def test_an_order_without_a_tip_shows_none(guest: Guest, dish: OwnDish, tip: str) -> None:
    page = order_with_tip(guest, dish, tip)
    assert page.all(".tip") == []
    assert page.text(".total") == f"€{dish.price_cents / 100:.2f}"


@pytest.mark.parametrize("tip", ["-1", "a lot", "1.505", "100.01", "1e2"])
@PLACING
def test_a_bad_tip_is_refused_and_shown_again(guest: Guest, dish: OwnDish, tip: str) -> None:
    guest.put(dish.id)
    before = dish.now()
    page = is_page(guest.place(tip=tip, guest="Ute <3"), 422)
    assert "tip" in page.errors()
    assert page.value("#tip") == tip
    assert page.value("#guest") == "Ute <3"
    assert dish.now() == before


@PLACING
def test_a_tip_is_shown_again_when_a_dish_is_sold_out(guest: Guest, dish: OwnDish) -> None:
    guest.put(dish.id, 4)
    dish.change(portions=3)
    assert is_page(guest.place(tip="2.50"), 409).value("#tip") == "2.50"


@pytest.mark.parametrize("tip_cents", [0, 250], ids=["none", "a tip"])
@PROGRAMS
def test_a_program_may_leave_a_tip(site: Site, dish: OwnDish, tip_cents: int) -> None:
    lines = [{"dish_id": dish.id, "quantity": 2}]
    order: dict[str, object] = {"guest": "Robot", "lines": lines}
    order |= {"tip_cents": tip_cents} if tip_cents else {}
    document = is_json(site.program.send("POST", "/api/orders", order), 201)
    assert document["tip_cents"] == tip_cents
    assert document["total_cents"] == 2 * dish.price_cents + tip_cents


@pytest.mark.parametrize("tip_cents", [-1, 10_001, 1.5, "2", True, None], ids=repr)
@PROGRAMS
def test_a_bad_tip_of_a_program_is_refused(site: Site, dish: OwnDish, tip_cents: object) -> None:
    lines = [{"dish_id": dish.id, "quantity": 1}]
    order = {"guest": "Robot", "lines": lines, "tip_cents": tip_cents}
    is_problem(site.program.send("POST", "/api/orders", order), 422, "tip_cents")


@pytest.mark.feature("export-the-orders")
def test_the_export_has_a_column_of_tips(cook: Guest, guest: Guest, dish: OwnDish) -> None:
    guest.put(dish.id)
    code = leads_to(guest.place(tip="2")).rpartition("/")[2]
    rows = list(csv.reader(io.StringIO(cook.get("/kitchen/orders.csv").text, newline="")))
    assert rows[0] == ["code", "guest", "status", "tip", "total", "placed_at", "lines"]
    [row] = [row for row in rows if row[0] == code]
    assert row[3:5] == ["2.00", f"{(dish.price_cents + 200) / 100:.2f}"]
