"""Guests and staff use the site in a browser, with and without JavaScript.

A click does not wait for the next page. Each test therefore waits for content that only the next
page has; otherwise the next click could hit the old page, or cancel the form.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench.conformance.pictures import PNG


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


def test_a_guest_searches_a_dish_and_reviews_it(visitor: Page) -> None:
    visitor.goto("/dishes")
    visitor.get_by_label("Words").fill("leek")
    visitor.get_by_role("button", name="Find dishes").click()
    expect(visitor).to_have_url(re.compile("q=leek"))
    visitor.get_by_role("link", name="Leek soup").click()
    visitor.get_by_label("Your name").fill("Grete")
    visitor.get_by_label("Rating").select_option("4")
    visitor.get_by_label("What was it like?").fill("Warm & <b>green</b>.")
    visitor.get_by_role("button", name="Send the review").click()
    expect(visitor.locator("p.flash")).to_have_text("Thank you for your review.")
    expect(visitor.locator("article.review").first).to_contain_text("Warm & <b>green</b>.")


def test_a_guest_orders_and_sees_the_order(visitor: Page) -> None:
    order_a_soup(visitor, "Grete")
    expect(visitor.get_by_role("main")).to_contain_text("Status: placed")
    visitor.get_by_role("link", name="Back to the menu").click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("The menu")
    visitor.goto("/cart")
    expect(visitor.get_by_role("main")).to_contain_text("nothing in your cart")


@pytest.mark.one_house
def test_a_guest_changes_and_empties_the_cart(visitor: Page) -> None:
    visitor.goto("/dishes/2")
    put_in_the_cart(visitor)
    visitor.get_by_role("spinbutton").fill("3")
    visitor.get_by_role("button", name="Change portions").click()
    expect(visitor.locator(".count")).to_have_text("3")
    visitor.get_by_role("button", name="Remove from the cart").click()
    expect(visitor.get_by_role("main")).to_contain_text("nothing in your cart")


def test_staff_serve_an_order_and_sign_out(visitor: Page) -> None:
    order_a_soup(visitor, "Heinrich")
    sign_in(visitor)
    ticket = visitor.locator("article.ticket", has_text="Heinrich").last
    ticket.get_by_role("button", name="Start cooking").click()
    ticket = visitor.locator("article.ticket", has_text="Heinrich").last
    expect(ticket.locator(".status")).to_have_text("cooking")
    ticket.get_by_role("button", name="Mark as served").click()
    expect(visitor.get_by_role("button", name="Mark as served")).to_have_count(0)
    visitor.get_by_role("button", name="Sign out").click()
    expect(visitor).to_have_url(re.compile("/$"))
    visitor.goto("/kitchen")
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_staff_change_a_photo(visitor: Page, tmp_path: Path) -> None:
    picture = tmp_path / "soup.png"
    picture.write_bytes(PNG)
    sign_in(visitor)
    visitor.goto("/dishes/5")
    visitor.get_by_label("PNG, JPEG or WebP").set_input_files(picture)
    visitor.get_by_role("button", name="Change the photo").click()
    expect(visitor.locator("p.flash")).to_have_text("The new photo is up.")
    photo = visitor.locator("article.one-dish img")
    assert photo.get_attribute("src").startswith("/photos/")
    assert photo.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1


@pytest.mark.one_house
def test_a_wrong_password_shows_a_message_and_keeps_the_name(visitor: Page) -> None:
    visitor.goto("/login")
    visitor.get_by_label("Name").fill("ada")
    visitor.get_by_label("Password").fill("wrong")
    visitor.get_by_role("button", name="Sign in").click()
    expect(visitor.get_by_role("alert")).to_be_visible()
    expect(visitor.get_by_label("Name")).to_have_value("ada")


@pytest.mark.one_house
def test_back_does_not_show_the_kitchen_after_sign_out(visitor: Page) -> None:
    visitor.context.clear_cookies()  # earlier tests have signed in with this browser
    order_a_soup(visitor, "Wilhelmine")
    sign_in(visitor)
    expect(visitor.get_by_role("main")).to_contain_text("Wilhelmine")
    visitor.get_by_role("button", name="Sign out").click()
    expect(visitor).to_have_url(re.compile("/$"))
    visitor.go_back()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(visitor.locator("body")).not_to_contain_text("Wilhelmine")
