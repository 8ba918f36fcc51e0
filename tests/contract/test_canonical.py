"""The same page in every house: valid HTML, and the very DOM that the site has without a framework.

It comes first, while the larder is as it was in the beginning.
"""

from functools import cache

import html5lib
import pytest

from bench.canonical import canonical, canonical_of, difference
from tests.contract.expect import carries_security_headers
from tests.contract.journey import STEPS, walk
from tests.contract.page import Page
from tests.contract.reply import Reply
from tests.contract.site import Site

Pages = dict[str, Reply | Exception]
EVERY_PAGE = pytest.mark.parametrize(
    "name", [pytest.param(step.name, marks=pytest.mark.feature(step.feature)) for step in STEPS]
)


@pytest.fixture(scope="session")
def pages(site: Site, request: pytest.FixtureRequest) -> Pages:
    """The journey through the house that is asked."""
    if site.house and site.house.larder:
        site.house.larder.reset()
    else:
        bare: Site = request.getfixturevalue("bare")
        if canonical(bare.program.get("/").text) != canonical(site.program.get("/").text):
            pytest.skip("needs a larder as it is in the beginning: this menu is another")
    return walk(site)


@pytest.fixture(scope="session")
def usual_pages(bare: Site) -> Pages:
    """The journey through the house without a framework."""
    return walk(bare)


def page_of(pages: Pages, name: str) -> Reply:
    page = pages[name]
    assert isinstance(page, Reply), f"the journey did not get there: {page}"
    return page


@cache
def parsed(page: Reply) -> tuple[str, tuple[str, ...]]:
    """Return a page's canonical DOM, and what a strict reader holds against it. Reading is slow."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root = parser.parse(page.text)
    return canonical_of(root), tuple(f"{kind} at {place}" for place, kind, _ in parser.errors)


@EVERY_PAGE
def test_a_page_is_valid_html(pages: Pages, name: str) -> None:
    page = page_of(pages, name)
    assert parsed(page)[1] == ()
    ids = [str(node.attributes["id"]) for node in Page(page).all("[id]")]
    assert len(ids) == len(set(ids)), f"an id is there twice: {sorted(ids)}"
    labelled = {str(node.attributes["for"]) for node in Page(page).all("label")}
    assert labelled <= set(ids), f"a label belongs to no field: {labelled - set(ids)}"
    carries_security_headers(page.headers)


@EVERY_PAGE
def test_a_page_is_the_same_as_without_a_framework(
    pages: Pages, usual_pages: Pages, name: str
) -> None:
    page, usual = page_of(pages, name), page_of(usual_pages, name)
    assert page.status == usual.status
    found = difference(parsed(usual)[0], parsed(page)[0], "bare", "here")
    assert not found, f"the page is another\n{found}"
