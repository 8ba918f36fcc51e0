"""Caching: which pages a browser may store, and which it must revalidate."""

from collections.abc import Callable

import pytest

from tests.contract.expect import is_page
from tests.contract.guest import Guest
from tests.contract.levels import hardening
from tests.contract.reply import Reply
from tests.contract.site import OwnDish, Site

# The requests of a member of staff with a filled cart and an order.
NOT_STORED: dict[str, tuple[str, Callable[[Guest, str], Reply]]] = {
    "the cart": ("show-the-cart", lambda cook, code: cook.get("/cart")),
    "a quantity refused": ("put-a-dish-in-the-cart", lambda cook, code: cook.put(1, "many")),
    "an order refused": ("place-the-order", lambda cook, code: cook.post("/orders", {"guest": ""})),
    "an order": ("show-one-order", lambda cook, code: cook.get(f"/orders/{code}")),
    "the sign-in form": ("show-the-sign-in-form", lambda cook, code: cook.get("/login")),
    "a sign-in refused": ("sign-in", lambda cook, code: cook.sign_in(password="wrong")),
    "the kitchen": ("show-the-kitchen", lambda cook, code: cook.get("/kitchen")),
    "the export": ("export-the-orders", lambda cook, code: cook.get("/kitchen/orders.csv")),
}
CHECKED_AGAIN: dict[str, tuple[str, Callable[[Guest, str], Reply]]] = {
    "the menu": ("show-the-menu", lambda guest, page: guest.get("/")),
    "a search": ("search-the-dishes", lambda guest, page: guest.get("/dishes?q=soup")),
    "a dish": ("show-one-dish", lambda guest, page: guest.get(page)),
    "a dish as JSON": (
        "show-one-dish",
        lambda guest, page: guest.get(page, headers={"Accept": "application/json"}),
    ),
    "a review refused": ("write-a-review", lambda guest, page: guest.post(f"{page}/reviews")),
    "how a request travels": (
        "tell-how-a-request-travels",
        lambda guest, page: guest.get("/about"),
    ),
    "a page that is not there": ("show-what-went-wrong", lambda guest, page: guest.get("/none")),
    "a search refused": ("search-the-dishes", lambda guest, page: guest.get("/dishes?page=0")),
}


def cases(kinds: dict[str, tuple[str, Callable[[Guest, str], Reply]]]) -> list[object]:
    return [pytest.param(kind, marks=pytest.mark.feature(kinds[kind][0])) for kind in kinds]


def directives(reply: Reply) -> set[str]:
    """Return the directives of Cache-Control."""
    return {text.strip().lower() for text in reply.headers.get("Cache-Control").split(",")}


@pytest.mark.parametrize("kind", cases(NOT_STORED))
def test_what_belongs_to_a_session_is_not_stored(
    site: Site, there: dict[str, str], kind: str
) -> None:
    reply = NOT_STORED[kind][1](site.cook, there["code"])
    assert reply.status in (200, 401, 422)
    assert "no-store" in directives(reply)


@pytest.mark.parametrize("kind", cases(CHECKED_AGAIN))
def test_every_other_page_is_for_one_browser_and_checked_again(
    guest: Guest, dish: OwnDish, kind: str
) -> None:
    reply = CHECKED_AGAIN[kind][1](guest, dish.page)
    assert directives(reply) == {"private", "no-cache"}


@pytest.mark.feature("show-the-menu")
@hardening("conditions")
def test_a_menu_not_modified_says_the_same_of_caching(guest: Guest) -> None:
    menu = guest.get("/")
    is_page(menu)
    again = guest.get("/", headers={"If-None-Match": menu.headers["ETag"]})
    assert again.status == 304
    assert directives(again) == {"private", "no-cache"}
    types = again.headers.get_list("Content-Type")
    assert types in ([], menu.headers.get_list("Content-Type"))


@pytest.mark.feature("show-one-dish-to-a-program")
@hardening("conditions")
def test_a_dish_not_modified_has_no_other_type(site: Site, dish: OwnDish) -> None:
    first = site.program.get(dish.address)
    again = site.program.get(dish.address, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304
    types = again.headers.get_list("Content-Type")
    assert types in ([], first.headers.get_list("Content-Type"))
    assert again.headers.get_list("Cache-Control") == first.headers.get_list("Cache-Control")
