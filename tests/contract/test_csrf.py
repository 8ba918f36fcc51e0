"""Forged forms: every form that changes data needs the token of its session."""

from typing import NamedTuple
from urllib.parse import urlencode

import pytest

from bench.conformance.pictures import PNG
from tests.contract.expect import is_error_page, is_json, is_page, leads_to
from tests.contract.guest import Guest
from tests.contract.site import OwnDish, Site

FORMS = {
    "a review": ("write-a-review", "{page}/reviews", {"author": "M", "rating": "1", "body": "B"}),
    "a cart": ("put-a-dish-in-the-cart", "/cart", {"dish_id": "{id}", "quantity": "9"}),
    "an order": ("place-the-order", "/orders", {"guest": "Mallory", "idempotency_key": "m"}),
    "a sign-in": ("sign-in", "/login", {"username": "ada", "password": "leek-and-potato"}),
    "a sign-out": ("sign-out", "/logout", {}),
    "a move": ("move-an-order-along", "/kitchen/orders/{code}", {"status": "cancelled"}),
    "a photo": ("change-a-dishs-photo", "/kitchen{page}/photo", {}),
}


class Scene(NamedTuple):
    """A guest with all data that a forged form could change."""

    site: Site
    victim: Guest
    dish: OwnDish
    code: str

    def state(self) -> list[object]:
        """Return what a forged form could have changed."""
        cart = is_page(self.victim.get("/cart"))
        page = is_page(self.victim.get(self.dish.page))
        order = is_page(self.victim.get(f"/orders/{self.code}"))
        kitchen = self.victim.get("/kitchen").status
        return [
            cart.texts("table.cart tbody th"), cart.texts(".count"), page.texts(".review h3"),
            order.text(".status"), kitchen, self.dish.now(),
        ]  # fmt: skip


@pytest.fixture(scope="session")
def scenes(site: Site) -> dict[bool, Scene]:
    """Return a signed-in and a signed-out scene. No clause may change their data."""
    return {signed_in: set_scene(site, signed_in) for signed_in in (True, False)}


def set_scene(site: Site, signed_in: bool) -> Scene:
    victim, dish = site.guest(), site.own_dish()
    if signed_in:
        site.sign_in(victim, "grace")
    code = victim.order(dish.id)
    victim.put(dish.id, 2)
    return Scene(site, victim, dish, code)


def sent_by_a_forger(how: str, scene: Scene, action: str) -> dict[str, str]:
    """Return the CSRF fields of another guest's form."""
    if how == "no token":
        return {}
    if how == "another guest's token":
        return scene.site.guest().csrf("/login")
    return {name: text.swapcase()[::-1] + "0" for name, text in scene.victim.csrf(action).items()}


@pytest.mark.parametrize("how", ["no token", "a wrong token", "another guest's token"])
@pytest.mark.parametrize(
    "form", [pytest.param(f, marks=pytest.mark.feature(FORMS[f][0])) for f in FORMS]
)
def test_a_forged_form_changes_nothing(scenes: dict[bool, Scene], form: str, how: str) -> None:
    scene = scenes[form != "a sign-in"]
    _, action, fields = FORMS[form]
    action = action.format(page=scene.dish.page, code=scene.code)
    fields = {name: text.format(id=scene.dish.id) for name, text in fields.items()}
    files = {"photo": ("p.png", PNG)} if form == "a photo" else None
    before, token = scene.state(), scene.victim.token
    csrf = sent_by_a_forger(how, scene, action)
    is_error_page(scene.victim.post_bare(action, {**csrf, **fields}, files=files), 403)
    assert scene.victim.token == token, "the session was replaced"
    assert scene.state() == before


@pytest.mark.feature("write-a-review")
def test_a_guest_without_a_session_cannot_send_a_form(site: Site, dish: OwnDish) -> None:
    form = {"author": "M", "rating": "1", "body": "B"}
    is_error_page(site.guest().post_bare(f"{dish.page}/reviews", form), 403)


@pytest.mark.feature("write-a-review")
def test_a_token_in_the_address_does_not_count(guest: Guest, dish: OwnDish) -> None:
    action = f"{dish.page}/reviews"
    form = {"author": "M", "rating": "1", "body": "B"}
    is_error_page(guest.post_bare(f"{action}?{urlencode(guest.csrf(action))}", form), 403)


@pytest.mark.feature("place-an-order-by-program")
def test_the_api_needs_no_token(guest: Guest, dish: OwnDish) -> None:
    guest.get("/login")
    order = {"guest": "Robot", "lines": [{"dish_id": dish.id, "quantity": 1}]}
    is_json(guest.send("POST", "/api/orders", order), 201)


@pytest.mark.feature("write-a-review")
def test_a_form_works_twice_in_one_session(guest: Guest, dish: OwnDish) -> None:
    form = {**guest.csrf(f"{dish.page}/reviews"), "author": "I", "rating": "5", "body": "B"}
    for _ in range(2):
        leads_to(guest.post_bare(f"{dish.page}/reviews", form), dish.page)


@pytest.mark.feature("sign-out", "put-a-dish-in-the-cart")
@pytest.mark.parametrize(
    "target",
    ["/logout/post", "/logout?_method=POST", "/logout?method=post", "/cart/post",
     "/cart?_method=POST&dish_id={id}&quantity=0", "/cart/post?dish_id={id}&quantity=0",
     "/orders/post?guest=M&idempotency_key=m", "/login/post?username=ada&password=x"],
)  # fmt: skip
def test_an_address_that_names_a_method_changes_nothing(
    scenes: dict[bool, Scene], target: str
) -> None:
    scene = scenes[True]
    before, token = scene.state(), scene.victim.token
    reply = scene.victim.get(target.format(id=scene.dish.id))
    assert reply.status in (200, 400, 403, 404, 405)
    assert scene.victim.token == token, "the session was replaced"
    assert scene.state() == before
