"""Equal pages: valid HTML, with the same canonical DOM as the site without a framework.

This module runs first, while the database has only its seed rows.
"""

import json

import html5lib
import pytest

from bench.conformance.canonical_dom import canonicalize, diff_pages
from bench.core import files
from bench.core.files import digest_files, hold_lock, write_file
from bench.core.paths import ROOT, Paths
from tests.contract import wire
from tests.contract.expect import carries_security_headers, find_first_difference, is_page
from tests.contract.journey import STEPS, Visited, walk
from tests.contract.page import Page
from tests.contract.reply import Reply
from tests.contract.site import Site

Pages = dict[str, Visited]
UsualPages = dict[str, tuple[int, str]]  # status and canonical DOM
# Everything that the pages of bare depend on: code, locks, data, and the sequence of requests.
APPS = Paths.from_environ().apps
HERE = [ROOT / name for name in ("shared_db", "static", "bench", "tests/contract")]
MAKERS = [
    file
    for place in (APPS / "bare", APPS / "pages", *HERE)
    for file in place.rglob("*")
    if file.is_file() and "__pycache__" not in file.parts
]
EVERY_PAGE = pytest.mark.parametrize(
    "name", [pytest.param(step.name, marks=pytest.mark.feature(step.feature)) for step in STEPS]
)


@pytest.fixture(scope="session")
def pages(site: Site, request: pytest.FixtureRequest) -> Pages:
    """The pages of the site under test."""
    if site.house and site.house.larder:
        site.house.larder.reset()
    else:
        bare: Site = request.getfixturevalue("bare")
        if canonicalize(bare.program.get("/").text) != canonicalize(site.program.get("/").text):
            pytest.skip("needs a larder as it is in the beginning: this menu is another")
    return walk(site)


@pytest.fixture(scope="session")
def usual_pages(request: pytest.FixtureRequest) -> UsualPages:
    """The pages of the site without a framework, cached for the next run."""
    state, database = Paths.from_environ().state, request.config.getoption("--database")
    file = state / "contract" / f"bare-{database}-{digest_files(ROOT, sorted(MAKERS))[:16]}.json"
    with hold_lock(file.with_name("bare.lock")):
        if not file.exists():
            for outdated in file.parent.glob(f"bare-{database}-*"):
                outdated.unlink()
            pages = walk(request.getfixturevalue("bare"))
            usual = {name: usual_page(pages, name) for name in pages}
            write_file(file, files.dump_json(usual))
    found: UsualPages = json.loads(file.read_text(encoding="utf-8"))
    return found


def usual_page(pages: Pages, name: str) -> tuple[int, str]:
    page = page_of(pages, name)
    return page.status, canonicalize(page.text)


def page_of(pages: Pages, name: str) -> Reply:
    page, requests = pages[name]
    wire.history.extend(requests)
    assert isinstance(page, Reply), f"the journey did not get there: {page}"
    return page


def parse_errors(page: Reply) -> list[str]:
    """Return the parse errors of a page as html5lib reports them."""
    parser = html5lib.HTMLParser()
    parser.parse(page.text)
    return [f"{kind} at {place}" for place, kind, _ in parser.errors]


@EVERY_PAGE
def test_a_page_is_valid_html(pages: Pages, name: str) -> None:
    page = page_of(pages, name)
    is_page(page, page.status)
    assert not (errors := parse_errors(page)), f"the page is not valid HTML: {', '.join(errors)}"
    ids = [str(node.attributes["id"]) for node in Page(page).all("[id]")]
    assert len(ids) == len(set(ids)), f"an id is there twice: {sorted(ids)}"
    labelled = {str(node.attributes["for"]) for node in Page(page).all("label")}
    assert labelled <= set(ids), f"a label belongs to no field: {labelled - set(ids)}"
    carries_security_headers(page.headers)


@EVERY_PAGE
def test_a_page_is_the_same_as_without_a_framework(
    pages: Pages, usual_pages: UsualPages, name: str
) -> None:
    page, (status, usual) = page_of(pages, name), usual_pages[name]
    assert page.status == status
    found = diff_pages(usual, canonicalize(page.text), "bare", "here")
    assert not found, f"the page differs: {find_first_difference(found)}\n{found}"
    # The canonical DOM ignores what this element says.
    assert Page(page).text("footer [data-varies]"), "the footer does not name the framework"
