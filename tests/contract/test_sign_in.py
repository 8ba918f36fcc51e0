"""Sign-in: valid credentials, and the redirect target."""

import pytest

from tests.contract.expect import is_page, leads_to
from tests.contract.guest import PASSWORDS, Guest
from tests.contract.site import Site

FORM = pytest.mark.feature("show-the-sign-in-form")
SIGN_IN = pytest.mark.feature("sign-in")


@FORM
def test_the_form_asks_for_name_and_password(guest: Guest) -> None:
    page = is_page(guest.get("/login"))
    assert set(page.form("/login").fields) >= {"username", "password", "next"}
    assert page.one("#password").attributes["type"] == "password"
    assert page.errors() == ""


@FORM
def test_the_form_remembers_where_the_guest_was_going(guest: Guest) -> None:
    assert is_page(guest.get("/login?next=/cart")).form("/login").fields["next"] == "/cart"


@FORM
def test_the_form_is_there_for_those_signed_in_too(cook: Guest) -> None:
    is_page(cook.get("/login"))


@SIGN_IN
@pytest.mark.parametrize("username", PASSWORDS)
def test_staff_come_into_the_kitchen(guest: Guest, username: str) -> None:
    leads_to(guest.sign_in(username), "/kitchen")
    assert is_page(guest.get("/kitchen")).text("main strong") == username


@SIGN_IN
@pytest.mark.parametrize(
    "goal",
    [
        "/",
        "/dishes?q=soup&page=2#x",
        "/orders/a%20b?c=d%2Fe",
        "/?next=//a/../b",
        "/.well-known/a..b",
    ],
)
def test_signing_in_leads_to_where_the_guest_was_going(guest: Guest, goal: str) -> None:
    leads_to(guest.sign_in(next=goal), goal)


@SIGN_IN
@pytest.mark.parametrize(
    "goal",
    [
        pytest.param("https://evil.example/", id="another site"),
        pytest.param("//evil.example", id="two slashes"),
        pytest.param("/\\evil.example", id="slash and backslash"),
        pytest.param("\\\\evil.example", id="two backslashes"),
        pytest.param("/\t/evil.example", id="a tab between slashes"),
        pytest.param("javascript:alert(1)", id="a script"),
        pytest.param("evil.example", id="a name without a slash"),
        pytest.param("/a b", id="a blank inside"),
        pytest.param("/kitchen\r\nSet-Cookie: evil=1", id="a line end and a header"),
        pytest.param("/é", id="a letter past ASCII"),
        pytest.param("", id="nothing"),
        pytest.param("/.//evil.example", id="a dot and two slashes"),
        pytest.param("/..//evil.example", id="two dots and two slashes"),
        pytest.param("/a/..//evil.example", id="two dots further in"),
        pytest.param("/%2e//evil.example", id="an encoded dot and two slashes"),
        pytest.param("/%2E%2e//evil.example", id="two encoded dots and two slashes"),
        pytest.param("/.%2e/%2f/evil.example", id="an encoded slash"),
        pytest.param("/%5cevil.example", id="an encoded backslash"),
        pytest.param("/a//evil.example", id="two slashes further in"),
        pytest.param("/a\\..\\evil.example", id="backslashes further in"),
        pytest.param("/./evil.example", id="a segment of one dot"),
        pytest.param("/%", id="a lone percent sign"),
        pytest.param("///evil.example", id="three slashes"),
        pytest.param("/\x00/evil.example", id="a NUL"),
        pytest.param("http:evil.example", id="a scheme without slashes"),
        pytest.param("?//evil.example", id="a query alone"),
    ],
)
def test_signing_in_never_leads_off_the_site(site: Site, cook: Guest, goal: str) -> None:
    reply = cook.sign_in(next=goal)
    leads_to(reply, "/kitchen")
    assert "evil" not in str(reply.headers)


@SIGN_IN
@pytest.mark.parametrize(
    ("username", "password"),
    [
        pytest.param("ada", "apple-crumble", id="another's password"),
        pytest.param("ada", "", id="no password"),
        pytest.param("nobody", "leek-and-potato", id="an unknown name"),
        pytest.param("", "", id="nothing at all"),
        pytest.param("ada\x00", "leek-and-potato", id="a NUL after the name"),
        pytest.param("ada", "p" * 100_000, id="a password of 100,000 characters"),
    ],
)
def test_nobody_else_comes_in(guest: Guest, username: str, password: str) -> None:
    page = is_page(guest.sign_in(username, password=password), 401)
    assert page.errors() == "That name and password do not go together."
    leads_to(guest.get("/kitchen"), "/login?next=/kitchen")


@SIGN_IN
def test_a_form_without_fields_is_no_sign_in(guest: Guest) -> None:
    assert is_page(guest.post("/login", {}), 401).errors()


@SIGN_IN
def test_the_form_keeps_the_name_but_not_the_password(guest: Guest) -> None:
    reply = guest.sign_in("ada", password="leak-and-potato", next="/cart")
    page = is_page(reply, 401)
    assert page.value("#username") == "ada"
    assert page.form("/login").fields["next"] == "/cart"
    assert "leak-and-potato" not in reply.text


@SIGN_IN
def test_an_unknown_name_and_a_wrong_password_look_the_same(site: Site) -> None:
    pages = [
        is_page(site.guest().sign_in(username, password="wrong"), 401)
        for username in ("ada", "nobody")
    ]
    assert pages[0].errors() == pages[1].errors()
    assert pages[0].text() == pages[1].text()


@SIGN_IN
def test_a_refused_sign_in_can_be_repaired_with_its_own_form(guest: Guest) -> None:
    form = is_page(guest.sign_in(password="wrong"), 401).form("/login").fields
    reply = guest.post_bare("/login", {**form, "password": PASSWORDS["ada"]})
    leads_to(reply, "/kitchen")
