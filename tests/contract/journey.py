"""The sequence of pages that is compared between the sites."""

from collections.abc import Callable
from typing import NamedTuple

from bench.conformance.pictures import GIF, MAX_PHOTO_BYTES, PNG
from tests.contract import wire
from tests.contract.reply import Reply
from tests.contract.site import KEPT_FIELDS, Site
from tests.contract.visit import Visit

MARKUP = """"'></title><script>alert(1)</script>&amp;{{7*7}}[[7*7]]${7*7}"""
SCRIPTS = "שלום \u202eabc\u202c ‮مرحبا 👩‍🍳🍲"
LONG = "Ünïcödé & <b>bold</b> " * 454 + "the end!!!!!"


class Step(NamedTuple):
    """One page of the sequence: its name, its feature, and the function that opens it."""

    name: str
    feature: str
    go: Callable[[Visit], Reply]


STEPS = [
    Step(*step)
    for step in (
        ("the menu", "show-the-menu", lambda v: v.guest.get("/")),
        ("the search", "search-the-dishes", lambda v: v.guest.get("/dishes")),
        ("its second page", "search-the-dishes", lambda v: v.guest.get("/dishes?page=2")),
        ("a page past the last", "search-the-dishes", lambda v: v.guest.get("/dishes?page=9")),
        ("a search by words, course and price", "search-the-dishes",
         lambda v: v.guest.get("/dishes?q=e&course=main&sort=-price")),
        ("a search for hostile words", "search-the-dishes",
         lambda v: v.guest.get("/dishes", params={"q": MARKUP})),
        ("a search that finds nothing", "search-the-dishes",
         lambda v: v.guest.get("/dishes", params={"q": SCRIPTS})),
        ("a search refused", "search-the-dishes", lambda v: v.guest.get("/dishes?sort=x")),
        ("a dish", "show-one-dish", lambda v: v.guest.get("/dishes/1")),
        ("a dish with a sold-out mark", "show-one-dish", lambda v: v.change(2, portions=0)),
        ("a dish that is not there", "show-one-dish", lambda v: v.guest.get("/dishes/999")),
        ("a dish with a new review", "write-a-review", lambda v: v.review(3)),
        ("a dish after the thanks", "write-a-review", lambda v: v.guest.get("/dishes/3")),
        ("a review without anything", "write-a-review",
         lambda v: v.review(3, author="", rating="", body="")),
        ("a review with one mistake", "write-a-review",
         lambda v: v.review(3, rating="9", body="\n <b>\n  x")),
        ("a hostile review", "write-a-review",
         lambda v: v.review(3, author=MARKUP[:80], body=MARKUP)),
        ("a review in other scripts", "write-a-review",
         lambda v: v.review(3, author=SCRIPTS, body=f"{SCRIPTS}\n\n{SCRIPTS}")),
        ("a review of 10,000 characters", "write-a-review", lambda v: v.review(3, body=LONG)),
        ("a hostile review refused", "write-a-review",
         lambda v: v.review(3, author=MARKUP * 2, body=f"\n\n{MARKUP}\n{SCRIPTS}")),
        ("a hostile dish", "show-one-dish",
         lambda v: v.change(5, name=MARKUP, description=MARKUP, allergens=[MARKUP[:40]])),
        ("a dish in other scripts", "show-one-dish",
         lambda v: v.change(6, name=SCRIPTS, description=SCRIPTS, price_cents=5)),
        ("a menu with hostile dishes", "show-the-menu", lambda v: v.guest.get("/")),
        ("a menu without a session", "show-the-menu", lambda v: v.site.program.get("/")),
        ("an empty cart", "show-the-cart", lambda v: v.guest.get("/cart")),
        ("a cart with a dish", "put-a-dish-in-the-cart", lambda v: v.put(3, 2)),
        ("a cart with hostile dishes", "show-the-cart", lambda v: v.put(5) and v.put(6, 3)),
        ("a cart with a bad quantity", "put-a-dish-in-the-cart", lambda v: v.put(3, "many")),
        ("a dish for the cart that is not there", "put-a-dish-in-the-cart",
         lambda v: v.put(999)),
        ("the menu with a full cart", "show-the-menu", lambda v: v.guest.get("/")),
        ("an order without a name", "place-the-order", lambda v: v.place("")),
        ("an order by a hostile name too long", "place-the-order", lambda v: v.place(MARKUP * 2)),
        ("an order of a sold-out dish", "place-the-order",
         lambda v: v.change(5, portions=0) and v.place(MARKUP[:80])),
        ("an order", "place-the-order",
         lambda v: v.change(5, portions=9) and v.place(MARKUP[:80])),
        ("the empty cart after an order", "show-the-cart", lambda v: v.guest.get("/cart")),
        ("an order of nothing", "place-the-order", lambda v: v.guest.post(
            "/orders", {"guest": "Ida", "idempotency_key": "journey"})),
        ("an order that is not there", "show-one-order", lambda v: v.guest.get("/orders/none")),
        ("the sign-in form", "show-the-sign-in-form", lambda v: v.cook.get("/login")),
        ("the sign-in form with a hostile goal", "show-the-sign-in-form",
         lambda v: v.cook.get("/login", params={"next": MARKUP})),
        ("a sign-in refused", "sign-in",
         lambda v: v.cook.sign_in(MARKUP, password="x", next="/cart")),
        ("the kitchen", "show-the-kitchen", lambda v: v.sign_in()),
        ("a dish for staff", "show-one-dish", lambda v: v.cook.get("/dishes/1")),
        ("an order that is cooking", "move-an-order-along", lambda v: v.move("cooking")),
        ("a wrong step", "move-an-order-along", lambda v: v.move("cooking")),
        ("a step nobody knows", "move-an-order-along", lambda v: v.move(MARKUP)),
        ("the order for its guest", "show-one-order",
         lambda v: v.guest.get(f"/orders/{v.code}")),
        ("an order served", "move-an-order-along", lambda v: v.move("served")),
        ("a dish with a new photo", "change-a-dishs-photo", lambda v: v.photo(PNG)),
        ("a photo that is no picture", "change-a-dishs-photo", lambda v: v.photo(GIF)),
        ("a photo that is empty", "change-a-dishs-photo", lambda v: v.photo(b"")),
        ("a form without a photo", "change-a-dishs-photo", lambda v: v.photo(None)),
        ("a photo too large", "change-a-dishs-photo",
         lambda v: v.photo(PNG.ljust(MAX_PHOTO_BYTES + 1))),
        ("the menu after signing out", "sign-out", lambda v: v.sign_out()),
        ("how a request travels", "tell-how-a-request-travels",
         lambda v: v.site.program.get("/about", headers={"User-Agent": MARKUP})),
        ("a page that is not there", "show-what-went-wrong", lambda v: v.guest.get("/none")),
        ("a method that is not there", "show-what-went-wrong", lambda v: v.guest.get("/logout")),
        ("a form without a token", "show-what-went-wrong",
         lambda v: v.guest.post_bare("/cart", {"dish_id": "1"})),
    )
]  # fmt: skip


