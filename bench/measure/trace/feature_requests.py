"""What is the one request of each feature? A right one, as a guest or a member of staff makes it.

A guest has a portion in the cart, and so a session. The kitchen has an order to cook.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.conformance.site_constants import API_AUTHORIZATION, STAFF_CREDENTIALS
from bench.measure.workload.client import SessionClient
from bench.measure.workload.scenarios import (
    API_ORDER_REQUEST,
    ORDERED_DISH_ID,
    PHOTO_DISH_ID,
    build_order_form,
    build_photo_upload,
    fill_cart,
)
from bench.measure.workload.worker import Request

DISH_PATH = f"/dishes/{ORDERED_DISH_ID}"


@dataclass(frozen=True)
class FeatureRequest:
    """How somebody comes to make a request, and the status of the right reply."""

    build_request: Callable[[SessionClient], Request]
    status: int = 200


def make_session_request(target: str) -> Callable[[SessionClient], Request]:
    """Return how a guest asks for a page."""

    def ask(guest: SessionClient) -> Request:
        fill_cart(guest)
        return Request(target, environ=guest.build_headers())

    return ask


def make_staff_request(target: str) -> Callable[[SessionClient], Request]:
    """Return how a member of staff asks for a page, after an order was placed."""

    def ask(guest: SessionClient) -> Request:
        place_api_order(guest)
        sign_in(guest)
        return Request(target, environ=guest.build_headers())

    return ask


def place_api_order(guest: SessionClient) -> str:
    """Have a program place an order, and return the order's address."""
    return urlsplit(guest.send(API_ORDER_REQUEST, 201).header("Location")).path


def sign_in(guest: SessionClient) -> None:
    """Sign in as a cook."""
    guest.submit(guest.build_form_request("/login", "/login", **STAFF_CREDENTIALS))


def build_order_request(guest: SessionClient) -> Request:
    """Return the request for an order of one's own."""
    placed = guest.submit(build_order_form(guest))
    return Request(urlsplit(placed.header("Location")).path, environ=guest.build_headers())


def build_cart_form(guest: SessionClient) -> Request:
    """Return the form that puts one more portion in the cart."""
    fill_cart(guest)
    return guest.build_form_request(DISH_PATH, "/cart", dish_id=str(ORDERED_DISH_ID), quantity="2")


def build_review_form(guest: SessionClient) -> Request:
    """Return the review form, filled in."""
    fill_cart(guest)
    words = {"author": "Grete", "rating": "5", "body": "As good as at home."}
    return guest.build_form_request(DISH_PATH, f"{DISH_PATH}/reviews", **words)


def build_sign_in_form(guest: SessionClient) -> Request:
    """Return the sign-in form of a guest, filled in."""
    fill_cart(guest)
    return guest.build_form_request("/login", "/login", **STAFF_CREDENTIALS)


def build_sign_out_form(guest: SessionClient) -> Request:
    """Return the form that signs a cook out."""
    sign_in(guest)
    return guest.build_form_request("/kitchen", "/logout")


def build_order_move_form(guest: SessionClient) -> Request:
    """Return the form by which a cook begins to cook an order."""
    address = place_api_order(guest)
    sign_in(guest)
    return guest.build_form_request("/kitchen", f"/kitchen{address}", status="cooking")


def build_photo_request(guest: SessionClient) -> Request:
    """Return the request for the photo of a dish."""
    fill_cart(guest)
    dish = json.loads(guest.get_page(f"/api/dishes/{PHOTO_DISH_ID}").body)
    return Request(f"/photos/{dish['photo']}", environ=guest.build_headers())


def build_dish_change(guest: SessionClient) -> Request:
    """Return a program's request that changes a dish."""
    dish = json.loads(guest.get_page(f"/api{DISH_PATH}").body)
    headers = {"HTTP_AUTHORIZATION": API_AUTHORIZATION, "HTTP_IF_MATCH": f'"{dish["version"]}"'}
    headers["CONTENT_TYPE"] = "application/json"
    return Request(f"/api{DISH_PATH}", "PATCH", json.dumps({"portions": 9}).encode(), headers)


FEATURE_REQUESTS: Mapping[str, FeatureRequest] = {  # by the feature's id
    "show-the-menu": FeatureRequest(make_session_request("/")),
    "search-the-dishes": FeatureRequest(make_session_request("/dishes?q=so&course=starter")),
    "show-one-dish": FeatureRequest(make_session_request(DISH_PATH)),
    "write-a-review": FeatureRequest(build_review_form, 303),
    "put-a-dish-in-the-cart": FeatureRequest(build_cart_form, 303),
    "show-the-cart": FeatureRequest(make_session_request("/cart")),
    "place-the-order": FeatureRequest(build_order_form, 303),
    "show-one-order": FeatureRequest(build_order_request),
    "show-the-sign-in-form": FeatureRequest(make_session_request("/login")),
    "sign-in": FeatureRequest(build_sign_in_form, 303),
    "sign-out": FeatureRequest(build_sign_out_form, 303),
    "show-the-kitchen": FeatureRequest(make_staff_request("/kitchen")),
    "move-an-order-along": FeatureRequest(build_order_move_form, 303),
    "change-a-dishs-photo": FeatureRequest(build_photo_upload, 303),
    "serve-a-photo": FeatureRequest(build_photo_request),
    "export-the-orders": FeatureRequest(make_staff_request("/kitchen/orders.csv")),
    "list-the-dishes-for-programs": FeatureRequest(
        lambda _: Request("/api/dishes?q=so&course=starter")
    ),
    "show-one-dish-to-a-program": FeatureRequest(lambda _: Request(f"/api{DISH_PATH}")),
    "place-an-order-by-program": FeatureRequest(lambda _: API_ORDER_REQUEST, 201),
    "change-a-dish-by-program": FeatureRequest(build_dish_change),
    "describe-the-programs-side": FeatureRequest(lambda _: Request("/api/openapi.json")),
    "tell-how-a-request-travels": FeatureRequest(make_session_request("/about")),
    "report-health": FeatureRequest(lambda _: Request("/health")),
    "serve-a-static-file": FeatureRequest(make_session_request("/static/site.css")),
    "show-what-went-wrong": FeatureRequest(make_session_request("/nowhere"), 404),
}
