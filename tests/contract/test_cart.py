"""The cart: the dishes of a guest at the current prices."""

import pytest

from tests.contract.expect import is_error_page, is_page, leads_to
from tests.contract.guest import Guest
from tests.contract.levels import hardening
from tests.contract.page import Page
from tests.contract.site import OwnDish, Site

PUT = pytest.mark.feature("put-a-dish-in-the-cart")
SHOW = pytest.mark.feature("show-the-cart")


def lines(page: Page) -> list[str]:
    return page.texts("table.cart tbody th")


def quantity(page: Page) -> str:
    return page.value("input[type=number][name=quantity]")


@PUT
def test_a_dish_is_put_in_the_cart(guest: Guest, dish: OwnDish) -> None:
    leads_to(guest.put(dish.id, 2), "/cart")
    page = is_page(guest.get("/cart"))
    assert lines(page) == [dish.name]
    assert quantity(page) == "2"


@SHOW
def test_a_line_offers_to_change_and_to_remove_it(guest: Guest, dish: OwnDish) -> None:
    guest.put(dish.id)
    buttons = is_page(guest.get("/cart")).texts("table.cart button")
    assert buttons == ["Change portions", "Remove from the cart"]


@PUT
def test_the_same_dish_again_sets_its_quantity(guest: Guest, dish: OwnDish) -> None:
    guest.put(dish.id, 2)
    guest.put(dish.id, 5)
    page = is_page(guest.get("/cart"))
    assert len(lines(page)) == 1
    assert quantity(page) == "5"


@PUT
def test_quantity_0_takes_a_dish_out(guest: Guest, site: Site, dish: OwnDish) -> None:
    other = site.own_dish()
    guest.put(dish.id)
    guest.put(other.id)
    leads_to(guest.put(dish.id, 0), "/cart")
    assert lines(is_page(guest.get("/cart"))) == [other.name]


@PUT
def test_taking_out_what_is_not_in_the_cart_is_no_mistake(guest: Guest, dish: OwnDish) -> None:
    leads_to(guest.put(dish.id, 0), "/cart")
    assert is_page(guest.get("/cart")).all("table.cart") == []


@PUT
@pytest.mark.parametrize(
    "quantity",
    ["-1", "21", "1.5", "1e1", "two", "", " ", "٣", "9" * 30, "0x1", "None"],
)
@hardening("identifiers", "٣", "999999999999999999999999999999", "0x1")
def test_a_bad_quantity_is_refused_and_the_cart_kept(
    guest: Guest, dish: OwnDish, quantity: str
) -> None:
    guest.put(dish.id, 3)
    page = is_page(guest.put(dish.id, quantity), 422)
    assert page.text("h1") == "Your cart"
    assert page.errors().endswith(".")
    assert is_page(guest.get("/cart")).value("input[type=number][name=quantity]") == "3"


@PUT
def test_a_missing_quantity_is_refused(guest: Guest, dish: OwnDish) -> None:
    assert is_page(guest.post("/cart", {"dish_id": str(dish.id)}), 422).errors()


@PUT
@pytest.mark.parametrize("quantity", ["1", "20"])
def test_a_quantity_may_go_to_the_limits(guest: Guest, dish: OwnDish, quantity: str) -> None:
    leads_to(guest.put(dish.id, quantity), "/cart")


@PUT
@pytest.mark.parametrize("dish_id", ["0", "-1", "999999", "01", "one", "", "9" * 30, "1\x00"])
@hardening("identifiers", "01", "999999999999999999999999999999", "1\\x00")
def test_a_dish_that_is_not_there_is_not_put_in_the_cart(guest: Guest, dish_id: str) -> None:
    is_error_page(guest.post("/cart", {"dish_id": dish_id, "quantity": "1"}), 404)
    assert is_page(guest.get("/cart")).all("table.cart") == []


@PUT
def test_a_form_without_a_dish_is_not_found(guest: Guest) -> None:
    is_error_page(guest.post("/cart", {"quantity": "1"}), 404)


@PUT
def test_carts_are_not_shared(site: Site, guest: Guest, dish: OwnDish) -> None:
    guest.put(dish.id)
    assert is_page(site.guest().get("/cart")).all("table.cart") == []


@SHOW
def test_an_empty_cart_says_so(guest: Guest) -> None:
    page = is_page(guest.get("/cart"))
    assert page.all("table") == []
    assert page.forms("/orders") == []


@SHOW
def test_the_cart_adds_up(site: Site, guest: Guest) -> None:
    dishes = sorted((site.own_dish() for _ in range(3)), key=lambda dish: dish.id)
    for count, dish in enumerate(reversed(dishes), start=1):
        guest.put(dish.id, count)
    page = is_page(guest.get("/cart"))
    assert lines(page) == [dish.name for dish in dishes]
    cents = sum(dish.price_cents * count for count, dish in zip((3, 2, 1), dishes, strict=True))
    assert page.text(".total") == f"€{cents / 100:.2f}"
    assert page.text(".count") == "6"


@SHOW
def test_the_cart_shows_todays_prices(guest: Guest, dish: OwnDish) -> None:
    guest.put(dish.id, 2)
    dish.change(price_cents=1999)
    row = is_page(guest.get("/cart")).texts("table.cart td")
    assert row[0] == "€19.99"
    assert row[2] == "€39.98"


@SHOW
def test_each_line_can_be_changed_and_taken_out(guest: Guest, dish: OwnDish) -> None:
    guest.put(dish.id, 4)
    change, take_out = is_page(guest.get("/cart")).forms("/cart")
    assert (change.fields["dish_id"], change.fields["quantity"]) == (str(dish.id), "4")
    leads_to(guest.post_bare("/cart", {**change.fields, "quantity": "7"}), "/cart")
    assert quantity(is_page(guest.get("/cart"))) == "7"
    leads_to(guest.post_bare("/cart", take_out.fields), "/cart")
    assert is_page(guest.get("/cart")).all("table.cart") == []


@SHOW
def test_a_cart_holds_every_dish_of_the_menu(site: Site, guest: Guest) -> None:
    for dish_id in site.plain_ids[:24]:
        guest.put(dish_id)
    assert len(lines(is_page(guest.get("/cart")))) == len(site.plain_ids[:24])
