"""The clients of a site: a guest, a guest with a cart, staff; and the values of their markers."""

from urllib.parse import urlencode, urlsplit

from bench.conformance import site_constants
from bench.conformance.canonical_dom import OWN_HIDDEN_FIELDS
from bench.conformance.differential.http_client import Reply, Request, Visit
from bench.conformance.differential.sites import Site
from bench.conformance.fuzz.probes import CART, GUEST, STAFF
from bench.conformance.fuzz.templates import Values
from bench.core.errors import Missing

PASSWORD = site_constants.STAFF["password"]
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 24
TAGS = {"menu": "/", "dish": "/dishes/1", "api": "/api/dishes/1", "file": "/static/site.css"}


def sign_in(site: Site) -> dict[str, Values]:
    """Return the values of the markers, by client; raise Missing where a step is refused."""
    visit = site.visit
    for client in (STAFF, CART):
        fill_cart(site, client)
    asked(site, Request(CART, "GET", "/cart"))
    asked(site, Request(CART, "POST", "/orders", fields={"guest": "Ann"}), 303)
    fill_cart(site, CART)
    asked(site, Request(STAFF, "GET", "/login"))
    fields = {"username": "ada", "password": PASSWORD}
    asked(site, Request(STAFF, "POST", "/login", fields=fields), 303)
    asked(site, Request(STAFF, "GET", "/dishes/1"))
    photo = Request(STAFF, "POST", "/kitchen/dishes/1/photo", fields={}, photo=PNG)
    asked(site, photo, 303)
    asked(site, Request(STAFF, "GET", "/dishes/1"))
    shared = values_of(site, visit.browsers[STAFF].photo)
    asked(site, Request(CART, "GET", "/dishes/1"))
    return {
        GUEST: shared,
        CART: shared | own_values(visit, CART),
        STAFF: shared | own_values(visit, STAFF),
    }


def fill_cart(site: Site, client: str) -> None:
    """Put a dish into a client's cart."""
    asked(site, Request(client, "GET", "/dishes/1"))
    asked(site, Request(client, "POST", "/cart", fields={"dish_id": "1", "quantity": "2"}), 303)


def asked(site: Site, request: Request, status: int = 200) -> Reply:
    """Return the reply to a request; raise Missing where it is another than expected."""
    reply = site.visit.ask(request)
    if reply.status != status:
        raise Missing(
            f"{site.name}: {request.method} {request.path} answered {reply.status}, not {status}; "
            f"run: cookoff contract {site.name}"
        )
    return reply


def values_of(site: Site, photo: str) -> dict[str, bytes]:
    """Return the values that do not depend on the client."""
    netloc = urlsplit(site.host.url).netloc
    code = site.visit.orders[0] if site.visit.orders else "none"
    values = {
        "host": netloc.encode(),
        "origin": site.host.url.encode(),
        "order": code.encode(),
        "photo": photo.encode(),
        "cookies": b"larder_session=none",
        "csrf": b"csrf_token=none",
    }
    for name, path in {**TAGS, "photo": f"/photos/{photo}"}.items():
        reply = asked(site, Request("values", "GET", path))
        values[f"etag-{name}"] = (reply.first("etag") or '"none"').encode("latin-1")
        values["date-file"] = (reply.first("last-modified") or "none").encode("latin-1")
    return values


def own_values(visit: Visit, client: str) -> dict[str, bytes]:
    """Return a client's cookies and the hidden fields of its forms."""
    browser = visit.browsers[client]
    cookies = "; ".join(f"{name}={text}" for name, text in browser.cookies.items())
    hidden = browser.hidden("/dishes/1/reviews")
    csrf = {name: text for name, text in hidden.items() if name not in OWN_HIDDEN_FIELDS}
    return {"cookies": cookies.encode("latin-1"), "csrf": urlencode(csrf).encode()}


def relocated(values: dict[str, Values], url: str) -> dict[str, Values]:
    """Return the values of a site that moved to another address."""
    moved = {"host": urlsplit(url).netloc.encode(), "origin": url.encode()}
    return {client: {**old, **moved} for client, old in values.items()}
