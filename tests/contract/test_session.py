"""The session: one opaque cookie, set only when needed, replaced at sign-in."""

import hashlib
import re

import pytest

from tests.contract.expect import is_page, leads_to
from tests.contract.guest import COOKIE, Guest
from tests.contract.larder import Larder
from tests.contract.levels import hardening
from tests.contract.reply import Reply
from tests.contract.site import OwnDish, Site, at_once

SIGN_IN = pytest.mark.feature("sign-in")
FORM = pytest.mark.feature("show-the-sign-in-form")
PUT = pytest.mark.feature("put-a-dish-in-the-cart")
SHOW = pytest.mark.feature("show-the-cart")
PLANTED = "planted-" + "x" * 35


def attributes_of_cookie(reply_headers: list[str]) -> dict[str, str]:
    """Return the attributes of the session's cookie, names in lower case."""
    cookies = [text for text in reply_headers if text.startswith(f"{COOKIE}=")]
    assert len(cookies) == 1, f"{len(cookies)} session cookies"
    parts = [part.strip().partition("=") for part in cookies[0].split(";")[1:]]
    return {name.lower(): text for name, _, text in parts}


@FORM
def test_the_cookie_is_kept_from_scripts_and_other_sites(guest: Guest) -> None:
    given = attributes_of_cookie(guest.get("/login").headers.get_list("Set-Cookie"))
    assert "httponly" in given
    assert given.get("samesite", "").lower() == "lax"
    assert given.get("path") == "/"


@FORM
@pytest.mark.parametrize("attribute", ["max-age", "expires", "domain", "secure"])
def test_the_cookie_over_plain_http_leaves_out(guest: Guest, attribute: str) -> None:
    given = attributes_of_cookie(guest.get("/login").headers.get_list("Set-Cookie"))
    assert attribute not in given


@FORM
def test_the_cookie_is_secure_over_https(spare: Site) -> None:
    given = attributes_of_cookie(spare.guest().get("/login").headers.get_list("Set-Cookie"))
    assert "secure" in given


@FORM
def test_the_token_is_long_and_says_nothing(site: Site, dish: OwnDish) -> None:
    tokens = set()
    for _ in range(3):
        guest = site.guest()
        guest.put(dish.id, 7)
        tokens.add(guest.token)
    assert len(tokens) == 3
    assert all(re.fullmatch(r"[\w-]{26,64}", token) for token in tokens), "not 128 random bits"


@FORM
def test_the_larder_keeps_no_token_in_clear(guest: Guest, larder: Larder) -> None:
    guest.get("/login")
    assert guest.token
    digest = hashlib.sha256(guest.token.encode()).hexdigest()
    assert larder.count("sessions", f"token_hash = '{digest}'") == 1
    assert larder.count("sessions", f"data LIKE '%{guest.token}%'") == 0


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/", marks=pytest.mark.feature("show-the-menu")),
        pytest.param("/dishes", marks=pytest.mark.feature("search-the-dishes")),
        pytest.param("/about", marks=pytest.mark.feature("tell-how-a-request-travels")),
        pytest.param("/health", marks=pytest.mark.feature("report-health")),
        pytest.param("/api/dishes", marks=pytest.mark.feature("list-the-dishes-for-programs")),
        pytest.param("/api/dishes/1", marks=pytest.mark.feature("show-one-dish-to-a-program")),
        pytest.param("/static/site.css", marks=pytest.mark.feature("serve-a-static-file")),
        pytest.param("/kitchen", marks=pytest.mark.feature("show-the-kitchen")),
        pytest.param("/no-such-page", marks=pytest.mark.feature("show-what-went-wrong")),
    ],
)
@hardening("thrift")
def test_a_page_without_a_form_gives_no_cookie(guest: Guest, path: str) -> None:
    assert "Set-Cookie" not in guest.get(path).headers


@SHOW
def test_a_guest_who_comes_back_keeps_the_token(guest: Guest, dish: OwnDish) -> None:
    guest.put(dish.id)
    token = guest.token
    for path in ("/", "/cart", dish.page):
        guest.get(path)
    assert guest.token == token


@PUT
@pytest.mark.parametrize(
    "token",
    [PLANTED, "", "a b", '"quoted"', pytest.param("x" * 4000, id="4,000 letters"), "é", "%00"],
)
@hardening(
    "limits",
    "",
    "a b",
    '"quoted"',
    "4,000 letters",
    "é",
    "%00",
)
def test_a_token_that_is_not_known_is_never_taken_on(
    site: Site, guest: Guest, dish: OwnDish, token: str
) -> None:
    cookie = {"Cookie": f"{COOKIE}={token}".encode()}
    reply = guest.get(dish.page, headers=cookie)
    assert reply.status == 200
    assert guest.token not in ("", token)
    leads_to(guest.put(dish.id), "/cart")
    other = site.program.get("/cart", headers=cookie)
    assert is_page(other).all("table.cart") == []


@SIGN_IN
def test_signing_in_gives_a_new_token_and_ends_the_old(guest: Guest) -> None:
    guest.get("/login")
    before = guest.token
    guest.sign_in()
    assert guest.token not in ("", before)
    signed_in, guest.token = guest.token, before
    leads_to(guest.get("/kitchen"), "/login?next=/kitchen")
    guest.token = signed_in
    is_page(guest.get("/kitchen"))


@SIGN_IN
def test_the_old_session_is_gone_from_the_larder(guest: Guest, larder: Larder) -> None:
    guest.get("/login")
    kept = f"token_hash = '{hashlib.sha256(guest.token.encode()).hexdigest()}'"
    assert larder.count("sessions", kept) == 1
    guest.sign_in()
    assert larder.count("sessions", kept) == 0


