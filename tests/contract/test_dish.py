"""One dish: its HTML page, and its JSON at the same address."""

import pytest

from tests.contract.expect import UTF_8, is_error_page, is_json, is_page
from tests.contract.guest import Guest
from tests.contract.levels import hardening
from tests.contract.site import OwnDish, Site

pytestmark = pytest.mark.feature("show-one-dish")
HTML = "text/html; charset=utf-8"
JSON = "application/json"


def test_a_dish_says_all_about_itself(guest: Guest, dish: OwnDish) -> None:
    dish.change(name="Pear pie", description="Warm.", price_cents=730, allergens=["egg", "milk"])
    page = is_page(guest.get(dish.page))
    assert page.text("h1") == "Pear pie"
    assert page.text("title").startswith("Pear pie")
    assert page.text(".description") == "Warm."
    assert page.text(".price") == "€7.30"
    assert page.text(".allergens") == "Contains egg, milk."


@pytest.mark.parametrize("name", ["dish_id", "id"])
@hardening("identifiers")
def test_the_address_alone_says_which_dish(guest: Guest, dish: OwnDish, name: str) -> None:
    asked = is_page(guest.get(f"{dish.page}?{name}=999999"))
    assert asked.text("h1") == dish.name


def test_a_dish_without_allergens_does_not_speak_of_them(guest: Guest, dish: OwnDish) -> None:
    dish.change(allergens=[])
    assert is_page(guest.get(dish.page)).all(".allergens") == []


def test_a_dish_has_a_picture_that_is_served(guest: Guest, dish: OwnDish) -> None:
    source = is_page(guest.get(dish.page)).one(".one-dish img").attributes["src"]
    picture = guest.get(str(source))
    assert picture.status == 200
    assert picture.headers["Content-Type"].startswith("image/")


@pytest.mark.parametrize("portions", [0, 1])
def test_only_a_dish_that_is_left_can_be_put_in_the_cart(
    guest: Guest, dish: OwnDish, portions: int
) -> None:
    dish.change(portions=portions)
    page = is_page(guest.get(dish.page))
    assert len(page.forms("/cart")) == portions
    assert page.texts(".sold-out") == ["Sold out"] * (1 - portions)


def test_the_photo_form_is_for_staff_only(guest: Guest, cook: Guest, dish: OwnDish) -> None:
    action = f"/kitchen{dish.page}/photo"
    assert is_page(guest.get(dish.page)).forms(action) == []
    assert len(is_page(cook.get(dish.page)).forms(action)) == 1


@pytest.mark.parametrize(
    "dish_id",
    [
        pytest.param("0", id="zero"),
        pytest.param("-1", id="negative"),
        pytest.param("999999", id="past the last"),
        pytest.param("1" + "0" * 30, id="31 digits"),
        pytest.param("1" * 5000, id="5,000 digits"),
        pytest.param("01", id="a leading zero"),
        pytest.param("+1", id="a plus sign"),
        pytest.param("1.0", id="a fraction"),
        pytest.param("1e0", id="an exponent"),
        pytest.param("%D9%A1", id="an Arabic digit"),
        pytest.param("%EF%BC%91", id="a full-width digit"),
        pytest.param("1%20", id="a blank after it"),
        pytest.param("1%0A", id="a line end after it"),
        pytest.param("1%00", id="a NUL after it"),
        pytest.param("one", id="a word"),
        pytest.param("1'--", id="a quotation mark"),
        pytest.param("None", id="None"),
    ],
)
@hardening(
    "identifiers",
    "31 digits",
    "5,000 digits",
    "a leading zero",
    "a plus sign",
    "a fraction",
    "an exponent",
    "an Arabic digit",
    "a full-width digit",
    "a blank after it",
    "a line end after it",
    "a NUL after it",
)
def test_what_is_no_dish_is_not_found(guest: Guest, dish_id: str) -> None:
    is_error_page(guest.get(f"/dishes/{dish_id}"), 404)


