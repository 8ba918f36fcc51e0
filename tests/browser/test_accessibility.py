"""Every page passes axe, light and dark, on a desk and on a phone."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_a_guest_and_a_cook import order_a_soup, put_in_the_cart, sign_in
from tests.browser.visit import Visit
from tests.contract.house import House


def opened(path: str) -> Callable[[Page], object]:
    return lambda page: page.goto(path)


def filled_cart(page: Page) -> None:
    page.goto("/dishes/1")
    put_in_the_cart(page)


def order(page: Page) -> None:
    order_a_soup(page, "Grete")


def kitchen(page: Page) -> None:
    order(page)
    sign_in(page)


def dish_for_staff(page: Page) -> None:
    sign_in(page)
    page.goto("/dishes/1")


def refused_review(page: Page) -> None:
    page.goto("/dishes/1")
    page.locator("form.write").evaluate("form => { form.noValidate = true }")
    page.get_by_role("button", name="Send the review").click()
    expect(page.locator(".error")).to_have_count(3)


PAGES = {
    "menu": opened("/"),
    "search": opened("/dishes?q=e&course=main"),
    "dish": opened("/dishes/1"),
    "dish for staff": dish_for_staff,
    "refused review": refused_review,
    "empty cart": opened("/cart"),
    "filled cart": filled_cart,
    "order": order,
    "sign-in": opened("/login"),
    "kitchen": kitchen,
    "about": opened("/about"),
    "error": opened("/nowhere"),
}
LOOKS = {"light on a desk": ("light", 1440, 900), "dark on a phone": ("dark", 390, 844)}


@pytest.mark.one_house
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(chromium: Browser, house: House, name: str, look: str) -> None:
    scheme, width, height = LOOKS[look]
    viewport = {"width": width, "height": height}
    with Visit(chromium, house.url, color_scheme=scheme, viewport=viewport) as visit:
        PAGES[name](visit.page)
        found = Axe().run(visit.page)
        assert not found.violations_count, found.generate_report()
        wide = visit.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} pixels wide"
