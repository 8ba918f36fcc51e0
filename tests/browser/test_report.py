"""Tests of the report in a browser: files on disk, with and without JavaScript."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bench.core.paths import Paths
from bench.report import screenshot, site
from tests.bench.results.samples import build_full_results, build_results, parse
from tests.browser.visit import Visit

DISPLAYS = {"light on a desktop": ("light", 1440, 900), "dark on a phone": ("dark", 390, 844)}
OPEN_ALL = "document.querySelectorAll('details').forEach((details) => { details.open = true })"
# One page of each kind.
PAGES = (
    "index.html", "frameworks/index.html", "frameworks/flask.html", "features/index.html",
    "features/show-the-menu.html", "compare/index.html", "compare/bare-flask.html",
    "behaviour/index.html", "behaviour/methods.html", "probes/options.html", "hardening.html",
    "cost/index.html", "cost/menu.html", "cost/growth.html", "cost/load.html",
    "cost/instruments.html", "journey/index.html", "journey/show-the-menu.html", "method.html",
    "sources/flask/handlers.py.html", "versions/index.html", "versions/newt.html",
)  # fmt: skip


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of the folder of a report on disk."""
    folder: Path = tmp_path_factory.mktemp("report")
    site.write_pages(folder, site.render_site(parse(build_full_results())))
    (folder / "results.json").write_text("{}")
    return folder.as_uri()


@pytest.fixture
def reader(chromium: Browser, report: str) -> Iterator[Page]:
    """Yield a browser's page with the report's first page."""
    with Visit(chromium, report) as visit:
        visit.page.goto(f"{report}/index.html")
        yield visit.page


def row_names(page: Page, table: str) -> list[str]:
    return page.locator(f"{table} tbody th").all_inner_texts()


def reload_from_address(page: Page) -> None:
    """Open the page's address again, as a reader does who gets the address from somebody."""
    address = page.url
    page.goto("about:blank")
    page.goto(address)


@pytest.mark.parametrize("display", DISPLAYS)
def test_axe_reports_no_violation_and_no_page_scrolls_sideways(
    chromium: Browser, report: str, display: str
) -> None:
    scheme, width, height = DISPLAYS[display]
    viewport = {"width": width, "height": height}
    with Visit(chromium, report, color_scheme=scheme, viewport=viewport) as visit:
        for path in PAGES:
            visit.page.goto(f"{report}/{path}")
            visit.page.evaluate(
                "document.querySelectorAll('details').forEach((d) => d.open = true)"
            )
            # Without preload axe does not fetch the stylesheet, which a page on disk must not.
            results = Axe().run(visit.page, options={"preload": False})
            assert not results.violations_count, path + results.generate_report()
            scroll_width = visit.page.evaluate("document.documentElement.scrollWidth")
            assert scroll_width <= width, f"{path} is {scroll_width} pixels wide"


def test_every_page_of_the_navigation_opens(reader: Page) -> None:
    count = reader.locator("nav[aria-label=Sections] a").count()
    for number in range(count):
        link = reader.locator("nav[aria-label=Sections] a").nth(number)
        text = link.inner_text()
        link.click()
        current = reader.locator("nav[aria-label=Sections] a[aria-current]")
        expect(current).to_have_text(text)
    assert count == 11


def test_a_pair_is_chosen_above_and_kept_for_the_next_page(reader: Page) -> None:
    reader.locator("#pair [name=a]").select_option("bottle")
    reader.locator("#pair [name=b]").select_option("bare")
    assert "a=bottle" in reader.url
    reader.get_by_role("button", name="Show").click()
    expect(reader.locator("h1")).to_have_text("bare and Bottle 0.13")
    reader.get_by_role("link", name="Features").click()
    expect(reader.locator("#pair [name=a]")).to_have_value("bottle")


def test_nothing_is_preferred_until_the_reader_chooses(reader: Page) -> None:
    assert row_names(reader, "#overview") == ["bare", "Bottle 0.13", "Flask 3"]
    expect(reader.locator("#order")).to_have_text("")
    expect(reader.locator("#overview .sum").first).to_be_hidden()


def test_weights_order_the_frameworks_with_ties_and_the_address_stores_them(reader: Page) -> None:
    order = reader.locator("#order")
    reader.locator("#weights input[name=released]").fill("2")
    expect(order).to_have_text("First: Flask 3.")
    reader.locator("#weights input[name=released]").fill("0")
    reader.locator("#weights input[name=lines]").fill("1")
    expect(order).to_have_text("A tie: Bottle 0.13, Flask 3.")
    assert row_names(reader, "#overview")[2] == "bare"
    reload_from_address(reader)
    expect(order).to_have_text("A tie: Bottle 0.13, Flask 3.")
    reader.get_by_role("button", name="Reset").click()
    expect(order).to_have_text("")
    assert "weigh" not in reader.url


