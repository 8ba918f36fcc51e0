"""The page about the current request, and the health check."""

import re

import pytest

from tests.contract.clauses import framework_of
from tests.contract.expect import is_json, is_page, queries_of
from tests.contract.guest import Guest
from tests.contract.larder import Larder
from tests.contract.levels import hardening
from tests.contract.page import Page
from tests.contract.site import Site

ABOUT = pytest.mark.feature("tell-how-a-request-travels")
HEALTH = pytest.mark.feature("report-health")
OPENAPI = pytest.mark.feature("describe-the-programs-side")


def names_the_framework(text: str, site: Site) -> None:
    """Check that a text is the title of the site's framework, with its version if it has one."""
    framework = framework_of(site.name)
    assert framework
    assert text.startswith(framework.title)
    numbered = bool(framework.distribution or framework.version)
    assert numbered == bool(re.search(r"\d", text)), text


def facts(page: Page) -> list[str]:
    return page.texts(".journey [data-varies]")


@ABOUT
def test_the_page_names_the_browser(site: Site) -> None:
    reply = site.program.get("/about", headers={"User-Agent": "Lynx/2.9 (für Ida)".encode()})
    assert facts(is_page(reply))[0].startswith("Lynx/2.9 (f")


@ABOUT
def test_a_browser_without_a_name_is_served_too(site: Site) -> None:
    reply = site.ask("/about")
    assert reply.status == 200


@ABOUT
def test_the_page_names_the_server(guest: Guest, larder: Larder) -> None:
    assert "waitress" in facts(is_page(guest.get("/about")))[1].lower()


@ABOUT
def test_the_page_names_the_framework_and_its_version(
    site: Site, guest: Guest, larder: Larder
) -> None:
    names_the_framework(facts(is_page(guest.get("/about")))[2], site)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/", 200, id="the menu", marks=pytest.mark.feature("show-the-menu")),
        pytest.param("/cart", 200, id="the cart", marks=pytest.mark.feature("show-the-cart")),
        pytest.param(
            "/none", 404, id="an error", marks=pytest.mark.feature("show-what-went-wrong")
        ),
    ],
)
def test_the_footer_names_the_framework_and_its_version(
    site: Site, guest: Guest, larder: Larder, path: str, status: int
) -> None:
    page = is_page(guest.get(path), status)
    names_the_framework(page.text("footer [data-varies]"), site)
    sentence, links = page.texts("footer p")
    assert sentence == f"Cooked with {page.text('footer [data-varies]')}"
    assert links == "How a request travels · API"


@ABOUT
def test_the_page_names_the_database(guest: Guest, larder: Larder) -> None:
    kind = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[larder.kind]
    assert re.fullmatch(rf"{kind} \d+[.\d]*", facts(is_page(guest.get("/about")))[3])


@ABOUT
def test_the_page_counts_dishes_and_queries(site: Site) -> None:
    reply = site.program.get("/about")
    text = is_page(reply).text(".journey")
    assert f"holds {len(site.dishes())} dishes" in text
    told = re.search(r"Queries so far: (\d+),", text)
    assert told
    assert 1 <= int(told[1]) <= queries_of(reply)


@ABOUT
def test_the_page_tells_the_time_the_queries_took(guest: Guest) -> None:
    assert re.fullmatch(r"\d+\.\d\d ms", facts(is_page(guest.get("/about")))[4])


@HEALTH
def test_a_house_in_order_says_so(site: Site) -> None:
    assert is_json(site.program.get("/health")) == {"status": "ok"}


@HEALTH
def test_a_house_without_its_larder_says_so_and_recovers(spare: Site) -> None:
    assert spare.house
    assert spare.house.larder
    with spare.house.larder.without("larder_schema"):
        assert is_json(spare.program.get("/health"), 503) == {"status": "down"}
    assert is_json(spare.program.get("/health")) == {"status": "ok"}


@HEALTH
@hardening("thrift")
def test_health_looks_at_no_session(site: Site) -> None:
    cookie = {"Cookie": f"larder_session={site.cook.token}"}
    reply = site.program.get("/health", headers=cookie)
    assert queries_of(reply) <= 1


@OPENAPI
def test_the_programs_side_is_described(site: Site) -> None:
    document = is_json(site.program.get("/api/openapi.json"))
    assert str(document["openapi"]).startswith("3.1.")
    paths = document["paths"]
    assert isinstance(paths, dict)
    assert {"/api/dishes", "/api/orders"} <= set(paths)
    methods = {method for path in paths.values() for method in path}
    assert {"get", "post", "patch"} <= methods


@OPENAPI
@hardening("thrift")
def test_the_description_takes_no_query(site: Site) -> None:
    assert queries_of(site.program.get("/api/openapi.json")) == 0