@SIGN_IN
def test_signing_in_gives_a_new_csrf_token(guest: Guest) -> None:
    before = guest.csrf("/login")
    guest.sign_in()
    assert guest.post_bare("/logout", before).status == 403
    is_page(guest.get("/kitchen"))


@SIGN_IN
def test_the_cart_survives_signing_in(guest: Guest, dish: OwnDish) -> None:
    guest.put(dish.id, 2)
    guest.sign_in()
    page = is_page(guest.get("/cart"))
    assert page.texts("table.cart tbody th") == [dish.name]
    assert page.text(".count") == "2"


@SIGN_IN
def test_a_refused_sign_in_does_not_sign_in_later(guest: Guest) -> None:
    guest.sign_in(password="wrong")
    leads_to(guest.get("/kitchen"), "/login?next=/kitchen")


@SIGN_IN
def test_the_cookie_given_at_sign_in_is_kept_from_scripts_too(guest: Guest) -> None:
    given = attributes_of_cookie(guest.sign_in().headers.get_list("Set-Cookie"))
    assert "httponly" in given
    assert given.get("samesite", "").lower() == "lax"
    assert "max-age" not in given


# Cookies of other software for the same host, many of them invalid by RFC 6265.
FOREIGN = [
    'x={"a":"b"}', "x=[1, 2]", "x=a,b", "x=(a)", "a b=c", "x", "=x", "x=", "x=é", 'x="',
    'x="a b"', "x=a=b=c", "$Version=1", "Path=/", "expires=Thu, 01 Jan 1970 00:00:00 GMT", "x:y=z",
    "x=%", "[x]=y", "x=<>", "HttpOnly", "secure", "x@y=z", "larder_sessions=x", "x={}/@\\",
    "domain=evil.example", "x=" + "y" * 4000, "Larder_Session=x", "samesite=None",
]  # fmt: skip


@SHOW
@pytest.mark.parametrize("foreign", FOREIGN, ids=lambda foreign: foreign[:20])
@hardening("limits")
def test_a_cookie_of_other_software_does_not_hide_the_session(
    site: Site, guest: Guest, dish: OwnDish, foreign: str
) -> None:
    guest.put(dish.id, 2)
    own = f"{COOKIE}={guest.token}"
    for cookie in (f"{foreign}; {own}", f"{own}; {foreign}", f"{foreign}; {own}; {foreign}"):
        page = is_page(site.program.get("/cart", headers={"Cookie": cookie}))
        assert page.texts("table.cart tbody th") == [dish.name], cookie


@PUT
def test_ten_tabs_that_add_ten_dishes_make_ten_lines(site: Site, guest: Guest) -> None:
    wanted = site.plain_ids[:10]
    guest.csrf("/cart")
    for reply in at_once(len(wanted), lambda number: guest.put(wanted[number], 2)):
        leads_to(reply, "/cart")
    page = is_page(guest.get("/cart"))
    assert len(page.texts("table.cart tbody th")) == len(wanted)
    assert page.text(".count") == str(2 * len(wanted))


@SIGN_IN
def test_a_dish_added_while_signing_in_is_not_lost(site: Site, guest: Guest) -> None:
    wanted = site.plain_ids[:6]
    guest.put(wanted[0])
    before = guest.token
    tabs = [Guest(site.exchange, guest.origin, keeps_cookies=False) for _ in wanted]
    csrf = guest.csrf("/cart")

    def act(number: int) -> Reply:
        if number == 0:
            return guest.sign_in()
        form = {**csrf, "dish_id": str(wanted[number]), "quantity": "1"}
        tabs[number].token = before
        return tabs[number].post_bare("/cart", form)

    guest.csrf("/login")
    replies = at_once(len(wanted), act)
    leads_to(replies[0], "/kitchen")
    # A tab with an old token is rejected; the dish of every accepted request is in the cart.
    added = 1 + sum(reply.status == 303 for reply in replies[1:])
    assert {reply.status for reply in replies[1:]} <= {303, 403}
    is_page(guest.get("/kitchen"))
    assert len(is_page(guest.get("/cart")).texts("table.cart tbody th")) == added


@pytest.mark.feature("sign-out")
def test_signing_out_ends_the_session_whatever_other_tabs_do(site: Site, dish: OwnDish) -> None:
    cook = site.guest()
    cook.sign_in()
    token = cook.token
    csrf = cook.csrf("/logout")
    review = {**csrf, "author": "A", "rating": "5", "body": "B"}

    def act(number: int) -> Reply:
        tab = Guest(site.exchange, cook.origin, keeps_cookies=False)
        tab.token = token
        if number == 0:
            return tab.post_bare("/logout", csrf)
        return tab.post_bare(f"{dish.page}/reviews", review)

    replies = at_once(5, act)
    leads_to(replies[0], "/")
    given = [reply.headers.get("Set-Cookie") for reply in replies[1:]]
    tokens = [token, *re.findall(rf"{COOKIE}=([^;]+)", " ".join(given))]
    for left in tokens:
        cook.token = left
        leads_to(cook.get("/kitchen"), "/login?next=/kitchen")


@SHOW
@pytest.mark.parametrize("cookie", ["larder_session", "=", ";;;", "a=b; larder_session=", "\xff=1"])
@hardening("limits")
def test_a_malformed_cookie_is_no_session(site: Site, cookie: str) -> None:
    reply = site.ask("/cart", cookie=cookie)
    assert reply.status in (200, 400)
