"""Tests of the report in a browser: one file on disk, with and without JavaScript."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bench.core.paths import Paths
from bench.report import screenshot
from bench.report.page import render_report
from tests.bench.results.samples import build_full_results, build_results, parse
from tests.browser.visit import Visit

DISPLAYS = {"light on a desktop": ("light", 1440, 900), "dark on a phone": ("dark", 390, 844)}


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a report on disk."""
    file: Path = tmp_path_factory.mktemp("report") / "index.html"
    results = build_results() | {"hardening": build_full_results()["hardening"]}
    file.write_text(render_report(parse(results)), encoding="utf-8")
    return file.as_uri()


@pytest.fixture
def reader(chromium: Browser, report: str) -> Iterator[Page]:
    """Yield a browser's page with the report."""
    with Visit(chromium, report.rpartition("/")[0]) as visit:
        visit.page.goto(report)
        yield visit.page


def row_names(page: Page, table: str) -> list[str]:
    return page.locator(f"{table} tbody th").all_inner_texts()


@pytest.mark.parametrize("display", DISPLAYS)
def test_axe_reports_no_violation(chromium: Browser, report: str, display: str) -> None:
    scheme, width, height = DISPLAYS[display]
    viewport = {"width": width, "height": height}
    folder = report.rpartition("/")[0]
    with Visit(chromium, folder, color_scheme=scheme, viewport=viewport) as visit:
        visit.page.goto(report)
        visit.page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
        results = Axe().run(visit.page)
        assert not results.violations_count, results.generate_report()
        scroll_width = visit.page.evaluate("document.documentElement.scrollWidth")
        assert scroll_width <= width, f"the report is {scroll_width} pixels wide"


def test_a_column_sorts_both_ways_and_the_address_stores_the_order(reader: Page) -> None:
    python = reader.locator("th[data-column=python] button")
    python.click()
    assert row_names(reader, "#overview-table")[2] == "bare"
    python.click()
    assert row_names(reader, "#overview-table")[0] == "bare"
    shared = reader.url
    reader.goto("about:blank")
    reader.goto(shared)
    assert row_names(reader, "#overview-table")[0] == "bare"
    assert reader.locator("th[aria-sort=descending]").inner_text().startswith("Python")


def test_columns_and_baseline_can_be_selected_and_the_address_stores_them(reader: Page) -> None:
    costs = reader.locator("#overview-table tbody td:last-child")
    initial = costs.all_inner_texts()
    assert initial[0] == "baseline"
    reader.get_by_text("Columns and baseline").click()
    reader.locator("#overview-choice").get_by_label("Templates", exact=True).uncheck()
    reader.get_by_label("Baseline").select_option("flask")
    shared = reader.url
    reader.goto("about:blank")
    reader.goto(shared)
    expect(reader.get_by_label("Baseline")).to_have_value("flask")
    expect(reader.locator("#overview-table [data-column=templates]")).to_be_hidden()
    expect(reader.locator("#overview-table [data-column=python]")).to_be_visible()
    assert costs.all_inner_texts()[:2] == ["-50 ± 5", "baseline"]
    reader.get_by_label("Baseline").select_option("bare")
    assert costs.all_inner_texts() == initial
    assert "over=" not in reader.url


def test_selected_frameworks_are_shown_and_the_address_stores_them(reader: Page) -> None:
    reader.locator("#show-the-menu summary").click()
    reader.get_by_role("checkbox", name="bare").uncheck()
    columns = reader.locator("#show-the-menu article:visible h4")
    assert columns.all_inner_texts() == ["Flask 3", "Bottle 0.13"]
    shared = reader.url
    reader.goto("about:blank")
    reader.goto(shared)
    reader.locator("#show-the-menu summary").click()
    assert columns.all_inner_texts() == ["Flask 3", "Bottle 0.13"]


def test_weights_order_the_frameworks_with_ties_and_the_address_stores_them(reader: Page) -> None:
    order = reader.locator("#choose-order")
    expect(order).to_have_text("First: Flask 3.")
    reader.locator("#weights input[name=released]").fill("0")
    expect(order).to_have_text("First: Bottle 0.13.")
    for name in ("megabytes", "menu", "packages", "provisions", "missed", "memory"):
        reader.locator(f"#weights input[name={name}]").fill("0")
    expect(order).to_have_text("A tie: Flask 3, Bottle 0.13.")
    shared = reader.url
    reader.goto("about:blank")
    reader.goto(shared)
    expect(order).to_have_text("A tie: Flask 3, Bottle 0.13.")


def test_the_sum_adds_up_the_ranks_that_the_row_shows(reader: Page) -> None:
    reader.locator("#weights input[name=memory]").fill("3")
    columns = reader.locator("#choose-table th[data-criterion]").evaluate_all(
        "heads => heads.map(head => head.dataset.criterion)"
    )
    for row in reader.locator("#choose-table tbody tr").all():
        *ranks, total = row.locator("td").all_text_contents()
        if total != "unknown":
            weights = [3 if column == "memory" else 1 for column in columns]
            pairs = zip(weights, ranks, strict=True)
            assert int(total) == sum(weight * int(rank) for weight, rank in pairs)


def test_a_link_to_a_source_line_opens_its_file(reader: Page) -> None:
    reader.locator("#show-the-menu summary").click()
    reader.locator("#show-the-menu article").first.get_by_text("bare/handlers.py:6").click()
    line = reader.locator("[id='bare/handlers.py-6']")
    expect(line).to_be_in_viewport()


def test_the_report_is_readable_without_javascript(chromium: Browser, report: str) -> None:
    with Visit(chromium, report.rpartition("/")[0], java_script_enabled=False) as visit:
        visit.page.goto(report)
        assert row_names(visit.page, "#overview-table") == ["bare", "Flask 3", "Bottle 0.13"]
        expect(visit.page.locator("#choose-table td").first).to_have_text("3")
        visit.page.locator("#show-the-menu summary").click()
        expect(visit.page.get_by_text('return fry("menu")').first).to_be_visible()


def test_the_picture_of_the_site_and_the_report_is_small(chromium: Browser, tmp_path: Path) -> None:
    file = tmp_path / "site.png"
    screenshot.capture_screenshot(chromium, parse(build_results()), Paths(state=tmp_path), file)
    assert file.read_bytes().startswith(b"\x89PNG")
    assert file.stat().st_size < 300_000
