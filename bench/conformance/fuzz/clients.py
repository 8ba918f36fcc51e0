"""Sign in the clients of a site (a guest, a guest with a cart, staff) and read marker values."""

from urllib.parse import urlencode, urlsplit

from bench.conformance import site_constants
from bench.conformance.canonical_dom import SITE_HIDDEN_FIELDS
from bench.conformance.differential.http_client import HttpSession, Reply, Request
from bench.conformance.differential.sites import Site
from bench.conformance.fuzz.probes import CART, GUEST, STAFF
from bench.conformance.fuzz.templates import Values
from bench.conformance.pictures import SHORT_PNG
from bench.core.errors import DependencyError

PASSWORD = site_constants.STAFF_CREDENTIALS["password"]
TAGGED_PATHS = {
    "menu": "/",
    "dish": "/dishes/1",
    "api": "/api/dishes/1",
    "file": "/static/site.css",
}


def sign_in_clients(site: Site) -> dict[str, Values]:
    """Return the values of the markers by client; raise DependencyError if a step is refused."""
    session = site.http_session
    for client in (STAFF, CART):
        fill_cart(site, client)
    send_checked(site, Request(CART, "GET", "/cart"))
    send_checked(site, Request(CART, "POST", "/orders", fields={"guest": "Ann"}), 303)
    fill_cart(site, CART)
    send_checked(site, Request(STAFF, "GET", "/login"))
    fields = {"username": "ada", "password": PASSWORD}
    send_checked(site, Request(STAFF, "POST", "/login", fields=fields), 303)
    send_checked(site, Request(STAFF, "GET", "/dishes/1"))
    photo = Request(STAFF, "POST", "/kitchen/dishes/1/photo", fields={}, photo=SHORT_PNG)
    send_checked(site, photo, 303)
    send_checked(site, Request(STAFF, "GET", "/dishes/1"))
    shared = read_shared_values(site, session.browsers[STAFF].photo)
    send_checked(site, Request(CART, "GET", "/dishes/1"))
    return {
        GUEST: shared,
        CART: shared | read_client_values(session, CART),
        STAFF: shared | read_client_values(session, STAFF),
    }


def fill_cart(site: Site, client: str) -> None:
    """Put a dish in a client's cart."""
    send_checked(site, Request(client, "GET", "/dishes/1"))
    send_checked(
        site, Request(client, "POST", "/cart", fields={"dish_id": "1", "quantity": "2"}), 303
    )


def send_checked(site: Site, request: Request, status: int = 200) -> Reply:
    """Return the reply to a request; raise DependencyError for another status than expected."""
    reply = site.http_session.send(request)
    if reply.status != status:
        raise DependencyError(
            f"{site.name}: {request.method} {request.path} replied with {reply.status}, "
            f"not {status}; run: cookoff contract {site.name}"
        )
    return reply


def read_shared_values(site: Site, photo: str) -> dict[str, bytes]:
    """Return the values that are the same for all clients."""
    netloc = urlsplit(site.host.url).netloc
    code = site.http_session.order_codes[0] if site.http_session.order_codes else "none"
    values = {
        "host": netloc.encode(),
        "origin": site.host.url.encode(),
        "order": code.encode(),
        "photo": photo.encode(),
        "cookies": b"larder_session=none",
        "csrf": b"csrf_token=none",
    }
    for name, path in {**TAGGED_PATHS, "photo": f"/photos/{photo}"}.items():
        reply = send_checked(site, Request("values", "GET", path))
        values[f"etag-{name}"] = (reply.get_first("etag") or '"none"').encode("latin-1")
        values["date-file"] = (reply.get_first("last-modified") or "none").encode("latin-1")
    return values


def read_client_values(session: HttpSession, client: str) -> dict[str, bytes]:
    """Return a client's cookies and the hidden fields of its forms."""
    browser = session.browsers[client]
    cookies = "; ".join(f"{name}={text}" for name, text in browser.cookies.items())
    hidden = browser.find_hidden_fields("/dishes/1/reviews")
    csrf = {name: text for name, text in hidden.items() if name not in SITE_HIDDEN_FIELDS}
    return {"cookies": cookies.encode("latin-1"), "csrf": urlencode(csrf).encode()}


def relocate_values(values: dict[str, Values], url: str) -> dict[str, Values]:
    """Return the values of a site that moved to another address."""
    moved = {"host": urlsplit(url).netloc.encode(), "origin": url.encode()}
    return {client: {**old, **moved} for client, old in values.items()}
