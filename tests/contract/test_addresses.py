"""Redirects and links lead to this site, whatever host name the request gives."""

import re

import pytest

from bench.conformance.pictures import MAX_PHOTO_BYTES
from tests.contract.expect import is_error_page, is_page
from tests.contract.guest import Guest
from tests.contract.levels import hardening
from tests.contract.page import Page
from tests.contract.reply import Reply
from tests.contract.site import OwnDish, Site

KITCHEN = pytest.mark.feature("show-the-kitchen")
WRONG = pytest.mark.feature("show-what-went-wrong")
EVIL = "evil.example"
# Headers in which proxies, or any client, give the host name and path of the site.
FORWARDING = {
    "Forwarded": f"for=192.0.2.1;host={EVIL};proto=https",
    "X-Forwarded-Host": EVIL,
    "X-Forwarded-Server": EVIL,
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Protocol": "https",
    "X-Forwarded-Ssl": "on",
    "X-Forwarded-Scheme": "https",
    "X-Url-Scheme": "https",
    "Front-End-Https": "on",
    "X-Forwarded-For": "192.0.2.1",
    "X-Forwarded-Port": "4711",
    "X-Forwarded-Prefix": f"/{EVIL}",
    "X-Forwarded-Path": f"/{EVIL}",
    "X-Script-Name": f"/{EVIL}",
    "Script-Name": f"/{EVIL}",
    "X-Original-Host": EVIL,
    "X-Host": EVIL,
    "X-Http-Host-Override": EVIL,
    "X-Original-URL": f"/{EVIL}",
    "X-Rewrite-URL": f"/{EVIL}",
    "X-Real-IP": "192.0.2.1",
    "X-Proxy-Url": f"https://{EVIL}/",
    "Base-Url": f"https://{EVIL}/",
    "Destination": f"https://{EVIL}/",
    "X-PY4WEB-APPNAME": EVIL,
    "X-Web2py-Appname": EVIL,
    "X-VHM-Host": EVIL,
    "X-VHM-Root": f"/{EVIL}",
}
URI = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")


def leads_to_sign_in(reply: Reply) -> None:
    assert reply.status == 303, f"{reply.status} instead of 303"
    assert reply.headers["Location"] == "/login?next=/kitchen", reply.headers["Location"]
    names_no_stranger(reply)


def names_no_stranger(reply: Reply) -> None:
    assert EVIL not in repr(reply.headers)
    assert EVIL not in reply.text


@KITCHEN
@pytest.mark.parametrize("header", FORWARDING)
@hardening("addresses")
def test_a_redirect_believes_no_header_that_anybody_may_send(site: Site, header: str) -> None:
    leads_to_sign_in(site.program.get("/kitchen", headers={header: FORWARDING[header]}))


@KITCHEN
@hardening("addresses")
def test_a_redirect_believes_no_header_of_many(site: Site) -> None:
    leads_to_sign_in(site.program.get("/kitchen", headers=FORWARDING))


@KITCHEN
@pytest.mark.parametrize("host", [EVIL, f"{EVIL}:80", f"user@{EVIL}", EVIL.upper(), f"{EVIL}."])
@hardening("addresses")
def test_a_redirect_does_not_believe_a_foreign_host(site: Site, host: str) -> None:
    reply = site.ask("/kitchen", host=host)
    if reply.status != 400:  # a framework may refuse a name it does not know
        leads_to_sign_in(reply)


@KITCHEN
@hardening("addresses")
def test_a_redirect_needs_no_host(site: Site) -> None:
    reply = site.exchange.ask_raw(b"GET /kitchen HTTP/1.0\r\n\r\n")
    if reply.status != 400:
        leads_to_sign_in(reply)


@pytest.mark.feature("put-a-dish-in-the-cart")
@hardening("addresses")
def test_a_redirect_after_a_form_is_a_path(guest: Guest, dish: OwnDish) -> None:
    form = {**guest.csrf("/cart"), "dish_id": str(dish.id), "quantity": "1"}
    names = {"Host": EVIL, "X-Forwarded-Host": EVIL, "Origin": "", "Referer": ""}
    body = "&".join(f"{name}={text}" for name, text in form.items()).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = guest.request("POST", "/cart", {**kind, **names}, body)
    names_no_stranger(reply)
    assert reply.status in (303, 400, 403)
    if reply.status == 303:
        assert reply.headers["Location"] == "/cart"


@pytest.mark.feature("place-an-order-by-program")
@hardening("addresses")
def test_the_address_of_a_new_order_is_a_path(guest: Guest, dish: OwnDish) -> None:
    order = {"guest": "Robot", "lines": [{"dish_id": dish.id, "quantity": 1}]}
    reply = guest.send("POST", "/api/orders", order, {"X-Forwarded-Host": EVIL, "Host": EVIL})
    names_no_stranger(reply)
    assert reply.status in (201, 400)
    if reply.status == 201:
        assert re.fullmatch("/orders/[0-9a-f]{20}", reply.headers["Location"])


