"""Define the pages that are timed: TechEmpower's six tests and nine pages of the site."""

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.agent.prepared_request import KEY_PLACEHOLDER
from bench.conformance.site_constants import STAFF_CREDENTIALS
from bench.core.errors import UsageError
from bench.measure.workload import reply_checks
from bench.measure.workload.client import SessionClient
from bench.measure.workload.reply_checks import Check
from bench.measure.workload.worker import Request, Worker
from shared_db import Larder

SITE, TECHEMPOWER = "app", "techempower"  # modules of a framework's folder
ORDERED_DISH_ID, PHOTO_DISH_ID = 7, 24  # the dish that is ordered, the dish whose photo changes
STOCK_PORTIONS = 10_000  # the largest number that the database accepts
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
UPLOAD_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Page:
    """A page: its request, and what its reply must be."""

    name: str
    request: Request | Callable[[SessionClient], Request]  # or a function that builds it
    status: int = 200
    marker: bytes = b""  # bytes that every valid body contains
    check: Check = reply_checks.same_page
    module: str = SITE

    def build_request(self, worker: Worker) -> Request:
        """Return the request; a client of the worker builds a request that needs a session."""
        return (
            self.request
            if isinstance(self.request, Request)
            else self.request(SessionClient(worker))
        )


def fill_cart(client: SessionClient) -> None:
    """Put a portion in the client's cart."""
    dish = f"/dishes/{ORDERED_DISH_ID}"
    client.submit(
        client.build_form_request(dish, "/cart", dish_id=str(ORDERED_DISH_ID), quantity="1")
    )


def build_cart_request(client: SessionClient) -> Request:
    """Return the request for the page of a cart with one dish."""
    fill_cart(client)
    return Request("/cart", environ=client.build_headers())


def build_order_form(client: SessionClient) -> Request:
    """Return the request that submits the order form."""
    fill_cart(client)
    return client.build_form_request(
        "/cart", "/orders", guest="Grete", idempotency_key=KEY_PLACEHOLDER
    )


def build_photo_upload(client: SessionClient) -> Request:
    """Return the request by which a member of staff uploads a photo of 1 MiB."""
    client.submit(client.build_form_request("/login", "/login", **STAFF_CREDENTIALS))
    action = f"/kitchen/dishes/{PHOTO_DISH_ID}/photo"
    photo = PNG_SIGNATURE + bytes(UPLOAD_BYTES - len(PNG_SIGNATURE))
    return client.build_upload_request(f"/dishes/{PHOTO_DISH_ID}", action, "photo", photo)


API_ORDER = {"guest": "Grete", "lines": [{"dish_id": ORDERED_DISH_ID, "quantity": 1}]}
API_ORDER_REQUEST = Request(
    "/api/orders",
    "POST",
    json.dumps(API_ORDER).encode(),
    {"CONTENT_TYPE": "application/json", "HTTP_IDEMPOTENCY_KEY": KEY_PLACEHOLDER},
)


def build_techempower_page(name: str, check: Check, marker: bytes, query: str = "") -> Page:
    """Return the page of one of TechEmpower's tests."""
    request = Request(f"/{name}{query}")
    return Page(name, request, marker=marker, check=check, module=TECHEMPOWER)


PAGES = (
    build_techempower_page("plaintext", reply_checks.same_bytes, b"Hello, World!"),
    build_techempower_page("json", reply_checks.same_json, b"Hello, World!"),
    build_techempower_page("db", reply_checks.same_shape, b"randomNumber"),
    build_techempower_page("queries", reply_checks.same_shape, b"randomNumber", "?queries=20"),
    build_techempower_page("updates", reply_checks.same_shape, b"randomNumber", "?queries=20"),
    build_techempower_page("fortunes", reply_checks.same_cells, "フレームワーク".encode()),
    Page("menu", Request("/"), marker=b"Leek soup"),
    Page("search", Request("/dishes?q=so&course=starter"), marker=b"Leek soup"),
    Page("dish", Request("/dishes/1"), marker=b"Leek soup"),
    Page("cart", build_cart_request, marker="Käsespätzle".encode()),
    Page("order by form", build_order_form, 303, check=reply_checks.same_redirect),
    Page("order by program", API_ORDER_REQUEST, 201, b"code", reply_checks.same_shape),
    Page("photo upload", build_photo_upload, 303, check=reply_checks.same_redirect),
    Page("static file", Request("/static/site.css"), marker=b"{", check=reply_checks.same_bytes),
    Page("not found", Request("/nowhere"), 404, b"404"),
)
QUICK_PAGE_NAMES = ("menu", "dish", "order by form")
# The most requested page, a write, and a page that costs almost nothing.
MENU = "menu"
OVERVIEW_PAGE_NAMES = ("menu", "order by form", "static file")
PAGE_NAMES = tuple(page.name for page in PAGES)


def select_pages(names: Sequence[str]) -> list[Page]:
    """Return the pages of these names, written with spaces or dashes.

    Raises UsageError for an unknown name.
    """
    wanted = [name.replace("-", " ") for name in names]
    for name in wanted:
        if name not in PAGE_NAMES:
            known = ", ".join(page_name.replace(" ", "-") for page_name in PAGE_NAMES)
            raise UsageError(f"no page is called {name!r}; choose from: {known}")
    return [page for page in PAGES if page.name in wanted]


def seed_fixtures(larder: Larder) -> None:
    """Prepare a database: store the photo that an upload will replace, and fill the stock."""
    larder.photos.keep(PHOTO_DISH_ID, io.BytesIO(PNG_SIGNATURE))
    reset_stock(larder)


def reset_stock(larder: Larder) -> None:
    """Set the portions of the ordered dish to the maximum, so that it never sells out."""
    larder.dishes.change(ORDERED_DISH_ID, {"portions": STOCK_PORTIONS}, None)
