"""A day at the workbench in Chromium: no difference between frameworks, on each stage."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from bench.core.paths import Paths
from tests.bench.kitchens import environment_of
from tests.bench.workbench.running import running_workbench
from tests.browser.workbench_day import StageVisit

pytestmark = pytest.mark.xdist_group("workbench in a browser")
NAMES = ("bare", "bottle", "flask")
PANELS = ("Replies", "Code", "Journey", "Database rows", "Faults")


@pytest.fixture(scope="module")
def running():
    with running_workbench(list(map(environment_of, NAMES)), Paths.from_environ()) as running:
        running.request("/")  # so that each test alone has a request to show
        yield running


@pytest.fixture
def page(chromium, running):
    """Open the workbench; the test fails if the browser reports an error."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(running.opened.address)
    yield page
    context.close()
    assert not errors


def test_a_day_on_three_stages_shows_no_difference(running, page, tmp_path):
    visit, since = StageVisit(page, running.stage_origin), running.workbench.journal.count

    def switch(part):
        running.settle(running.workbench.journal.count)
        name = NAMES[part % len(NAMES)]
        visit.put_on_stage(str(NAMES.index(name) + 1), environment_of(name).title)

    visit.spend_day("Ann & Ben", "2", tmp_path, switch)
    running.settle(running.workbench.journal.count)
    exchanges = running.workbench.exchanges.exchanges.values()
    found = [(each.target, each.differences) for each in exchanges if each.differences]
    assert found == []
    assert running.workbench.journal.count - since > 40
    rows = [
        site.live.database.current_rows()["order_lines"]
        for site in running.workbench.sites.values()
    ]
    assert rows[0] == rows[1] == rows[2]


def test_every_panel_passes_axe_in_both_colour_schemes(running, page):
    for panel in PANELS:
        page.locator(".panels a", has_text=panel).click()
        expect(page.locator(".panels a[aria-current]")).to_have_text(panel)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            results = Axe().run(page, {"exclude": [["iframe"]]})
            assert results.violations_count == 0, f"{panel}: {results.generate_report()}"


def test_the_page_of_a_source_file_passes_axe_in_both_colour_schemes(running, page):
    file = running.site("bare").environment.framework.folder / "app.py"
    page.goto(f"{running.origin}/source?path={file}#L3")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()


def test_the_keyboard_alone_uses_the_page(running, page):
    page.frame_locator("iframe").get_by_role("link", name="Cart").click()
    running.settle()
    page.locator("h1").first.click()
    page.keyboard.press("c")
    expect(page.locator(".panels a[aria-current]")).to_have_text("Code")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#timeline a[aria-current]")).to_have_count(1)
    assert "request=" in page.url
    assert "panel=code" in page.url
    page.keyboard.press("2")
    expect(page.locator(".frameworks [aria-pressed=true]")).to_contain_text("bottle")


def test_a_narrow_window_shows_one_part_at_a_time(page):
    page.set_viewport_size({"width": 390, "height": 844})
    for part in ("Timeline", "Panel", "Stage"):
        page.get_by_role("navigation", name="Parts").get_by_role("link", name=part).click()
        expect(page.locator(f"main > .{part.lower()}")).to_be_visible()
        expect(page.locator("main > section:visible")).to_have_count(1)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390


def test_without_javascript_the_page_is_a_list_of_requests(chromium, running):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(running.opened.address)
    page.locator("#timeline a[data-number]").first.click()
    expect(page.locator("#panel h2")).to_be_visible()
    page.get_by_role("link", name="Database rows").click()
    expect(page.locator("#panel")).to_contain_text("SQL statements")
    page.locator(".frameworks button").nth(2).click()
    expect(page.locator(".frameworks [aria-pressed=true]")).to_contain_text("flask")
    context.close()
