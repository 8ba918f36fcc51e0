"""The menu: all dishes by course, with conditional requests."""

import pytest

from tests.contract.expect import is_page
from tests.contract.guest import Guest
from tests.contract.levels import hardening
from tests.contract.site import OwnDish, Site

pytestmark = pytest.mark.feature("show-the-menu")
TITLES = {"starter": "Starters", "main": "Mains", "dessert": "Desserts", "drink": "Drinks"}


def test_the_menu_has_four_courses_in_the_order_of_a_meal(guest: Guest) -> None:
    page = is_page(guest.get("/"))
    assert page.texts("main h2") == list(TITLES.values())


@pytest.mark.parametrize("course", TITLES)
def test_the_menu_lists_every_dish_of_a_course_by_id(site: Site, course: str) -> None:
    page = is_page(site.program.get("/"))
    links = page.all(f"section[aria-labelledby={course}] .dish a")
    ids = [int(str(link.attributes["href"]).removeprefix("/dishes/")) for link in links]
    assert ids == sorted(dish["id"] for dish in site.dishes(f"course={course}"))


def test_the_menu_says_what_a_dish_is_and_costs(guest: Guest, dish: OwnDish) -> None:
    dish.change(name="Plum dumplings", description="With brown butter.", price_cents=1205)
    card = is_page(guest.get("/")).one(f".dish:has(a[href='{dish.page}'])")
    assert " ".join(card.text().split()) == "Plum dumplings With brown butter. €12.05"


@pytest.mark.parametrize(("cents", "shown"), [(0, "€0.00"), (5, "€0.05"), (100000, "€1000.00")])
def test_a_price_has_two_decimals(guest: Guest, dish: OwnDish, cents: int, shown: str) -> None:
    dish.change(price_cents=cents)
    assert is_page(guest.get("/")).text(f".dish:has(a[href='{dish.page}']) .price") == shown


@pytest.mark.parametrize("portions", [0, 1])
def test_a_dish_is_marked_when_its_last_portion_is_gone(
    guest: Guest, dish: OwnDish, portions: int
) -> None:
    dish.change(portions=portions)
    marks = is_page(guest.get("/")).texts(f".dish:has(a[href='{dish.page}']) .sold-out")
    assert marks == (["Sold out"] if portions == 0 else [])


def test_a_dish_on_the_menu_has_a_picture_that_is_served(site: Site, dish: OwnDish) -> None:
    pictures = is_page(site.program.get("/")).all(f".dish:has(a[href='{dish.page}']) img")
    source = str(pictures[0].attributes["src"])
    assert site.program.get(source).headers["Content-Type"].startswith("image/")


def test_the_menu_counts_the_portions_in_the_cart(guest: Guest, dish: OwnDish) -> None:
    assert is_page(guest.get("/")).all(".count") == []
    guest.put(dish.id, 3)
    assert is_page(guest.get("/")).text(".count") == "3"


def test_a_guest_who_holds_the_menu_is_not_sent_it_again(site: Site) -> None:
    etag = site.program.get("/").headers["ETag"]
    again = site.program.get("/", headers={"If-None-Match": etag})
    assert again.status == 304
    assert again.content == b""
    assert again.headers["ETag"] == etag


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        pytest.param('"elsewhere", {etag}', 304, id="a list with the tag"),
        pytest.param("*", 304, id="any"),
        pytest.param("W/{etag}", 304, id="the tag marked as weak"),
        pytest.param('"elsewhere"', 200, id="another tag"),
        pytest.param('"elsewhere", "nowhere"', 200, id="a list without the tag"),
        pytest.param('"', 200, id="half a tag"),
        pytest.param('"*"', 200, id="a tag that is an asterisk"),
        pytest.param('"elsewhere",{etag}', 304, id="a list without blanks"),
    ],
)
@hardening("conditions")
def test_the_menu_heeds_if_none_match(site: Site, condition: str, status: int) -> None:
    etag = site.program.get("/").headers["ETag"].removeprefix("W/")
    reply = site.program.get("/", headers={"If-None-Match": condition.format(etag=etag)})
    assert reply.status == status


def test_a_changed_menu_has_another_tag(site: Site, dish: OwnDish) -> None:
    before = site.program.get("/").headers["ETag"]
    dish.change(price_cents=dish.price_cents + 1)
    after = site.program.get("/", headers={"If-None-Match": before})
    assert after.status == 200
    assert after.headers["ETag"] != before


def test_guests_with_different_carts_have_different_tags(site: Site, dish: OwnDish) -> None:
    guest = site.guest()
    before = guest.get("/").headers["ETag"]
    guest.put(dish.id, 2)
    assert guest.get("/", headers={"If-None-Match": before}).status == 200


def test_an_unchanged_menu_keeps_its_tag(site: Site) -> None:
    assert site.guest().get("/").headers["ETag"] == site.guest().get("/").headers["ETag"]


@hardening("thrift")
def test_the_menu_takes_one_query_for_a_guest_without_a_session(site: Site) -> None:
    assert site.program.get("/").headers["Server-Timing"].endswith('desc="1 queries"')


def test_the_menu_has_no_form_that_posts(guest: Guest) -> None:
    assert is_page(guest.get("/")).all("form[method=post]") == []
