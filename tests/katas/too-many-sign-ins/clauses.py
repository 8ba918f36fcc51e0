"""Too many sign-ins: five a minute from one address, then 429 with Retry-After."""

from collections.abc import Iterator

import pytest

from tests.contract import wire
from tests.contract.expect import is_error_page, is_page, leads_to
from tests.contract.guest import Guest
from tests.contract.larder import Larder
from tests.contract.reply import Reply
from tests.contract.site import Site, at_once

pytestmark = pytest.mark.feature("sign-in")
ATTEMPTS = 5


@pytest.fixture(autouse=True)
def own_address() -> Iterator[None]:
    """Send the requests of each clause from an address that has not signed in."""
    wire.source.move()
    yield
    wire.source.move()


def try_often(guest: Guest, times: int = ATTEMPTS) -> list[Reply]:
    """Sign in with a wrong password some times, and return the replies."""
    return [guest.sign_in(password="wrong") for _ in range(times)]


def test_five_attempts_a_minute_are_answered(guest: Guest) -> None:
    assert [reply.status for reply in try_often(guest)] == [401] * ATTEMPTS


def test_the_sixth_attempt_is_too_many(guest: Guest) -> None:
    try_often(guest)
    page = is_error_page(guest.sign_in(password="wrong"), 429)
    assert page.text("main p:not(:last-child)") == (
        "Too many attempts to sign in; please try again in a minute."
    )


def test_the_right_password_does_not_help_after_too_many_attempts(guest: Guest) -> None:
    try_often(guest)
    token = guest.token
    is_error_page(guest.sign_in(), 429)
    assert guest.token == token
    leads_to(guest.get("/kitchen"), "/login?next=/kitchen")


def test_the_reply_says_when_to_try_again(guest: Guest) -> None:
    try_often(guest)
    text = guest.sign_in().headers["Retry-After"]
    assert text.isascii()
    assert 1 <= int(text) <= 60


def test_a_name_does_not_matter(guest: Guest) -> None:
    for name in ("ada", "grace", "nobody", "ada", "grace"):
        assert guest.sign_in(name, password="wrong").status == 401
    assert guest.sign_in("nobody").status == 429


def test_another_browser_at_the_address_is_refused_too(site: Site, guest: Guest) -> None:
    try_often(guest)
    is_error_page(site.guest().sign_in(), 429)


def test_another_address_may_sign_in(site: Site, guest: Guest) -> None:
    try_often(guest, ATTEMPTS + 1)
    wire.source.move()
    leads_to(site.guest().sign_in(), "/kitchen")


def test_an_address_that_a_client_claims_is_not_believed(guest: Guest) -> None:
    form = {"username": "ada", "password": "wrong", **guest.csrf("/login")}
    body = "&".join(f"{name}={text}" for name, text in form.items()).encode()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": guest.origin,
        "Referer": f"{guest.origin}/login",
    }
    statuses = [
        guest.request("POST", "/login", {**headers, "X-Forwarded-For": f"10.0.0.{n}"}, body).status
        for n in range(ATTEMPTS + 1)
    ]
    assert statuses == [401] * ATTEMPTS + [429]


def test_the_form_can_be_seen_after_too_many_attempts(guest: Guest) -> None:
    try_often(guest, ATTEMPTS + 1)
    assert is_page(guest.get("/login")).form("/login")
    assert is_page(guest.get("/")).text("h1") == "The menu"


def test_after_a_minute_the_address_may_try_again(guest: Guest, larder: Larder) -> None:
    try_often(guest, ATTEMPTS + 1)
    larder.run("UPDATE sign_in_attempts SET started_at = started_at - 60")
    leads_to(guest.sign_in(), "/kitchen")


def test_staff_sign_in_several_times(site: Site) -> None:
    for _ in range(ATTEMPTS):
        leads_to(site.guest().sign_in(), "/kitchen")


def test_attempts_at_the_same_time_are_counted(site: Site) -> None:
    guests = [site.guest() for _ in range(ATTEMPTS + 3)]
    for guest in guests:
        guest.csrf("/login")
    replies = at_once(len(guests), lambda n: guests[n].sign_in(password="wrong"))
    assert sorted(reply.status for reply in replies) == [401] * ATTEMPTS + [429] * 3