@pytest.mark.parametrize("dish_id", ["0", "999999", "01", "1.0", "one"])
@hardening("identifiers", "01", "1.0", "one")
def test_the_page_says_that_there_is_no_such_dish(guest: Guest, dish_id: str) -> None:
    page = is_error_page(guest.get(f"/dishes/{dish_id}"), 404)
    assert "There is no such dish." in page.texts("main p")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", JSON),
        ("text/html", HTML),
        ("*/*", HTML),
        ("", HTML),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
        ("application/json, text/html", HTML),
        ("application/json, text/html;q=0.9", JSON),
        ("application/json;q=0.9, text/html", HTML),
        ("text/html;q=0.1, application/json;q=0.2", JSON),
        ("application/json;q=0.5, */*;q=0.8", HTML),
        ("application/json, */*;q=0.5", JSON),
        ("application/json;q=0", HTML),
        ("text/*;q=0.3, application/json;q=0.4", JSON),
        ("APPLICATION/JSON", JSON),
        ("image/png", HTML),
        (";;q=,,/", HTML),
        ("text/html;q=0, */*", JSON),
        ("text/*;q=0, */*", JSON),
        ("*/*, application/json", HTML),
        ("application/*, text/html", HTML),
        ("application/*, text/html;q=0.5", JSON),
        ("application/json;q=0, */*", HTML),
        ("*/*;q=0.1, text/html;q=0", JSON),
        ("*/*;q=0.5, application/json;q=0.4", HTML),
        ("text/html;level=1;q=0.1, application/json;q=0.2", JSON),
        ("application/json;q=1.0, text/html;q=0.999", JSON),
    ],
)
@hardening(
    "media-types",
    "application/json, text/html",  # no standard says which of two equal wishes counts
    "application/json, text/html;q=0.9",
    "text/html;q=0.1, application/json;q=0.2",
    "application/json;q=0.5, */*;q=0.8",
    "application/json, */*;q=0.5",
    "application/json;q=0",
    "text/*;q=0.3, application/json;q=0.4",
    "APPLICATION/JSON",
    "image/png",
    ";;q=,,/",
    "text/html;q=0, */*",
    "text/*;q=0, */*",
    "*/*, application/json",
    "application/*, text/html",
    "application/*, text/html;q=0.5",
    "application/json;q=0, */*",
    "*/*;q=0.1, text/html;q=0",
    "*/*;q=0.5, application/json;q=0.4",
    "text/html;level=1;q=0.1, application/json;q=0.2",
    "application/json;q=1.0, text/html;q=0.999",
)
def test_a_program_that_would_rather_have_json_gets_it(
    site: Site, dish: OwnDish, accept: str, kind: str
) -> None:
    reply = site.program.get(dish.page, headers={"Accept": accept})
    assert reply.status == 200
    assert reply.media_type in (kind, kind + UTF_8)


def test_without_an_accept_header_a_dish_is_a_page(site: Site, dish: OwnDish) -> None:
    reply = site.ask(dish.page)
    assert (reply.status, reply.media_type) == (200, HTML)


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_caches_are_told_that_the_accept_header_matters(
    site: Site, dish: OwnDish, accept: str
) -> None:
    reply = site.program.get(dish.page, headers={"Accept": accept})
    vary = reply.headers.get("Vary", "")
    assert "accept" in vary.lower().replace(" ", "").split(","), f"Vary is {vary!r}, not Accept"


def test_the_json_of_a_dish_is_that_of_the_api(site: Site, dish: OwnDish) -> None:
    negotiated = site.program.get(dish.page, headers={"Accept": "application/json"})
    assert is_json(negotiated) == is_json(site.program.get(dish.address))


def test_the_json_of_a_dish_has_the_tag_of_the_api(site: Site, dish: OwnDish) -> None:
    tag = site.program.get(dish.address).headers["ETag"]
    assert site.program.get(dish.page, {"Accept": JSON}).headers["ETag"] == tag
    again = site.program.get(dish.page, {"Accept": JSON, "If-None-Match": tag})
    assert (again.status, again.content) == (304, b"")


def test_a_dish_that_is_not_there_is_not_found_as_json_either(site: Site) -> None:
    reply = site.program.get("/dishes/999999", headers={"Accept": "application/json"})
    assert reply.status == 404


def test_a_dish_counts_its_own_queries_only(site: Site, dish: OwnDish) -> None:
    timings = {site.guest().get(dish.page).headers["Server-Timing"][-12:] for _ in range(3)}
    assert len(timings) == 1, "the count grows from request to request"
