"""The search: pages of twelve dishes, filters, and invalid queries."""

import pytest

from tests.contract.expect import is_error_page, is_page
from tests.contract.guest import Guest
from tests.contract.levels import hardening
from tests.contract.page import Page
from tests.contract.site import OwnDish, Site

pytestmark = pytest.mark.feature("search-the-dishes")
PAGE_SIZE = 12


def names_on(page: Page) -> list[str]:
    return page.texts(".dish h3")


def link(page: Page, rel: str) -> str | None:
    links = page.all(f"nav.pages a[rel={rel}]")
    return str(links[0].attributes["href"]) if links else None


def test_a_page_of_a_search_has_twelve_dishes(site: Site) -> None:
    page = is_page(site.program.get("/dishes"))
    assert len(names_on(page)) == min(PAGE_SIZE, len(site.dishes()))


def test_the_button_of_the_form_finds_dishes(site: Site) -> None:
    assert is_page(site.program.get("/dishes")).text("form.search button") == "Find dishes"


def test_the_next_links_lead_past_every_dish_once(site: Site) -> None:
    address, found, steps = "/dishes", [], 0
    while address and steps < 100:
        page = is_page(site.program.get(address))
        found += names_on(page)
        address, steps = link(page, "next") or "", steps + 1
    assert found == [dish["name"] for dish in site.dishes()]


def test_the_previous_links_lead_back_to_the_first_page(site: Site) -> None:
    first = is_page(site.program.get("/dishes"))
    assert link(first, "prev") is None
    second = is_page(site.program.get(link(first, "next") or "/no next link"))
    back = is_page(site.program.get(link(second, "prev") or "/no link back"))
    assert names_on(back) == names_on(first)


@pytest.mark.parametrize(
    ("address", "next_address"),
    [
        ("/dishes", "/dishes?page=2"),
        ("/dishes?sort=-price", "/dishes?sort=-price&page=2"),
        ("/dishes?q=+&course=&sort=name&page=1", "/dishes?page=2"),
        ("/dishes?sort=price&q=e", "/dishes?q=e&sort=price&page=2"),
    ],
)
def test_a_link_carries_only_what_is_not_usual(site: Site, address: str, next_address: str) -> None:
    assert link(is_page(site.program.get(address)), "next") == next_address


def test_the_last_page_has_no_next_link(site: Site) -> None:
    pages = -(-len(site.dishes()) // PAGE_SIZE)
    last = is_page(site.program.get(f"/dishes?page={pages}"))
    assert link(last, "next") is None
    assert last.text("nav.pages p") == f"Page {pages} of {pages}"


@pytest.mark.parametrize("page", ["999", "999999999", "9" * 30], ids=["999", "9 digits", "30"])
@hardening("identifiers", "30")
def test_a_page_past_the_last_is_empty_and_leads_back(site: Site, page: str) -> None:
    pages = -(-len(site.dishes()) // PAGE_SIZE)
    shown = is_page(site.program.get(f"/dishes?page={page}"))
    assert names_on(shown) == []
    assert link(shown, "prev") == f"/dishes?page={pages}"


@pytest.mark.parametrize("course", ["starter", "main", "dessert", "drink"])
def test_a_course_leaves_the_others_out(site: Site, course: str) -> None:
    wanted = [dish["name"] for dish in site.dishes() if dish["course"] == course]
    page = is_page(site.program.get(f"/dishes?course={course}"))
    assert names_on(page) == wanted[:PAGE_SIZE]
    assert page.text("main h2") == f"{len(wanted)} found"


@pytest.mark.parametrize(("sort", "sign"), [("price", 1), ("-price", -1)])
def test_prices_go_up_or_down_and_ties_by_id(site: Site, sort: str, sign: int) -> None:
    menu = sorted(site.dishes(), key=lambda dish: (sign * dish["price_cents"], dish["id"]))
    page = is_page(site.program.get(f"/dishes?sort={sort}"))
    assert names_on(page) == [dish["name"] for dish in menu[:PAGE_SIZE]]


def test_names_are_sorted_without_regard_to_case(site: Site, dish: OwnDish) -> None:
    dish.change(name="aaa zest")
    assert names_on(is_page(site.program.get("/dishes")))[0] == "aaa zest"
    dish.change(name="ZZZ zest")
    assert names_on(is_page(site.program.get("/dishes?page=2")))[-1] != "aaa zest"


@pytest.mark.parametrize("query", ["", "q=", "q=+++", "course=", "sort=", "page=", "sort=name"])
def test_a_blank_is_as_good_as_nothing(site: Site, query: str) -> None:
    plain = is_page(site.program.get("/dishes"))
    assert names_on(is_page(site.program.get(f"/dishes?{query}"))) == names_on(plain)


def test_the_search_form_keeps_what_was_asked(guest: Guest) -> None:
    page = is_page(guest.get("/dishes?q=soup&course=starter&sort=-price"))
    assert page.value("input[name=q]") == "soup"
    chosen = [node.attributes["value"] for node in page.all("option[selected]")]
    assert chosen == ["starter", "-price"]


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("course=soup", id="an unknown course"),
        pytest.param("course=Main", id="a course in capitals"),
        pytest.param("sort=calories", id="an unknown sort"),
        pytest.param("page=0", id="page 0"),
        pytest.param("page=-1", id="page -1"),
        pytest.param("page=%2B1", id="page +1"),
        pytest.param("page=1.5", id="page 1.5"),
        pytest.param("page=1e2", id="page 1e2"),
        pytest.param("page=two", id="page two"),
        pytest.param("page=%D9%A2", id="a page in Arabic digits"),
        pytest.param("page=%C2%B2", id="a superscript page"),
        pytest.param("page=1_0", id="page 1_0"),
        pytest.param("q=a%00b", id="a NUL among the words"),
    ],
)
@hardening("identifiers", "page +1", "a page in Arabic digits", "a superscript page", "page 1_0")
@hardening("charsets", "a NUL among the words")
def test_what_is_no_search_is_refused(guest: Guest, query: str) -> None:
    is_error_page(guest.get(f"/dishes?{query}"), 400)
