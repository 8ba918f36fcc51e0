"""Define one valid request for each feature, sent by a client with a session or by staff.

A client with a session has a dish in its cart. For a member of staff, an order was placed before.
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
    """A function that builds a request, and the status of the valid reply."""

    build_request: Callable[[SessionClient], Request]
    status: int = 200


def make_session_request(target: str) -> Callable[[SessionClient], Request]:
    """Return a function that builds the request of a client with a session for a page."""

    def build_request(client: SessionClient) -> Request:
        fill_cart(client)
        return Request(target, environ=client.build_headers())

    return build_request


def make_staff_request(target: str) -> Callable[[SessionClient], Request]:
    """Return a function that builds the request of a member of staff for a page."""

    def build_request(client: SessionClient) -> Request:
        place_api_order(client)
        sign_in(client)
        return Request(target, environ=client.build_headers())

    return build_request


def place_api_order(client: SessionClient) -> str:
    """Place an order through the JSON API, and return the path of the order."""
    return urlsplit(client.send(API_ORDER_REQUEST, 201).header("Location")).path


def sign_in(client: SessionClient) -> None:
    """Sign the client in as a member of staff."""
    client.submit(client.build_form_request("/login", "/login", **STAFF_CREDENTIALS))


def build_order_request(client: SessionClient) -> Request:
    """Place an order, and return the request for its page."""
    placed = client.submit(build_order_form(client))
    return Request(urlsplit(placed.header("Location")).path, environ=client.build_headers())


def build_cart_form(client: SessionClient) -> Request:
    """Return the request that puts more portions in the cart."""
    fill_cart(client)
    return client.build_form_request(DISH_PATH, "/cart", dish_id=str(ORDERED_DISH_ID), quantity="2")


def build_review_form(client: SessionClient) -> Request:
    """Return the request that submits the review form."""
    fill_cart(client)
    values = {"author": "Grete", "rating": "5", "body": "As good as at home."}
    return client.build_form_request(DISH_PATH, f"{DISH_PATH}/reviews", **values)


def build_sign_in_form(client: SessionClient) -> Request:
    """Return the request that submits the sign-in form, with a dish in the cart."""
    fill_cart(client)
    return client.build_form_request("/login", "/login", **STAFF_CREDENTIALS)


def build_sign_out_form(client: SessionClient) -> Request:
    """Return the request that signs a member of staff out."""
    sign_in(client)
    return client.build_form_request("/kitchen", "/logout")


def build_order_move_form(client: SessionClient) -> Request:
    """Return the request that moves an order to the status "cooking"."""
    path = place_api_order(client)
    sign_in(client)
    return client.build_form_request("/kitchen", f"/kitchen{path}", status="cooking")


def build_photo_request(client: SessionClient) -> Request:
    """Return the request for the photo of a dish, with a dish in the cart."""
    fill_cart(client)
    dish = json.loads(client.get_page(f"/api/dishes/{PHOTO_DISH_ID}").body)
    return Request(f"/photos/{dish['photo']}", environ=client.build_headers())


def build_dish_change(client: SessionClient) -> Request:
    """Return the request of the JSON API that changes a dish."""
    dish = json.loads(client.get_page(f"/api{DISH_PATH}").body)
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