# The page of a step also shows what an earlier step did, or the step needs its result. Without the
# feature of the earlier step, the clauses of the later step are blocked.
EARLIER_STEPS = {
    **dict.fromkeys(
        ("the menu with a full cart", "an order without a name",
         "an order by a hostile name too long", "an order of a sold-out dish", "an order"),
        "a cart with a dish",
    ),
    "a dish after the thanks": "a dish with a new review",
    # A message that the dish's page did not show is shown by the next page.
    **dict.fromkeys(
        ("a hostile review refused", "a review without anything"), "a dish after the thanks"
    ),
    **dict.fromkeys(("the empty cart after an order", "the kitchen"), "an order"),
    "an order that is cooking": "the kitchen",
    **dict.fromkeys(
        ("a wrong step", "a step nobody knows", "the order for its guest", "an order served"),
        "an order that is cooking",
    ),
    **dict.fromkeys(
        ("a dish for staff", "a dish with a new photo", "a photo that is no picture",
         "a photo that is empty", "a form without a photo", "a photo too large"),
        "the kitchen",
    ),
    "the menu after signing out": "a dish with a new photo",
}  # fmt: skip


class Visited(NamedTuple):
    """A page of the sequence, or the error instead of it, and the requests that led to it."""

    page: Reply | Exception
    requests: list[tuple[str, str, Reply]]


def walk(site: Site) -> dict[str, Visited]:
    """Return each page of the sequence. Restore the changed dishes."""
    visit, changed = Visit(site), [site.dish(dish_id) for dish_id in (2, 5, 6)]
    pages: dict[str, Visited] = {}
    for step in STEPS:
        wire.history.clear()
        page: Reply | Exception
        try:
            page = step.go(visit)
        except (AssertionError, LookupError, ConnectionError) as error:
            page = error
        pages[step.name] = Visited(page, [*wire.history])
    wire.history.clear()
    for later, earlier in EARLIER_STEPS.items():  # an earlier step precedes the later in the dict
        page, requests = pages[later]
        pages[later] = Visited(page, [*pages[earlier].requests, *requests])
    for dish in changed:
        dish.change(**{name: dish.taken[name] for name in KEPT_FIELDS})
    return pages
