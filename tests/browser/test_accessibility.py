"""Every page passes axe, in light and dark mode, on a desktop and on a phone."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_a_guest_and_a_cook import order_a_soup, put_in_the_cart, sign_in
from tests.browser.visit import Visit
from tests.contract.house import House


def open_page(path: str) -> Callable[[Page], object]:
    return lambda page: page.goto(path)


def fill_cart(page: Page) -> None:
    page.goto("/dishes/1")
    put_in_the_cart(page)


def place_order(page: Page) -> None:
    order_a_soup(page, "Grete")


def open_kitchen(page: Page) -> None:
    place_order(page)
    sign_in(page)


def open_dish_as_staff(page: Page) -> None:
    sign_in(page)
    page.goto("/dishes/1")


def send_invalid_review(page: Page) -> None:
    page.goto("/dishes/1")
    page.locator("form.write").evaluate("form => { form.noValidate = true }")
    page.get_by_role("button", name="Send the review").click()
    expect(page.locator(".error")).to_have_count(3)


PAGES = {
    "menu": open_page("/"),
    "search": open_page("/dishes?q=e&course=main"),
    "dish": open_page("/dishes/1"),
    "dish for staff": open_dish_as_staff,
    "invalid review": send_invalid_review,
    "empty cart": open_page("/cart"),
    "filled cart": fill_cart,
    "order": place_order,
    "sign-in": open_page("/login"),
    "kitchen": open_kitchen,
    "about": open_page("/about"),
    "error": open_page("/nowhere"),
}
LOOKS = {"light on a desktop": ("light", 1440, 900), "dark on a phone": ("dark", 390, 844)}


@pytest.mark.one_house
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_axe_reports_no_violation(chromium: Browser, house: House, name: str, look: str) -> None:
    scheme, width, height = LOOKS[look]
    viewport = {"width": width, "height": height}
    with Visit(chromium, house.url, color_scheme=scheme, viewport=viewport) as visit:
        PAGES[name](visit.page)
        results = Axe().run(visit.page)
        assert not results.violations_count, results.generate_report()
        page_width = visit.page.evaluate("document.documentElement.scrollWidth")
        assert page_width <= width, f"{name} is {page_width} pixels wide"