def test_the_sum_adds_up_the_ranks_that_the_row_shows(reader: Page) -> None:
    weights = {"memory": 3, "menu": 2, "lines": 1}
    for name, weight in weights.items():
        reader.locator(f"#weights input[name={name}]").fill(str(weight))
    heads = reader.locator("#overview thead th").evaluate_all(
        "heads => heads.map((head) => head.dataset.criterion)"
    )
    for row in reader.locator("#overview tbody tr").all():
        ranks = {
            name: int(row.locator("th, td").nth(heads.index(name)).locator(".rank").inner_text())
            for name in weights
        }
        total = sum(weight * ranks[name] for name, weight in weights.items())
        assert row.locator(".sum").inner_text() == str(total)


@pytest.mark.parametrize("preset", ["A small API", "A team", "Fewest dependencies"])
def test_a_preset_sets_the_weights(reader: Page, preset: str) -> None:
    reader.get_by_role("button", name=preset).click()
    expect(reader.locator("#order")).not_to_have_text("")
    assert "weigh=" in reader.url


def test_selected_frameworks_are_shown_and_the_address_stores_them(
    reader: Page, report: str
) -> None:
    reader.goto(f"{report}/features/show-the-menu.html")
    reader.get_by_role("checkbox", name="bare").uncheck()
    columns = reader.locator(".columns article:visible h2")
    assert columns.all_inner_texts() == ["Flask 3", "Bottle 0.13"]
    reload_from_address(reader)
    assert columns.all_inner_texts() == ["Flask 3", "Bottle 0.13"]
    reader.get_by_role("button", name="None").click()
    assert columns.all_inner_texts() == []
    reader.get_by_role("button", name="All", exact=True).click()
    assert len(columns.all_inner_texts()) == 3


def test_probes_are_searched_and_filtered_by_the_two_frameworks_above(
    reader: Page, report: str
) -> None:
    reader.goto(f"{report}/behaviour/methods.html")
    rows = reader.locator("#probes tbody tr:visible")
    assert rows.count() == 2
    reader.get_by_label("Search").fill("HEAD")
    assert rows.count() == 1
    reader.get_by_label("Search").fill("")
    reader.get_by_label("Only where the two").check()
    reader.locator("#pair [name=a]").select_option("flask")
    reader.locator("#pair [name=b]").select_option("bottle")
    assert rows.count() == 0
    reader.locator("#pair [name=b]").select_option("bare")
    assert rows.all_inner_texts()[0].startswith("OPTIONS")
    reload_from_address(reader)
    assert rows.count() == 1


def test_a_column_sorts_both_ways_and_the_address_stores_the_order(
    reader: Page, report: str
) -> None:
    reader.goto(f"{report}/hardening.html")
    lines = reader.locator("th[data-column=taught] button")
    lines.click()
    assert row_names(reader, "#hardening-table")[2] == "bare"
    lines.click()
    assert row_names(reader, "#hardening-table")[0] == "bare"
    reload_from_address(reader)
    assert row_names(reader, "#hardening-table")[0] == "bare"


def test_a_link_to_a_source_line_shows_the_line(reader: Page, report: str) -> None:
    reader.goto(f"{report}/features/show-the-menu.html")
    reader.get_by_text("bare/handlers.py:6").click()
    expect(reader.locator("#L6")).to_be_in_viewport()
    expect(reader.locator("h1")).to_have_text("bare/handlers.py")


def test_the_report_is_readable_without_javascript(chromium: Browser, report: str) -> None:
    with Visit(chromium, report, java_script_enabled=False) as visit:
        visit.page.goto(f"{report}/index.html")
        assert row_names(visit.page, "#overview") == ["bare", "Bottle 0.13", "Flask 3"]
        visit.page.get_by_role("button", name="Show").click()
        visit.page.get_by_role("link", name="bare and Flask 3").first.click()
        expect(visit.page.locator("h1")).to_have_text("bare and Flask 3")
        visit.page.goto(f"{report}/features/show-the-menu.html")
        expect(visit.page.get_by_text('return fry("menu")').first).to_be_visible()


def test_the_picture_of_the_site_and_the_report_is_small(chromium: Browser, tmp_path: Path) -> None:
    file = tmp_path / "site.png"
    screenshot.capture_screenshot(chromium, parse(build_results()), Paths(state=tmp_path), file)
    assert file.read_bytes().startswith(b"\x89PNG")
    assert file.stat().st_size < 300_000
