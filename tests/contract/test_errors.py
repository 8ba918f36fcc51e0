"""Errors: an HTML page, or problem+json under /api, without internals."""

import pytest

from tests.contract.expect import is_error_page, is_json, is_problem
from tests.contract.guest import Guest
from tests.contract.levels import hardening
from tests.contract.site import BEARER, OwnDish, Site

pytestmark = pytest.mark.feature("show-what-went-wrong")
BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "path",
    ["/none", "/none/", "/%0a", "/dishes%0a", "/%0d", "/about%0a", "/health%0a", "/cart%0a",
     "/login%0A", "/dishes/1/none", "/kitchen/none", "/menu.html", "/index.php", "/%00",
     "/%F0%9F%8D%B2", "/" + "a" * 4000, "/a/b/c/d/e/f", "/.git/config", "/apifoo", "/APi/dishes"],
    ids=lambda path: path[:20],
)  # fmt: skip
@hardening(
    "addresses",
    "/kitchen/none",
    "/%0a",
    "/dishes%0a",
    "/%0d",
    "/about%0a",
    "/health%0a",
    "/cart%0a",
    "/login%0A",
    "/%00",
    "/aaaaaaaaaaaaaaaaaaa",
)
def test_a_page_that_is_not_there_is_not_found(guest: Guest, path: str) -> None:
    is_error_page(guest.get(path), 404)


@pytest.mark.parametrize("base", ["/login", "/cart", "/logout", "/about"])
@pytest.mark.parametrize("rest", ["/.", "/x", "/..", "/.html"])
@hardening("addresses")
def test_an_address_that_goes_on_is_not_found(guest: Guest, base: str, rest: str) -> None:
    is_error_page(guest.get(base + rest), 404)
    is_error_page(guest.post(base + rest, {"next": "/about"}), 404)


@pytest.mark.parametrize("path", ["/api/none", "/api/dishes/1/none", "/api/orders/1", "/api/%00"])
@hardening("addresses", "/api/%00", "/api/orders/1")
def test_an_address_of_the_api_that_is_not_there_is_a_problem(site: Site, path: str) -> None:
    is_problem(site.program.get(path), 404)


def test_a_form_for_a_page_that_is_not_there_is_not_found(guest: Guest) -> None:
    is_error_page(guest.post("/none", {"a": "b"}), 404)


def allowed(headers: dict[str, str]) -> set[str]:
    return {name.strip() for name in headers.get("Allow", "").split(",")} - {"", "OPTIONS"}


SHOWN = ["/", "/dishes", "/dishes/1", "/kitchen", "/about", "/orders/none", "/health"]
SENT_TO = ["/orders", "/logout", "/dishes/1/reviews", "/kitchen/orders/none",
           "/kitchen/dishes/1/photo"]  # fmt: skip


@pytest.mark.parametrize("path", SHOWN)
def test_a_form_for_a_page_that_only_shows_is_refused(guest: Guest, path: str) -> None:
    reply = guest.post(path, {"a": "b"})
    assert reply.status in (400, 404, 405)
    is_error_page(reply, reply.status)


@pytest.mark.parametrize("path", SHOWN)
@hardening("methods")
def test_a_page_that_only_shows_names_its_methods(guest: Guest, path: str) -> None:
    reply = guest.post(path, {"a": "b"})
    is_error_page(reply, 405)
    assert allowed(reply.headers) == {"GET", "HEAD"}


@pytest.mark.parametrize("path", SENT_TO)
def test_an_address_that_only_takes_forms_cannot_be_looked_at(cook: Guest, path: str) -> None:
    reply = cook.get(path)
    assert reply.status in (400, 404, 405)
    is_error_page(reply, reply.status)


@pytest.mark.parametrize("path", SENT_TO)
@hardening("methods")
def test_an_address_that_only_takes_forms_names_its_method(cook: Guest, path: str) -> None:
    reply = cook.get(path)
    is_error_page(reply, 405)
    assert allowed(reply.headers) == {"POST"}


@pytest.mark.parametrize("path", ["/cart", "/login"])
@hardening("methods")
def test_an_address_that_does_both_says_so(guest: Guest, path: str) -> None:
    reply = guest.request("PUT", path)
    # The request has no CSRF token: a framework that checks the token first answers 403.
    assert reply.status in (403, 405)
    if reply.status == 405:
        assert allowed(reply.headers) == {"GET", "HEAD", "POST"}


API_METHODS = [
    ("POST", "/api/dishes", {"GET", "HEAD"}),
    ("DELETE", "/api/dishes", {"GET", "HEAD"}),
    ("GET", "/api/orders", {"POST"}),
    ("PATCH", "/api/orders", {"POST"}),
    ("DELETE", "/api/dishes/1", {"GET", "HEAD", "PATCH"}),
    ("POST", "/api/dishes/1", {"GET", "HEAD", "PATCH"}),
    ("PUT", "/api/openapi.json", {"GET", "HEAD"}),
]


@pytest.mark.parametrize(("method", "path"), [case[:2] for case in API_METHODS])
def test_a_method_that_the_api_does_not_know_is_a_problem(
    site: Site, method: str, path: str
) -> None:
    reply = site.program.request(method, path, headers=BEARER)
    assert reply.status in (400, 404, 405)
    is_problem(reply, reply.status)


@pytest.mark.parametrize(("method", "path", "methods"), API_METHODS)
@hardening("methods")
def test_an_address_of_the_api_names_its_methods(
    site: Site, method: str, path: str, methods: set[str]
) -> None:
    reply = site.program.request(method, path, headers=BEARER)
    is_problem(reply, 405)
    assert allowed(reply.headers) == methods


@pytest.mark.parametrize("method", ["BREW", "get", "TRACE", "CONNECT"])
@hardening("methods")
def test_a_method_nobody_knows_is_refused(site: Site, method: str) -> None:
    reply = site.ask("/", method)
    assert reply.status in (400, 403, 404, 405, 501)
    assert b"Leek" not in reply.content


def test_a_body_may_go_to_the_limit(site: Site, dish: OwnDish) -> None:
    order = b'{"guest": "R", "lines": [{"dish_id": %d, "quantity": 1}]}' % dish.id
    body = order.ljust(BODY_LIMIT_BYTES)
    is_json(site.program.request("POST", "/api/orders", JSON, body), 201)


@hardening("limits")
def test_a_program_with_a_body_past_the_limit_is_told(site: Site) -> None:
    body = b"[]".ljust(BODY_LIMIT_BYTES + 1)
    is_problem(site.program.request("POST", "/api/orders", JSON, body), 413)


@pytest.mark.parametrize("path", ["/cart", "/login", "/orders", "/logout"])
@hardening("limits")
def test_a_form_past_the_limit_is_refused(guest: Guest, path: str) -> None:
    body = b"a=".ljust(BODY_LIMIT_BYTES + 1, b"x")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    is_error_page(guest.request("POST", path, form, body), 413)


@hardening("limits")
def test_a_body_over_the_limit_is_refused_where_nobody_asked_for_it(guest: Guest) -> None:
    for path in ("/", "/static/site.css", "/none", "/photos/none.png", "/kitchen/none"):
        is_error_page(guest.request("GET", path, {}, b"a" * (3 * 1024 * 1024)), 413)


@pytest.mark.parametrize("length", ["-1", "1_0", "abc", "+5", "0x10"])
@hardening("limits")
def test_a_length_that_is_no_number_is_refused(site: Site, length: str) -> None:
    reply = site.ask("/cart", "POST", content_length=length)
    assert reply.status in (400, 403)
