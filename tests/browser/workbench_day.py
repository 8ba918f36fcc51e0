"""A day of a guest and a cook at the workbench: every feature of the site, on the stage."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import FrameLocator, Page, expect

from bench.conformance.pictures import PNG
from bench.conformance.site_constants import API_AUTHORIZATION


class StageVisit:
    """A page of the workbench, with the site on stage in its frame."""

    def __init__(self, page: Page, stage_origin: str) -> None:
        self.page, self.stage_origin = page, stage_origin
        page.set_default_timeout(30_000)
        expect.set_options(timeout=30_000)

    @property
    def stage(self) -> FrameLocator:
        """Return the frame of the stage."""
        return self.page.frame_locator("iframe")

    def put_on_stage(self, key: str, title: str) -> None:
        """Press the key of a framework, and wait until its page is on stage."""
        self.page.locator("h1").first.click()
        self.page.keyboard.press(key)
        expect(self.stage.locator("footer")).to_contain_text(title)

    def follow(self, name: str, heading: str) -> None:
        """Follow a link of the site, and wait for the page."""
        self.stage.get_by_role("link", name=name, exact=True).first.click()
        self.expect_heading(heading)

    def press(self, name: str, heading: str) -> None:
        """Press a button of the site, and wait for the page."""
        self.stage.get_by_role("button", name=name, exact=True).first.click()
        self.expect_heading(heading)

    def expect_heading(self, heading: str) -> None:
        """Wait for the page with a heading."""
        expect(self.stage.locator("main h1")).to_have_text(heading)

    @contextmanager
    def second_tab(self) -> Iterator[Page]:
        """Yield another tab of the same browser, at the address of the stage."""
        page = self.page.context.new_page()
        try:
            yield page
        finally:
            page.close()

    def spend_day(
        self,
        guest: str,
        portions: str,
        folder: Path,
        on_part: Callable[[int], None] = lambda number: None,
    ) -> None:
        """Browse, review, order, sign in, cook, cancel, upload, export and use the API.

        `on_part` is called between the parts of the day, with their number.
        """
        self.browse_and_review(guest)
        on_part(1)
        self.order(guest, portions)
        on_part(2)
        self.cook(guest)
        self.upload_and_export(folder)
        on_part(3)
        self.use_api()
        self.stage.get_by_role("link", name="Kitchen", exact=True).click()
        self.expect_heading("The kitchen")
        self.press("Sign out", "The menu")

    def browse_and_review(self, guest: str) -> None:
        """Search a dish and write a review."""
        self.follow("Find a dish", "Find a dish")
        self.stage.get_by_label("Words").fill("leek")
        self.stage.get_by_role("button", name="Find dishes").click()
        self.follow("Leek soup", "Leek soup")
        self.stage.get_by_label("Your name").fill(guest)
        self.stage.get_by_label("Rating").select_option("4")
        self.stage.get_by_label("What was it like?").fill("Warm & <b>green</b>.")
        self.press("Send the review", "Leek soup")
        expect(self.stage.locator("p.flash")).to_be_visible()

    def order(self, guest: str, portions: str) -> None:
        """Fill the cart in two tabs, order, and order more than there is."""
        with self.second_tab() as tab:
            tab.goto(f"{self.stage_origin}/dishes/3")
            tab.get_by_role("button", name="Put in the cart").click()
            expect(tab.locator("main h1")).to_have_text("Your cart")
            self.stage.get_by_role("spinbutton").first.fill(portions)
            self.press("Put in the cart", "Your cart")
            expect(self.stage.locator("table.cart tbody tr")).to_have_count(2)
            tab.reload()
            expect(tab.locator("table.cart tbody tr")).to_have_count(2)
        self.stage.get_by_label("Your name").fill(guest)
        self.press("Place the order", "Your order")
        self.follow("Back to the menu", "The menu")
        self.follow("Leek soup", "Leek soup")
        for _ in range(2):
            self.stage.get_by_role("spinbutton").first.fill("20")
            self.press("Put in the cart", "Your cart")
            self.stage.get_by_label("Your name").fill(guest)
            self.stage.get_by_role("button", name="Place the order").click()
            heading = self.stage.locator("main h1")
            expect(self.stage.locator("main .error, main > .status").first).to_be_visible()
            if heading.inner_text() == "Your cart":  # not enough portions are left
                self.press("Remove from the cart", "Your cart")
                return
            self.follow("Back to the menu", "The menu")
            self.follow("Leek soup", "Leek soup")
            if self.stage.locator(".sold-out").count():
                return

    def cook(self, guest: str) -> None:
        """Sign in, move one order along, and cancel another one."""
        self.follow("Kitchen", "Sign in")
        self.stage.get_by_label("Name").fill("ada")
        self.stage.get_by_label("Password").fill("leek-and-potato")
        self.press("Sign in", "The kitchen")
        self.press("Start cooking", "The kitchen")
        served = self.stage.get_by_role("button", name="Mark as served")
        served.first.click()
        expect(served).to_have_count(0)
        cancel = self.stage.get_by_role("button", name="Cancel the order")
        if count := cancel.count():
            cancel.first.click()
            expect(cancel).to_have_count(count - 1)

    def upload_and_export(self, folder: Path) -> None:
        """Change the photo of a dish, and download the orders."""
        photo = folder / "photo.png"
        photo.write_bytes(PNG)
        with self.page.expect_download():
            self.stage.get_by_role("link", name="Export the orders").click()
        self.follow("Menu", "The menu")
        self.stage.locator("li.dish a").nth(1).click()
        self.stage.locator("input[type=file]").set_input_files(photo)
        self.stage.get_by_role("button", name="Change the photo").click()
        expect(self.stage.locator("p.flash")).to_be_visible()

    def use_api(self) -> None:
        """Place an order by program, with the page's own form."""
        self.page.get_by_text("Send a request").click()
        form = self.page.locator("form[action='/send']")
        form.get_by_label("Method").fill("POST")
        form.get_by_label("Path").fill("/api/orders")
        form.get_by_label("Headers").fill(
            f"Authorization: {API_AUTHORIZATION}\nContent-Type: application/json"
        )
        order = {"guest": "Program", "lines": [{"dish_id": 2, "quantity": 1}]}
        form.get_by_label("Body").fill(json.dumps(order))
        form.get_by_role("button").click()
        sent = self.page.locator("#timeline li", has_text="/api/orders")
        expect(sent.locator(".status")).to_have_text("201")
        self.page.get_by_text("Send a request").click()
