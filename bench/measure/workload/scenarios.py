"""Which pages are timed? TechEmpower's six, and nine of the site's own."""

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.agent.prepared_request import KEY
from bench.conformance.site_constants import STAFF
from bench.core.errors import Misuse
from bench.measure.workload import reply_checks
from bench.measure.workload.client import Guest
from bench.measure.workload.reply_checks import Check
from bench.measure.workload.worker import Request, Worker
from shared_db import Larder

SITE, TECHEMPOWER = "app", "techempower"  # modules of a framework's folder
ORDERED, HUNG = 7, 24  # the dish that is ordered, and the one whose photo changes
STOCK = 10_000  # portions, the most that the larder takes
PNG = b"\x89PNG\r\n\x1a\n"
UPLOAD_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Page:
    """A page, and what the reply to it must be."""

    name: str
    request: Request | Callable[[Guest], Request]  # or how a guest comes to make it
    status: int = 200
    marker: bytes = b""  # these bytes are in every right body
    check: Check = reply_checks.same_page
    module: str = SITE

    def request_for(self, worker: Worker) -> Request:
        """Return the request; a guest of the worker's application makes it where it takes one."""
        return self.request if isinstance(self.request, Request) else self.request(Guest(worker))


def filled_cart(guest: Guest) -> None:
    """Put a portion in the cart."""
    dish = f"/dishes/{ORDERED}"
    guest.submit(guest.form(dish, "/cart", dish_id=str(ORDERED), quantity="1"))


def cart(guest: Guest) -> Request:
    """Return the request for a cart that has something in it."""
    filled_cart(guest)
    return Request("/cart", environ=guest.headers())


def order_by_form(guest: Guest) -> Request:
    """Return the order form, filled in."""
    filled_cart(guest)
    return guest.form("/cart", "/orders", guest="Grete", idempotency_key=KEY)


def photo_upload(guest: Guest) -> Request:
    """Return a cook's form with a photo of 1 MiB."""
    guest.submit(guest.form("/login", "/login", **STAFF))
    action = f"/kitchen/dishes/{HUNG}/photo"
    photo = PNG + bytes(UPLOAD_BYTES - len(PNG))
    return guest.upload(f"/dishes/{HUNG}", action, "photo", photo)


ORDER = {"guest": "Grete", "lines": [{"dish_id": ORDERED, "quantity": 1}]}
BY_PROGRAM = Request(
    "/api/orders",
    "POST",
    json.dumps(ORDER).encode(),
    {"CONTENT_TYPE": "application/json", "HTTP_IDEMPOTENCY_KEY": KEY},
)


def techempower(name: str, check: Check, marker: bytes, query: str = "") -> Page:
    """Return one of TechEmpower's tests."""
    request = Request(f"/{name}{query}")
    return Page(name, request, marker=marker, check=check, module=TECHEMPOWER)


PAGES = (
    techempower("plaintext", reply_checks.same_bytes, b"Hello, World!"),
    techempower("json", reply_checks.same_json, b"Hello, World!"),
    techempower("db", reply_checks.same_shape, b"randomNumber"),
    techempower("queries", reply_checks.same_shape, b"randomNumber", "?queries=20"),
    techempower("updates", reply_checks.same_shape, b"randomNumber", "?queries=20"),
    techempower("fortunes", reply_checks.same_cells, "フレームワーク".encode()),
    Page("menu", Request("/"), marker=b"Leek soup"),
    Page("search", Request("/dishes?q=so&course=starter"), marker=b"Leek soup"),
    Page("dish", Request("/dishes/1"), marker=b"Leek soup"),
    Page("cart", cart, marker="Käsespätzle".encode()),
    Page("order by form", order_by_form, 303, check=reply_checks.same_goal),
    Page("order by program", BY_PROGRAM, 201, b"code", reply_checks.same_shape),
    Page("photo upload", photo_upload, 303, check=reply_checks.same_goal),
    Page("static file", Request("/static/site.css"), marker=b"{", check=reply_checks.same_bytes),
    Page("not found", Request("/nowhere"), 404, b"404"),
)
QUICK = ("menu", "dish", "order by form")
NAMES = tuple(page.name for page in PAGES)


def pages_called(names: Sequence[str]) -> list[Page]:
    """Return the pages of these names, blanks or dashes in them; raise Misuse for another."""
    wanted = [name.replace("-", " ") for name in names]
    for name in wanted:
        if name not in NAMES:
            known = ", ".join(one.replace(" ", "-") for one in NAMES)
            raise Misuse(f"no page is called {name!r}; one of: {known}")
    return [page for page in PAGES if page.name in wanted]


def lay_in(larder: Larder) -> None:
    """Make a larder ready: a photo where one will change, and portions enough."""
    larder.photos.keep(HUNG, io.BytesIO(PNG))
    restock(larder)


def restock(larder: Larder) -> None:
    """Fill up the dish that is ordered, so that it never sells out."""
    larder.dishes.change(ORDERED, {"portions": STOCK}, None)
