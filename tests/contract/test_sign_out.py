"""Sign-out: the session is deleted."""

import hashlib

import pytest

from bench.conformance.differential.http_client import is_deletion
from tests.contract.expect import is_page, leads_to
from tests.contract.guest import COOKIE, Guest
from tests.contract.larder import Larder
from tests.contract.site import OwnDish, Site

pytestmark = pytest.mark.feature("sign-out")


@pytest.fixture
def leaver(site: Site) -> Guest:
    guest = site.guest()
    guest.sign_in()
    return guest


def test_signing_out_leads_to_the_menu(leaver: Guest) -> None:
    leads_to(leaver.post("/logout"), "/")
    leads_to(leaver.get("/kitchen"), "/login?next=/kitchen")


def test_signing_out_deletes_the_cookie(leaver: Guest) -> None:
    cookies = leaver.post("/logout").headers.get_list("Set-Cookie")
    deleted = [cookie for cookie in cookies if cookie.startswith(f"{COOKIE}=")]
    assert len(deleted) == 1
    assert is_deletion(deleted[0])
    assert leaver.token == ""


def test_the_old_cookie_opens_nothing(leaver: Guest) -> None:
    token = leaver.token
    leaver.post("/logout")
    leaver.token = token
    leads_to(leaver.get("/kitchen"), "/login?next=/kitchen")


def test_the_session_is_gone_from_the_larder(leaver: Guest, larder: Larder) -> None:
    kept = f"token_hash = '{hashlib.sha256(leaver.token.encode()).hexdigest()}'"
    assert larder.count("sessions", kept) == 1
    leaver.post("/logout")
    assert larder.count("sessions", kept) == 0


def test_signing_out_takes_the_cart_along(leaver: Guest, dish: OwnDish) -> None:
    leaver.put(dish.id, 2)
    leaver.post("/logout")
    assert is_page(leaver.get("/cart")).all("table.cart, .count") == []


def test_signing_out_leaves_other_guests_alone(cook: Guest, leaver: Guest) -> None:
    leaver.post("/logout")
    is_page(cook.get("/kitchen"))


def test_a_guest_who_was_never_in_may_sign_out(guest: Guest) -> None:
    leads_to(guest.post("/logout"), "/")
