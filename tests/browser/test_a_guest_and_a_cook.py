"""A guest eats and a cook cooks, with and without JavaScript.

A click does not wait for the page it leads to: each waits here for what only the new page has, lest
the next click hits the page that goes, or stops the form on its way.
"""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.contract.pictures import PNG


def order_a_soup(page: Page, guest: str) -> None:
    page.goto("/")
    page.get_by_role("link", name="Leek soup").click()
    page.get_by_role("spinbutton", name="Portions").fill("2")
    put_in_the_cart(page)
    page.get_by_label("Your name").fill(guest)
    page.get_by_role("button", name="Place the order").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your order")


def put_in_the_cart(page: Page) -> None:
    page.get_by_role("button", name="Put in the cart").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your cart")


def sign_in(page: Page) -> None:
    page.goto("/kitchen")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("leek-and-potato")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The kitchen")


def test_a_guest_finds_a_dish_and_reviews_it(anyone: Page) -> None:
    anyone.goto("/dishes")
    anyone.get_by_label("Words").fill("leek")
    anyone.get_by_role("button", name="Find", exact=True).click()
    expect(anyone).to_have_url(re.compile("q=leek"))
    anyone.get_by_role("link", name="Leek soup").click()
    anyone.get_by_label("Your name").fill("Grete")
    anyone.get_by_label("Rating").select_option("4")
    anyone.get_by_label("What was it like?").fill("Warm & <b>green</b>.")
    anyone.get_by_role("button", name="Send the review").click()
    expect(anyone.locator("p.flash")).to_have_text("Thank you for your review.")
    expect(anyone.locator("article.review").first).to_contain_text("Warm & <b>green</b>.")


def test_a_guest_orders_and_sees_the_order(anyone: Page) -> None:
    order_a_soup(anyone, "Grete")
    expect(anyone.get_by_role("main")).to_contain_text("Status: placed")
    anyone.goto("/cart")
    expect(anyone.get_by_role("main")).to_contain_text("nothing in your cart")


def test_a_cart_can_be_changed_and_emptied(anyone: Page) -> None:
    anyone.goto("/dishes/2")
    put_in_the_cart(anyone)
    anyone.get_by_role("spinbutton").fill("3")
    anyone.get_by_role("button", name="Change").click()
    expect(anyone.locator(".count")).to_have_text("3")
    anyone.get_by_role("button", name="Take out").click()
    expect(anyone.get_by_role("main")).to_contain_text("nothing in your cart")


def test_a_cook_cooks_an_order_and_signs_out(anyone: Page) -> None:
    order_a_soup(anyone, "Heinrich")
    sign_in(anyone)
    ticket = anyone.locator("article.ticket", has_text="Heinrich").last
    ticket.get_by_role("button", name="cooking").click()
    ticket = anyone.locator("article.ticket", has_text="Heinrich").last
    expect(ticket.locator(".status")).to_have_text("cooking")
    ticket.get_by_role("button", name="served").click()
    expect(anyone.get_by_role("button", name="served")).to_have_count(0)
    anyone.get_by_role("button", name="Sign out").click()
    expect(anyone).to_have_url(re.compile("/$"))
    anyone.goto("/kitchen")
    expect(anyone.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_cook_changes_a_photo_and_it_is_shown(anyone: Page, tmp_path: Path) -> None:
    picture = tmp_path / "soup.png"
    picture.write_bytes(PNG)
    sign_in(anyone)
    anyone.goto("/dishes/5")
    anyone.get_by_label("PNG, JPEG or WebP").set_input_files(picture)
    anyone.get_by_role("button", name="Change the photo").click()
    expect(anyone.locator("p.flash")).to_have_text("The new photo is up.")
    photo = anyone.locator("article.one-dish img")
    assert photo.get_attribute("src").startswith("/photos/")
    assert photo.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1


def test_a_wrong_password_is_told_and_the_name_kept(anyone: Page) -> None:
    anyone.goto("/login")
    anyone.get_by_label("Name").fill("ada")
    anyone.get_by_label("Password").fill("wrong")
    anyone.get_by_role("button", name="Sign in").click()
    expect(anyone.get_by_role("alert")).to_be_visible()
    expect(anyone.get_by_label("Name")).to_have_value("ada")


def test_back_shows_nothing_of_the_kitchen_after_signing_out(anyone: Page) -> None:
    anyone.context.clear_cookies()  # the browser is the one of the tests before, and signed in
    order_a_soup(anyone, "Wilhelmine")
    sign_in(anyone)
    expect(anyone.get_by_role("main")).to_contain_text("Wilhelmine")
    anyone.get_by_role("button", name="Sign out").click()
    expect(anyone).to_have_url(re.compile("/$"))
    anyone.go_back()
    expect(anyone.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(anyone.locator("body")).not_to_contain_text("Wilhelmine")
