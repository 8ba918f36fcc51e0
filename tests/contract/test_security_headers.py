"""Security headers: every kind of reply has each of them once."""

from collections.abc import Callable

import pytest

from tests.contract.expect import carries_security_headers
from tests.contract.guest import Guest
from tests.contract.levels import hardening
from tests.contract.reply import Reply
from tests.contract.site import BEARER, Site

KINDS: dict[str, tuple[str, Callable[[Site, dict[str, str]], Reply]]] = {
    "a page": ("show-the-menu", lambda s, t: s.program.get("/")),
    "a page not modified": (
        "show-the-menu",
        lambda s, t: s.program.get("/", headers={"If-None-Match": "*"}),
    ),
    "a page with a form": ("show-the-sign-in-form", lambda s, t: s.guest().get("/login")),
    "a search refused": ("search-the-dishes", lambda s, t: s.program.get("/dishes?page=0")),
    "a redirect": ("show-the-kitchen", lambda s, t: s.program.get("/kitchen")),
    "a redirect after a form": ("sign-out", lambda s, t: s.guest().post("/logout")),
    "a form without its token": ("sign-out", lambda s, t: s.guest().post_bare("/logout")),
    "a sign-in refused": ("sign-in", lambda s, t: s.guest().sign_in(password="wrong")),
    "a cart refused": ("put-a-dish-in-the-cart", lambda s, t: s.guest().put(1, "many")),
    "a review refused": ("write-a-review", lambda s, t: s.guest().post("/dishes/1/reviews")),
    "a page that is not there": ("show-what-went-wrong", lambda s, t: s.program.get("/none")),
    "a method that is not there": (
        "show-what-went-wrong",
        lambda s, t: s.program.get("/logout"),
    ),
    "a list as JSON": ("list-the-dishes-for-programs", lambda s, t: s.program.get("/api/dishes")),
    "an order by program": (
        "place-an-order-by-program",
        lambda s, t: s.program.send("POST", "/api/orders", {}),
    ),
    "a change without a token": (
        "change-a-dish-by-program",
        lambda s, t: s.program.send("PATCH", "/api/dishes/1", {}),
    ),
    "a change without a version": (
        "change-a-dish-by-program",
        lambda s, t: s.program.send("PATCH", "/api/dishes/1", {}, BEARER),
    ),
    "the description of the API": (
        "describe-the-programs-side",
        lambda s, t: s.program.get("/api/openapi.json"),
    ),
    "a problem": ("show-what-went-wrong", lambda s, t: s.program.get("/api/none")),
    "the export": ("export-the-orders", lambda s, t: s.cook.get("/kitchen/orders.csv")),
    "a photo": ("serve-a-photo", lambda s, t: s.program.get(f"/photos/{t['photo']}")),
    "a photo that is not there": ("serve-a-photo", lambda s, t: s.program.get("/photos/x.png")),
    "a static file": ("serve-a-static-file", lambda s, t: s.program.get("/static/site.css")),
    "a static file that is not there": (
        "serve-a-static-file",
        lambda s, t: s.program.get("/static/none"),
    ),
    "health": ("report-health", lambda s, t: s.program.get("/health")),
    "an answer to HEAD": ("show-the-menu", lambda s, t: s.program.request("HEAD", "/")),
}


@pytest.mark.parametrize(
    "kind", [pytest.param(k, marks=pytest.mark.feature(KINDS[k][0])) for k in KINDS]
)
@hardening("conditions", "a page not modified")
@hardening("methods", "an answer to HEAD")
def test_every_reply_carries_the_security_headers(
    site: Site, there: dict[str, str], kind: str
) -> None:
    carries_security_headers(KINDS[kind][1](site, there).headers)


@pytest.mark.feature("show-the-menu")
def test_who_may_frame_the_site_can_be_set(spare: Site) -> None:
    carries_security_headers(spare.program.get("/").headers, frame_ancestors="'self'")


@pytest.mark.feature("serve-a-static-file")
@hardening("conditions")
def test_a_file_not_modified_carries_the_security_headers(guest: Guest) -> None:
    headers = guest.get("/static/site.css").headers
    conditions = {"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}
    held = {ask: headers[has] for ask, has in conditions.items() if has in headers}
    reply = guest.get("/static/site.css", headers=held)
    assert reply.status == 304
    carries_security_headers(reply.headers)
