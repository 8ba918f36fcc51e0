"""One order: its lines and its status, for every client that has its code."""

import pytest

from tests.contract.expect import is_error_page, is_page
from tests.contract.guest import STEPS_TO, Guest
from tests.contract.levels import hardening
from tests.contract.page import Page, text_of
from tests.contract.site import OwnDish, Site

pytestmark = pytest.mark.feature("show-one-order")
WHAT_NEXT = {
    "placed": "The kitchen starts cooking soon. Load this page again to follow your order.",
    "cooking": "Your order is served soon. Load this page again to follow it.",
}


def test_an_order_shows_what_was_ordered(site: Site, guest: Guest, dish: OwnDish) -> None:
    code = guest.order(dish.id, 3, guest="Ewa Łoś")
    page = is_page(site.guest().get(f"/orders/{code}"))
    price, total = dish.price_cents / 100, 3 * dish.price_cents / 100
    assert page.texts("main p strong") == ["Ewa Łoś", "placed"]
    cells = page.texts(".lines tbody th, .lines tbody td")
    assert cells == [dish.name, f"€{price:.2f}", "3", f"€{total:.2f}"]
    assert page.text(".total") == f"€{total:.2f}"


def test_an_order_adds_up_its_lines(site: Site, guest: Guest) -> None:
    one, two = site.own_dish(), site.own_dish()
    guest.put(one.id, 2)
    code = guest.order(two.id, 3)
    total = (2 * one.price_cents + 3 * two.price_cents) / 100
    assert is_page(guest.get(f"/orders/{code}")).text(".total") == f"€{total:.2f}"


def test_an_order_keeps_the_price_it_was_placed_at(guest: Guest, dish: OwnDish) -> None:
    dish.change(price_cents=1000)
    code = guest.order(dish.id)
    dish.change(price_cents=9900)
    page = is_page(guest.get(f"/orders/{code}"))
    assert page.text(".total") == "€10.00"
    assert page.texts(".lines tbody td") == ["€10.00", "1", "€10.00"]


def order_with_status(guest: Guest, cook: Guest, dish: OwnDish, status: str) -> Page:
    """Return the page of a new order with this status."""
    code = guest.order(dish.id)
    for step in STEPS_TO[status]:
        cook.post(f"/kitchen/orders/{code}", {"status": step})
    return is_page(guest.get(f"/orders/{code}"))


@pytest.mark.parametrize("status", ["cooking", "served", "cancelled"])
def test_an_order_shows_its_status(guest: Guest, cook: Guest, dish: OwnDish, status: str) -> None:
    assert order_with_status(guest, cook, dish, status).text(".status strong") == status


@pytest.mark.parametrize(("status", "sentence"), WHAT_NEXT.items(), ids=WHAT_NEXT)
def test_an_open_order_says_what_happens_next(
    guest: Guest, cook: Guest, dish: OwnDish, status: str, sentence: str
) -> None:
    assert order_with_status(guest, cook, dish, status).text("main .next") == sentence


@pytest.mark.parametrize("status", ["served", "cancelled"])
def test_nothing_happens_next_to_a_closed_order(
    guest: Guest, cook: Guest, dish: OwnDish, status: str
) -> None:
    assert order_with_status(guest, cook, dish, status).all("main .next") == []


def test_an_order_leads_back_to_the_menu(guest: Guest, dish: OwnDish) -> None:
    onward = is_page(guest.get(f"/orders/{guest.order(dish.id)}")).one("main > p:last-child > a")
    assert (onward.attributes["href"], text_of(onward)) == ("/", "Back to the menu")


def test_the_code_of_an_order_cannot_be_guessed(guest: Guest, dish: OwnDish) -> None:
    codes = [guest.order(dish.id) for _ in range(3)]
    assert min(map(len, codes)) >= 12
    assert len({code[:6] for code in codes}) == 3, "codes begin alike"


@pytest.mark.parametrize(
    "code",
    [
        "no-such-order",
        "1",
        "%00",
        "%F0%9F%8D%B2",
        pytest.param("a" * 4000, id="4,000 letters"),
        "'--",
        "%25",
        "orders.csv",
        "__class__",
        "__init__",
        "_lookup",
        "__dict__",
    ],
)
@hardening(
    "identifiers",
    "%00",
    "%F0%9F%8D%B2",
    "4,000 letters",
    "%25",
    "__class__",
    "__init__",
    "_lookup",
    "__dict__",
)
def test_an_order_that_is_not_there_is_not_found(guest: Guest, code: str) -> None:
    is_error_page(guest.get(f"/orders/{code}"), 404)


@hardening("identifiers")
def test_the_code_of_an_order_in_other_letters_is_not_found(guest: Guest, dish: OwnDish) -> None:
    code = guest.order(dish.id)
    if code.swapcase() != code:
        is_error_page(guest.get(f"/orders/{code.swapcase()}"), 404)


def test_an_order_says_when_it_was_placed(guest: Guest, dish: OwnDish) -> None:
    code = guest.order(dish.id)
    placed = is_page(guest.get(f"/orders/{code}")).text("main > .lines + p")
    assert placed.startswith("Placed 20")
    assert placed.endswith(" UTC")