@WRONG
@pytest.mark.parametrize(
    "path",
    ["/", "/dishes", "/dishes/1", "/login", "/about", "/none", "/api/none", "/static", "/static/",
     "/kitchen/", "/dishes/", "/static/dishes"],
)  # fmt: skip
@hardening("addresses")
def test_no_reply_names_a_foreign_host(site: Site, path: str) -> None:
    for headers in ({"Host": EVIL}, FORWARDING):
        names_no_stranger(site.program.get(path, headers=headers))


@WRONG
@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
@hardening("methods")
def test_a_header_does_not_change_the_method(site: Site, header: str) -> None:
    assert site.program.get("/", headers={header: "POST"}).status == 200
    is_error_page(site.program.get("/orders", headers={header: "POST"}), 405)


@WRONG
@pytest.mark.parametrize(
    ("method", "target"),
    [("GET", "x/y"), ("GET", "dishes"), ("POST", "x/y"), ("GET", "*"), ("OPTIONS", "*"),
     ("GET", "x:y"), ("GET", ".."), ("HEAD", "x"),
     ("GET", ";x"), ("GET", "static/site.css"), ("GET", "api/dishes")],
)  # fmt: skip
@hardening("addresses")
def test_a_target_that_does_not_begin_with_a_slash_is_refused(
    site: Site, method: str, target: str
) -> None:
    reply = site.ask(target, method)
    assert reply.status in ((400, 404, 405) if method != "POST" else (400, 403, 404, 405))
    assert b"Traceback" not in reply.content


@pytest.mark.feature("show-the-menu")
@pytest.mark.parametrize("rest", ["", "/", "?q=soup"])
@hardening("addresses")
def test_a_whole_address_as_target_is_read_as_its_path(site: Site, rest: str) -> None:
    reply = site.ask(f"{site.url}{rest}")  # RFC 9112, 3.2.2: without a path it is "/"
    if rest.startswith("/") or reply.status != 400:
        assert reply.status == 200
        assert Page(reply).texts("h2"), "not the menu"


@WRONG
@pytest.mark.parametrize("target", ["//dishes", "///", "/dishes//1", "/./dishes", "/dishes/../"])
@hardening("addresses")
def test_a_target_of_odd_segments_does_no_harm(site: Site, target: str) -> None:
    reply = site.ask(target)
    assert reply.status in (200, 301, 302, 303, 307, 308, 400, 404)
    location = reply.headers.get("Location")
    assert not location.startswith(("//", "/\\")), location


@pytest.mark.feature("show-one-dish")
@pytest.mark.parametrize(
    "dish_id",
    ["1%5Cx", "1\\x", "1%2Fx", "1%3Fx", "1%23x", "1;x", "1:x", "1@x", "1,2", "1%09", "%201", "1.",
     "1.html", "1.json", "1%0A", "1%0D%0A", "1%85", "++view++x", "@@x", "1%7F", "1e"],
)  # fmt: skip
@hardening("identifiers")
def test_an_address_that_goes_on_is_no_dish(site: Site, dish_id: str) -> None:
    assert site.ask(f"/dishes/{dish_id}").status in (400, 404)


@pytest.mark.feature("search-the-dishes")
@pytest.mark.parametrize(
    "words",
    ["\"'></title>{{7*7}}/x", "{|}^`\\", "a b+c%20d", "ä€🍨", "<>&;#?", "../..//", "%%%", "[[x]]"],
)
@hardening("addresses")
def test_a_link_has_only_the_characters_of_an_address(
    site: Site, dish: OwnDish, words: str
) -> None:
    page = is_page(site.program.get("/dishes", params={"q": words, "page": "2"}))
    for link in page.all("a, form, img, link, script"):
        for name in ("href", "src", "action"):
            address = link.attributes.get(name) or ""
            assert URI.fullmatch(address), address
    back = str(page.one("nav.pages a[rel=prev]").attributes["href"])
    assert Page(site.program.get(back)).value("input[name=q]") == words


@WRONG
@pytest.mark.parametrize("start", ["/", "/dishes", "/static", "/photos", "/orders/"])
@pytest.mark.parametrize("segment", ["/..", "/a", "a:", "a."])
@hardening("limits")
def test_a_very_long_address_is_unknown(guest: Guest, start: str, segment: str) -> None:
    reply = guest.request("GET", start + segment * (200_000 // len(segment)))
    assert reply.status in (400, 404, 414)
    is_error_page(reply, reply.status)


@WRONG
@pytest.mark.parametrize("address", ["/%c3", "/%ff/", "//", "/%0a", "/photos/%c3"])
@hardening("limits")
def test_a_body_over_the_limit_at_an_odd_address_is_refused(guest: Guest, address: str) -> None:
    reply = guest.request("POST", address, {}, b"a" * (MAX_PHOTO_BYTES + 200_000))
    assert reply.status in (400, 404, 413)
    is_error_page(reply, reply.status)
