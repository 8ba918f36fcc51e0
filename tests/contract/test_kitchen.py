"""The kitchen: the open orders for staff only."""

import pytest

from bench.conformance.pictures import PNG
from tests.contract.expect import is_page, leads_to
from tests.contract.guest import Guest
from tests.contract.page import Page
from tests.contract.site import OwnDish, Site

pytestmark = pytest.mark.feature("show-the-kitchen")
SIGN_IN_PAGE = "/login?next=/kitchen"


@pytest.fixture(autouse=True)
def room(cook: Guest) -> None:
    """Make room on the kitchen's page for the orders of a clause."""
    cook.make_room()


def codes_in(page: Page) -> list[str]:
    links = [str(link.attributes["href"]) for link in page.all(".ticket h3 a")]
    return [link.removeprefix("/orders/") for link in links]


def ticket(page: Page, code: str) -> str:
    return f".ticket:has(a[href='/orders/{code}'])"


def test_a_guest_is_sent_to_the_sign_in_form(guest: Guest) -> None:
    leads_to(guest.get("/kitchen"), SIGN_IN_PAGE)


@pytest.mark.feature("move-an-order-along")
def test_a_guest_cannot_move_an_order(guest: Guest, dish: OwnDish) -> None:
    code = guest.order(dish.id)
    leads_to(guest.post(f"/kitchen/orders/{code}", {"status": "cooking"}), SIGN_IN_PAGE)
    assert is_page(guest.get(f"/orders/{code}")).text(".status strong") == "placed"


@pytest.mark.feature("change-a-dishs-photo")
def test_a_guest_cannot_change_a_photo(guest: Guest, dish: OwnDish) -> None:
    files = {"photo": ("p.png", PNG)}
    leads_to(guest.post(f"/kitchen{dish.page}/photo", files=files), SIGN_IN_PAGE)
    assert dish.now() == dish.taken


@pytest.mark.feature("export-the-orders")
def test_a_guest_gets_no_export(guest: Guest) -> None:
    leads_to(guest.get("/kitchen/orders.csv"), SIGN_IN_PAGE)


def test_a_ticket_says_who_ordered_what(site: Site, cook: Guest, guest: Guest) -> None:
    one, two = sorted((site.own_dish(), site.own_dish()), key=lambda dish: dish.id)
    guest.put(one.id, 2)
    code = guest.order(two.id, 3, guest="Ngozi")
    page = is_page(cook.get("/kitchen"))
    place = ticket(page, code)
    assert page.text(f"{place} h3") == "Ngozi"
    assert page.text(f"{place} .status") == "placed"
    assert page.texts(f"{place} li") == [f"2 × {one.name}", f"3 × {two.name}"]


def test_the_oldest_order_comes_first(cook: Guest, guest: Guest, dish: OwnDish) -> None:
    codes = [guest.order(dish.id) for _ in range(3)]
    shown = codes_in(is_page(cook.get("/kitchen")))
    assert [code for code in shown if code in codes] == codes


@pytest.mark.parametrize(
    ("steps", "buttons"),
    [
        pytest.param((), ["Start cooking", "Cancel the order"], id="a placed order"),
        pytest.param(
            ("cooking",), ["Mark as served", "Cancel the order"], id="one that is cooking"
        ),
    ],
)
def test_an_open_order_offers_what_may_follow(
    cook: Guest, guest: Guest, dish: OwnDish, steps: tuple[str, ...], buttons: list[str]
) -> None:
    code = guest.order(dish.id)
    for step in steps:
        cook.post(f"/kitchen/orders/{code}", {"status": step})
    page = is_page(cook.get("/kitchen"))
    assert page.texts(f"{ticket(page, code)} button[name=status]") == buttons


@pytest.mark.parametrize("steps", [("cooking", "served"), ("cancelled",)], ids=str)
def test_a_closed_order_is_no_longer_shown(
    cook: Guest, guest: Guest, dish: OwnDish, steps: tuple[str, ...]
) -> None:
    code = guest.order(dish.id)
    for step in steps:
        cook.post(f"/kitchen/orders/{code}", {"status": step})
    assert code not in codes_in(is_page(cook.get("/kitchen")))


def test_the_kitchen_says_who_is_signed_in(cook: Guest) -> None:
    page = is_page(cook.get("/kitchen"))
    assert page.text("main strong") == "ada"
    assert len(page.forms("/logout")) == 1


def test_a_cook_who_turns_guest_again_keeps_out_after_the_cookie_is_gone(site: Site) -> None:
    guest = site.guest()
    guest.sign_in()
    guest.token = ""
    leads_to(guest.get("/kitchen"), SIGN_IN_PAGE)
