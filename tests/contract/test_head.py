"""HEAD: the headers of GET, without the body."""

import pytest

from tests.contract.guest import COOKIE, Guest
from tests.contract.levels import hardening
from tests.contract.site import Site

ADDRESSES = {
    "/": "show-the-menu",
    "/dishes": "search-the-dishes",
    "/dishes/1": "show-one-dish",
    "/cart": "show-the-cart",
    "/orders/{code}": "show-one-order",
    "/login": "show-the-sign-in-form",
    "/kitchen": "show-the-kitchen",
    "/kitchen/orders.csv": "export-the-orders",
    "/photos/{photo}": "serve-a-photo",
    "/api/dishes": "list-the-dishes-for-programs",
    "/api/dishes/1": "show-one-dish-to-a-program",
    "/api/openapi.json": "describe-the-programs-side",
    "/about": "tell-how-a-request-travels",
    "/health": "report-health",
    "/static/site.css": "serve-a-static-file",
    "/no-such-page": "show-what-went-wrong",
    "/api/no-such-page": "show-what-went-wrong",
}


@pytest.mark.parametrize(
    "address", [pytest.param(a, marks=pytest.mark.feature(f)) for a, f in ADDRESSES.items()]
)
@hardening("methods")
def test_head_is_get_without_the_body(
    site: Site, there: dict[str, str], cook: Guest, address: str
) -> None:
    target = address.format(**there)
    cookie = {"cookie": f"{COOKIE}={cook.token}"}
    get, head = (site.ask(target, method, **cookie) for method in ("GET", "HEAD"))
    assert head.status == get.status
    # Waitress adds the end of a chunked body to every reply without a length.
    assert head.content in (b"", b"0\r\n\r\n"), "HEAD has a body"
    assert head.headers.get("content-type") == get.headers.get("content-type")
    assert head.headers.get("etag") == get.headers.get("etag")
    length = int(head.headers.get("content-length") or 0)
    expected = int(get.headers.get("content-length", str(len(get.content))))
    # The page with the time of its queries may be a few digits longer the next time.
    assert not length or abs(length - expected) <= (4 if address == "/about" else 0)
