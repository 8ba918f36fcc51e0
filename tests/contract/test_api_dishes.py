"""The dishes as JSON: lists with links, and single dishes with their version."""

import re
from urllib.parse import quote

import pytest

from tests.contract.expect import is_json, is_problem
from tests.contract.guest import Guest
from tests.contract.levels import hardening
from tests.contract.site import OwnDish, Site

LIST = pytest.mark.feature("list-the-dishes-for-programs")
ONE = pytest.mark.feature("show-one-dish-to-a-program")
FIELDS = {"id", "name", "course", "description", "price_cents", "portions", "allergens", "photo",
          "version"}  # fmt: skip
LINK = re.compile(r'<(/api/dishes[^>]*)>; rel="?(\w+)"?')


def links(reply_headers: dict[str, str]) -> dict[str, str]:
    found = LINK.findall(reply_headers.get("Link", ""))
    return {rel: address for address, rel in found}


@LIST
def test_the_list_is_one_page_of_a_search(site: Site) -> None:
    document = is_json(site.program.get("/api/dishes"))
    assert set(document) == {"dishes", "page", "pages", "total"}
    assert (document["page"], len(document["dishes"])) == (1, 12)
    assert document["pages"] == -(-document["total"] // 12)
    assert all(set(dish) == FIELDS for dish in document["dishes"])


@LIST
def test_the_links_lead_through_the_list(site: Site) -> None:
    first = site.program.get("/api/dishes")
    second = site.program.get(links(first.headers)["next"])
    assert is_json(second)["page"] == 2
    assert "prev" not in links(first.headers)
    assert "prev" in links(second.headers)
    back = site.program.get(links(second.headers)["prev"])
    assert back.json() == first.json()


@LIST
def test_a_link_carries_the_search(site: Site) -> None:
    reply = site.program.get("/api/dishes?sort=-price&q=e&page=1")
    assert links(reply.headers) == {"next": "/api/dishes?q=e&sort=-price&page=2"}


@LIST
def test_the_last_page_of_the_list_has_no_next_link(site: Site) -> None:
    pages = site.program.get("/api/dishes").json()["pages"]
    assert "next" not in links(site.program.get(f"/api/dishes?page={pages}").headers)


@LIST
@pytest.mark.parametrize("course", ["starter", "main", "dessert", "drink"])
def test_a_course_of_the_list_can_be_asked_for(site: Site, course: str) -> None:
    document = is_json(site.program.get(f"/api/dishes?course={course}"))
    assert {dish["course"] for dish in document["dishes"]} == {course}


@LIST
def test_words_are_found_as_on_the_page(site: Site, dish: OwnDish) -> None:
    dish.change(name="Weißkohl")
    found = is_json(site.program.get("/api/dishes?q=WEISSKOHL"))
    assert [one["id"] for one in found["dishes"]] == [dish.id]


@LIST
@pytest.mark.parametrize(
    ("query", "field"),
    [("course=soup", "course"), ("sort=name,price", "sort"), ("page=0", "page"),
     ("page=x", "page"), ("page=%D9%A2", "page"), ("q=%00", "q")],
)  # fmt: skip
def test_what_is_no_search_is_a_problem(site: Site, query: str, field: str) -> None:
    is_problem(site.program.get(f"/api/dishes?{query}"), 400, field)


@LIST
def test_a_page_past_the_last_is_empty(site: Site) -> None:
    reply = site.program.get("/api/dishes?page=99")
    assert is_json(reply)["dishes"] == []
    assert set(links(reply.headers)) == {"prev"}


@LIST
def test_letters_past_ascii_arrive_whole(site: Site, dish: OwnDish) -> None:
    dish.change(name="Ψωμί 🍞 \u202eabc")
    assert is_json(site.program.get(dish.address))["name"] == "Ψωμί 🍞 \u202eabc"
    listed = is_json(site.program.get(f"/api/dishes?q={quote('Ψωμί')}"))
    assert [one["name"] for one in listed["dishes"]] == ["Ψωμί 🍞 \u202eabc"]


@ONE
def test_a_dish_has_these_fields(site: Site, dish: OwnDish) -> None:
    shown = is_json(site.program.get(dish.address))
    assert shown == dish.now()
    assert set(shown) == FIELDS
    assert isinstance(dish.allergens, list)


@ONE
def test_the_version_is_the_tag(site: Site, dish: OwnDish) -> None:
    reply = site.program.get(dish.address)
    assert reply.headers["ETag"] == f'"{is_json(reply)["version"]}"'


@ONE
@pytest.mark.parametrize(
    ("condition", "status"),
    [
        pytest.param("{etag}", 304, id="the tag"),
        pytest.param('"x", {etag} , "y"', 304, id="a list with the tag"),
        pytest.param("W/{etag}", 304, id="the tag marked as weak"),
        pytest.param("*", 304, id="any"),
        pytest.param('"0"', 200, id="another tag"),
        pytest.param('"{bare}0"', 200, id="a longer tag that begins alike"),
        pytest.param('"x",{etag}', 304, id="a list without blanks"),
        pytest.param('"*"', 200, id="a tag that is an asterisk"),
    ],
)
@hardening(
    "conditions",
    "a list with the tag",
    "the tag marked as weak",
    "any",
    "a list without blanks",
    "a tag that is an asterisk",
)
def test_a_program_that_holds_the_dish_is_not_sent_it_again(
    site: Site, dish: OwnDish, condition: str, status: int
) -> None:
    etag = site.program.get(dish.address).headers["ETag"]
    held = condition.format(etag=etag, bare=etag.strip('"'))
    reply = site.program.get(dish.address, headers={"If-None-Match": held})
    assert reply.status == status
    assert reply.headers["ETag"] == etag
    assert bool(reply.content) == (status == 200)


@ONE
def test_an_order_changes_the_tag(site: Site, guest: Guest, dish: OwnDish) -> None:
    before = site.program.get(dish.address).headers["ETag"]
    guest.order(dish.id)
    assert site.program.get(dish.address).headers["ETag"] != before


@ONE
@pytest.mark.parametrize(
    "dish_id",
    ["0", "-1", "999999", "01", "one", "1.0", "%D9%A1", "9" * 40, "1%00", "1%2F", "openapi"],
)
@hardening(
    "identifiers", "01", "1.0", "%D9%A1", "9999999999999999999999999999999999999999", "1%00", "1%2F"
)
def test_a_dish_that_is_not_there_is_a_problem(site: Site, dish_id: str) -> None:
    is_problem(site.program.get(f"/api/dishes/{dish_id}"), 404)


@ONE
@hardening("thrift")
def test_the_api_looks_at_no_session(site: Site, dish: OwnDish) -> None:
    cookie = {"Cookie": f"larder_session={site.cook.token}"}
    reply = site.program.get(dish.address, headers=cookie)
    assert reply.headers["Server-Timing"].endswith('desc="1 queries"')
