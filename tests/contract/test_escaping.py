"""Hostile text: the pages show a guest's text as written, never as markup."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from tests.contract.expect import is_json, is_page
from tests.contract.guest import Guest
from tests.contract.page import Page
from tests.contract.site import OwnDish, Site

# Tags, both quotation marks, an entity, and the markers of the frameworks' template languages.
MARKUP = """"'></title></textarea><script>alert(1)</script>&amp;{{7*7}}[[7*7]]${7*7}{%x%}#{1}"""
NAME = MARKUP[:80]


class Scene(NamedTuple):
    """The participants of a clause."""

    site: Site
    guest: Guest
    dish: OwnDish

    def review(self, **fields: str) -> Page:
        """Send a review and return the dish's page, or the form again."""
        form = {"author": "A", "rating": "1", "body": "B", **fields}
        reply = self.guest.post(f"{self.dish.page}/reviews", form)
        return Page(reply if reply.status == 422 else self.guest.get(self.dish.page))

    def dish_with(self, **fields: object) -> Page:
        """Change the dish and return its page."""
        self.dish.change(**fields)
        return is_page(self.guest.get(self.dish.page))

    def order(self) -> str:
        """Place an order with a hostile guest name, and return its code."""
        return self.guest.order(self.dish.id, guest=NAME)

    def sold_out(self) -> Page:
        """Order more portions of a dish with a hostile name than are left."""
        self.guest.put(self.dish.id, 2)
        self.dish.change(name=NAME, portions=1)
        return is_page(self.guest.place(), 409)

    def cart(self) -> Page:
        """Put a dish with a hostile name in the cart."""
        self.dish.change(name=NAME)
        self.guest.put(self.dish.id)
        return is_page(self.guest.get("/cart"))

    def search(self) -> Page:
        """Search a dish with a hostile name."""
        self.dish.change(name=NAME)
        return is_page(self.guest.get("/dishes", params={"q": NAME}))


def kitchen(scene: Scene) -> str:
    scene.site.cook.make_room()
    code = scene.order()
    return is_page(scene.site.cook.get("/kitchen")).text(f"h3 a[href='/orders/{code}']")


def step(scene: Scene) -> str:
    code = scene.order()
    reply = scene.site.cook.post(f"/kitchen/orders/{code}", {"status": MARKUP})
    return MARKUP if Page(reply).all("script:not([src])") == [] else "a script"


SHOWN: dict[str, tuple[str, Callable[[Scene], str]]] = {
    "the author of a review": ("write-a-review", lambda s: s.review(author=NAME).texts("h3")[0]),
    "the body of a review": (
        "write-a-review",
        lambda s: s.review(body=MARKUP).texts(".review .body")[0],
    ),
    "an author typed": (
        "write-a-review",
        lambda s: s.review(author=MARKUP, body="").value("#author"),
    ),
    "a body typed": ("write-a-review", lambda s: s.review(author="", body=MARKUP).value("#body")),
    "the name of a dish": ("show-one-dish", lambda s: s.dish_with(name=NAME).text("h1")),
    "the title of a page": (
        "show-one-dish",
        lambda s: s.dish_with(name=NAME).text("title").removesuffix(" · The Larder"),
    ),
    "the description of a dish": (
        "show-one-dish",
        lambda s: s.dish_with(description=MARKUP).text(".description"),
    ),
    "an allergen": (
        "show-one-dish",
        lambda s: s.dish_with(allergens=[NAME[:40]]).text(".allergens")[9:-1],
    ),
    "a dish on the menu": (
        "show-the-menu",
        lambda s: (
            s.dish.change(name=NAME)
            and is_page(s.guest.get("/")).text(f"h3 a[href='{s.dish.page}']")
        ),
    ),
    "a dish in the cart": ("show-the-cart", lambda s: s.cart().text("table.cart tbody th")),
    "a dish in the label of its field": (
        "show-the-cart",
        lambda s: str(s.cart().one("input[type=number]").attributes["aria-label"])[12:],
    ),
    "a dish that is sold out": (
        "place-the-order",
        lambda s: NAME if NAME in s.sold_out().errors() else "not there",
    ),
    "a dish that was found": ("search-the-dishes", lambda s: s.search().text(".dish h3")),
    "the words of a search": ("search-the-dishes", lambda s: s.search().value("#q")),
    "the guest of an order": (
        "show-one-order",
        lambda s: is_page(s.guest.get(f"/orders/{s.order()}")).texts("main p strong")[0],
    ),
    "the guest of a ticket": ("show-the-kitchen", kitchen),
    "a name typed for an order": (
        "place-the-order",
        lambda s: (
            s.guest.put(s.dish.id) and is_page(s.guest.place(guest=MARKUP), 422).value("#guest")
        ),
    ),
    "a name typed to sign in": (
        "sign-in",
        lambda s: is_page(s.guest.sign_in(MARKUP, password="x"), 401).value("#username"),
    ),
    "the next page of a sign-in": (
        "show-the-sign-in-form",
        lambda s: is_page(s.guest.get("/login", params={"next": MARKUP})).value("[name=next]"),
    ),
    "the name of a browser": (
        "tell-how-a-request-travels",
        lambda s: is_page(s.guest.get("/about", headers={"User-Agent": MARKUP})).texts(
            "[data-varies]"
        )[0],
    ),
    "a step nobody knows": ("move-an-order-along", step),
}


@pytest.mark.parametrize(
    "place", [pytest.param(p, marks=pytest.mark.feature(SHOWN[p][0])) for p in SHOWN]
)
def test_hostile_text_is_shown_as_written(
    site: Site, guest: Guest, dish: OwnDish, place: str
) -> None:
    shown = SHOWN[place][1](Scene(site, guest, dish))
    assert shown in (MARKUP, NAME, NAME[:40])


@pytest.mark.feature("show-what-went-wrong")
@pytest.mark.parametrize("prefix", ["/", "/dishes/", "/orders/", "/photos/", "/static/"])
def test_a_page_that_is_not_there_shows_no_markup(guest: Guest, prefix: str) -> None:
    reply = guest.get(prefix + "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    assert Page(reply).all("script:not([src])") == []


@pytest.mark.feature("change-a-dish-by-program")
def test_hostile_text_comes_back_from_the_api_as_it_was(dish: OwnDish) -> None:
    assert is_json(dish.patch({"name": NAME}))["name"] == NAME


@pytest.mark.feature("write-a-review")
@pytest.mark.parametrize(
    "body",
    [
        pytest.param("من اليمين \u202eإلى اليسار", id="right to left"),
        pytest.param("👩‍🍳🍲🏳️‍🌈", id="emoji of several characters"),
        pytest.param("Z̸͑a̷͒l̶g̴o", id="many accents"),
        pytest.param("<!-- --> ]]> <?php ?> <% %>", id="comments"),
        pytest.param("\\u003cb\\u003e \\n %3Cb%3E", id="escapes"),
        pytest.param("\ufeffa\u200bb\u2028c", id="characters nobody sees"),
    ],
)
def test_a_review_of_any_script_is_shown_as_written(
    site: Site, guest: Guest, dish: OwnDish, body: str
) -> None:
    shown = Scene(site, guest, dish).review(body=body).all(".review .body")[0].text()
    assert str(shown) == body.strip()
