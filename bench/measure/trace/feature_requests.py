"""What is the one request of each feature? A right one, as a guest or a member of staff makes it.

A guest has a portion in the cart, and so a session. The kitchen has an order to cook.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.conformance.site_constants import STAFF, TOKEN
from bench.measure.workload.client import Guest
from bench.measure.workload.scenarios import (
    BY_PROGRAM,
    HUNG,
    ORDERED,
    filled_cart,
    order_by_form,
    photo_upload,
)
from bench.measure.workload.worker import Request

DISH = f"/dishes/{ORDERED}"


@dataclass(frozen=True)
class Question:
    """How somebody comes to make a request, and the status of the right reply."""

    ask: Callable[[Guest], Request]
    status: int = 200


def by_guest(target: str) -> Callable[[Guest], Request]:
    """Return how a guest asks for a page."""

    def ask(guest: Guest) -> Request:
        filled_cart(guest)
        return Request(target, environ=guest.headers())

    return ask


def by_cook(target: str) -> Callable[[Guest], Request]:
    """Return how a member of staff asks for a page, after an order was placed."""

    def ask(guest: Guest) -> Request:
        order_placed(guest)
        sign_in(guest)
        return Request(target, environ=guest.headers())

    return ask


def order_placed(guest: Guest) -> str:
    """Have a program place an order, and return the order's address."""
    return urlsplit(guest.call(BY_PROGRAM, 201).header("Location")).path


def sign_in(guest: Guest) -> None:
    """Sign in as a cook."""
    guest.submit(guest.form("/login", "/login", **STAFF))


def order_shown(guest: Guest) -> Request:
    """Return the request for an order of one's own."""
    placed = guest.submit(order_by_form(guest))
    return Request(urlsplit(placed.header("Location")).path, environ=guest.headers())


def dish_in_cart(guest: Guest) -> Request:
    """Return the form that puts one more portion in the cart."""
    filled_cart(guest)
    return guest.form(DISH, "/cart", dish_id=str(ORDERED), quantity="2")


def review(guest: Guest) -> Request:
    """Return the review form, filled in."""
    filled_cart(guest)
    words = {"author": "Grete", "rating": "5", "body": "As good as at home."}
    return guest.form(DISH, f"{DISH}/reviews", **words)


def signing_in(guest: Guest) -> Request:
    """Return the sign-in form of a guest, filled in."""
    filled_cart(guest)
    return guest.form("/login", "/login", **STAFF)


def signing_out(guest: Guest) -> Request:
    """Return the form that signs a cook out."""
    sign_in(guest)
    return guest.form("/kitchen", "/logout")


def order_moved(guest: Guest) -> Request:
    """Return the form by which a cook begins to cook an order."""
    address = order_placed(guest)
    sign_in(guest)
    return guest.form("/kitchen", f"/kitchen{address}", status="cooking")


def photo(guest: Guest) -> Request:
    """Return the request for the photo of a dish."""
    filled_cart(guest)
    dish = json.loads(guest.get(f"/api/dishes/{HUNG}").body)
    return Request(f"/photos/{dish['photo']}", environ=guest.headers())


def dish_changed(guest: Guest) -> Request:
    """Return a program's request that changes a dish."""
    dish = json.loads(guest.get(f"/api{DISH}").body)
    headers = {"HTTP_AUTHORIZATION": TOKEN, "HTTP_IF_MATCH": f'"{dish["version"]}"'}
    headers["CONTENT_TYPE"] = "application/json"
    return Request(f"/api{DISH}", "PATCH", json.dumps({"portions": 9}).encode(), headers)


QUESTIONS: Mapping[str, Question] = {  # by the feature's id
    "show-the-menu": Question(by_guest("/")),
    "search-the-dishes": Question(by_guest("/dishes?q=so&course=starter")),
    "show-one-dish": Question(by_guest(DISH)),
    "write-a-review": Question(review, 303),
    "put-a-dish-in-the-cart": Question(dish_in_cart, 303),
    "show-the-cart": Question(by_guest("/cart")),
    "place-the-order": Question(order_by_form, 303),
    "show-one-order": Question(order_shown),
    "show-the-sign-in-form": Question(by_guest("/login")),
    "sign-in": Question(signing_in, 303),
    "sign-out": Question(signing_out, 303),
    "show-the-kitchen": Question(by_cook("/kitchen")),
    "move-an-order-along": Question(order_moved, 303),
    "change-a-dishs-photo": Question(photo_upload, 303),
    "serve-a-photo": Question(photo),
    "export-the-orders": Question(by_cook("/kitchen/orders.csv")),
    "list-the-dishes-for-programs": Question(lambda _: Request("/api/dishes?q=so&course=starter")),
    "show-one-dish-to-a-program": Question(lambda _: Request(f"/api{DISH}")),
    "place-an-order-by-program": Question(lambda _: BY_PROGRAM, 201),
    "change-a-dish-by-program": Question(dish_changed),
    "describe-the-programs-side": Question(lambda _: Request("/api/openapi.json")),
    "tell-how-a-request-travels": Question(by_guest("/about")),
    "report-health": Question(lambda _: Request("/health")),
    "serve-a-static-file": Question(by_guest("/static/site.css")),
    "show-what-went-wrong": Question(by_guest("/nowhere"), 404),
}
