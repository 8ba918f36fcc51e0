"""Placing an order: once, at the current prices, completely or not at all."""

import re
import secrets
from urllib.parse import quote, urlencode

import pytest

from tests.contract.expect import is_page, leads_to
from tests.contract.forms import ODD_KEYS, URLENCODED
from tests.contract.guest import Guest
from tests.contract.levels import hardening
from tests.contract.site import OwnDish, Site, at_once

pytestmark = pytest.mark.feature("place-the-order")
ORDER_PATH = re.compile(r"/orders/[\w-]{12,}")


def test_an_order_leads_to_its_page_and_empties_the_cart(guest: Guest, dish: OwnDish) -> None:
    guest.put(dish.id, 2)
    goal = leads_to(guest.place())
    assert ORDER_PATH.fullmatch(goal), f"{goal} is no address of an order"
    assert is_page(guest.get(goal)).texts("main p strong")[0] == "Grete"
    assert is_page(guest.get("/cart")).all("table.cart, .count") == []


def test_an_order_takes_its_portions_from_the_larder(guest: Guest, dish: OwnDish) -> None:
    before = dish.now()
    guest.order(dish.id, 3)
    after = dish.now()
    assert after["portions"] == before["portions"] - 3
    assert after["version"] > before["version"]


def test_the_last_portions_can_be_ordered(guest: Guest, dish: OwnDish) -> None:
    dish.change(portions=2)
    guest.order(dish.id, 2)
    assert dish.now()["portions"] == 0


def test_the_same_form_sent_twice_makes_one_order(guest: Guest, dish: OwnDish) -> None:
    guest.put(dish.id, 2)
    form, before = guest.order_form(), dish.now()["portions"]
    first, second = (guest.post_bare("/orders", form) for _ in range(2))
    assert leads_to(first) == leads_to(second)
    assert dish.now()["portions"] == before - 2


def test_the_same_form_sent_six_times_at_once_makes_one_order(guest: Guest, dish: OwnDish) -> None:
    guest.put(dish.id)
    form, before = guest.order_form(), dish.now()["portions"]
    replies = at_once(6, lambda _: guest.post_bare("/orders", form))
    assert len({leads_to(reply) for reply in replies}) == 1
    assert dish.now()["portions"] == before - 1


def test_two_forms_make_two_orders(guest: Guest, dish: OwnDish) -> None:
    assert guest.order(dish.id) != guest.order(dish.id)


@pytest.mark.parametrize("is_raw", [False, True], ids=["encoded", "raw"])
@pytest.mark.parametrize("keys", ODD_KEYS.values(), ids=ODD_KEYS)
@hardening("charsets")
def test_two_forms_with_keys_in_odd_bytes_are_two_orders(
    guest: Guest, dish: OwnDish, keys: tuple[bytes, bytes], is_raw: bool
) -> None:
    goals, run = [], secrets.token_hex(8)
    for key in keys:
        guest.put(dish.id)
        form = guest.order_form(idempotency_key=run)
        form["idempotency_key"] = form.pop("idempotency_key")  # last, so that bytes can follow
        body = urlencode(form).encode() + (key if is_raw else quote(key).encode())
        seen_on = {"Origin": guest.origin, "Referer": f"{guest.origin}/cart"}
        reply = guest.request("POST", "/orders", {"Content-Type": URLENCODED, **seen_on}, body)
        assert reply.status in (303, 400, 403, 422)
        goals += [leads_to(reply)] if reply.status == 303 else []
    assert len(set(goals)) == len(goals)
    assert dish.now()["portions"] == dish.taken["portions"] - len(goals)


def test_every_cart_page_has_a_key_of_its_own(guest: Guest, dish: OwnDish) -> None:
    guest.put(dish.id)
    keys = {guest.order_form()["idempotency_key"] for _ in range(3)}
    assert len(keys) == 3
    assert min(map(len, keys)) >= 16


def test_a_sold_out_dish_is_named_and_the_cart_kept(guest: Guest, dish: OwnDish) -> None:
    guest.put(dish.id, 4)
    dish.change(portions=3)
    page = is_page(guest.place(guest="Ute <3"), 409)
    assert page.text("h1") == "Your cart"
    assert dish.name in page.errors()
    assert page.value("#guest") == "Ute <3"
    assert page.texts("table.cart tbody th") == [dish.name]
    assert is_page(guest.get("/cart")).texts("table.cart tbody th") == [dish.name]


def test_a_refused_order_leaves_the_larder_alone(site: Site, guest: Guest) -> None:
    plenty, scarce = sorted((site.own_dish(), site.own_dish()), key=lambda dish: dish.id)
    guest.put(plenty.id, 2)
    guest.put(scarce.id, 2)
    scarce.change(portions=1)
    before = (plenty.now(), scarce.now())
    assert guest.place().status == 409
    assert (plenty.now(), scarce.now()) == before
    scarce.put_back()


def test_a_refused_order_can_be_sent_again_when_there_is_more(guest: Guest, dish: OwnDish) -> None:
    guest.put(dish.id, 2)
    dish.change(portions=1)
    form = guest.order_form()
    assert guest.post_bare("/orders", form).status == 409
    dish.change(portions=2)
    leads_to(guest.post_bare("/orders", form))


def test_two_guests_cannot_have_the_last_portion(site: Site, dish: OwnDish) -> None:
    guests = [site.guest() for _ in range(4)]
    for guest in guests:
        guest.put(dish.id)
    dish.change(portions=1)
    forms = [guest.order_form() for guest in guests]
    replies = at_once(4, lambda n: guests[n].post_bare("/orders", forms[n]))
    assert sorted(reply.status for reply in replies) == [303, 409, 409, 409]
    assert dish.now()["portions"] == 0


def test_an_empty_cart_cannot_be_ordered(guest: Guest, dish: OwnDish) -> None:
    guest.put(dish.id)
    form = guest.order_form()
    guest.put(dish.id, 0)
    page = is_page(guest.post_bare("/orders", form), 422)
    assert page.errors().endswith(".")
    assert page.forms("/orders") == []


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="empty"),
        pytest.param("  ", id="blank"),
        pytest.param("x" * 81, id="81 characters"),
        pytest.param("a\x00b", id="a NUL"),
        pytest.param("a\r\nb", id="two lines"),
    ],
)
def test_an_order_needs_a_guests_name(guest: Guest, dish: OwnDish, name: str) -> None:
    guest.put(dish.id)
    before = dish.now()
    page = is_page(guest.place(guest=name), 422)
    assert page.errors()
    assert page.texts("table.cart tbody th") == [dish.name]
    assert dish.now() == before


def test_a_name_of_81_characters_is_kept_as_typed(guest: Guest, dish: OwnDish) -> None:
    guest.put(dish.id)
    assert is_page(guest.place(guest="x" * 81), 422).value("#guest") == "x" * 81


def test_a_name_may_have_80_characters(guest: Guest, dish: OwnDish) -> None:
    guest.put(dish.id)
    leads_to(guest.place(guest="Ł" * 80))


@pytest.mark.parametrize("key", ["", "k" * 201], ids=["none", "201 characters"])
def test_a_bad_idempotency_key_is_refused(guest: Guest, dish: OwnDish, key: str) -> None:
    guest.put(dish.id)
    before = dish.now()
    assert is_page(guest.place(idempotency_key=key), 422).errors()
    assert dish.now() == before
