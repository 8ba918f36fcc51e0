"""Reviews of guests, and the errors of each field."""

import pytest

from tests.contract.expect import is_error_page, is_page, leads_to
from tests.contract.guest import Guest
from tests.contract.larder import Larder
from tests.contract.levels import hardening
from tests.contract.site import OwnDish, Site, at_once

pytestmark = pytest.mark.feature("write-a-review")
THANKS = "Thank you for your review."
GOOD = {"author": "Ida", "rating": "4", "body": "Like at home."}


def test_a_review_is_shown_with_the_dish(guest: Guest, dish: OwnDish) -> None:
    reply = guest.post(f"{dish.page}/reviews", {**GOOD, "body": "Like at grandmother's."})
    leads_to(reply, dish.page)
    newest = is_page(guest.get(dish.page)).all(".review")[0]
    words = " ".join(newest.text().split())
    assert words.startswith("Ida 4 of 5 Like at grandmother's. 20")


def test_the_newest_review_comes_first(guest: Guest, dish: OwnDish) -> None:
    for author in ("First", "Second"):
        guest.post(f"{dish.page}/reviews", {**GOOD, "author": author})
    assert is_page(guest.get(dish.page)).texts(".review h3")[:2] == ["Second", "First"]


def test_a_guest_is_thanked_once(guest: Guest, dish: OwnDish) -> None:
    guest.post(f"{dish.page}/reviews", GOOD)
    assert guest.get("/no-such-page").status == 404
    assert is_page(guest.get("/")).texts(".flash") == [THANKS]
    assert is_page(guest.get(dish.page)).texts(".flash") == []


def test_nobody_else_is_thanked(site: Site, guest: Guest, dish: OwnDish) -> None:
    guest.post(f"{dish.page}/reviews", GOOD)
    assert is_page(site.guest().get(dish.page)).texts(".flash") == []


def test_the_thanks_shown_on_a_refused_form_are_not_told_again(guest: Guest, dish: OwnDish) -> None:
    guest.post(f"{dish.page}/reviews", GOOD)
    refused = guest.post(f"{dish.page}/reviews", {**GOOD, "rating": "9"})
    assert is_page(refused, 422).texts(".flash") == [THANKS]
    assert is_page(guest.get(dish.page)).texts(".flash") == []


@pytest.mark.parametrize(
    ("field", "text"),
    [
        pytest.param("author", "", id="no author"),
        pytest.param("author", "   ", id="a blank author"),
        pytest.param("author", "x" * 81, id="an author of 81 characters"),
        pytest.param("author", "a\nb", id="an author on two lines"),
        pytest.param("author", "a\x00b", id="a NUL in the author"),
        pytest.param("author", "a\x1bb", id="an escape character in the author"),
        pytest.param("author", None, id="no author field"),
        pytest.param("rating", "", id="no rating"),
        pytest.param("rating", "0", id="rating 0"),
        pytest.param("rating", "6", id="rating 6"),
        pytest.param("rating", "-1", id="rating -1"),
        pytest.param("rating", "4.5", id="rating 4.5"),
        pytest.param("rating", "five", id="rating five"),
        pytest.param("rating", "٤", id="a rating in Arabic digits"),
        pytest.param("rating", "9" * 6000, id="a rating of 6,000 digits"),
        pytest.param("rating", None, id="no rating field"),
        pytest.param("body", "", id="no body"),
        pytest.param("body", " \r\n ", id="a blank body"),
        pytest.param("body", "x" * 10001, id="a body of 10,001 characters"),
        pytest.param("body", "a\x00b", id="a NUL in the body"),
        pytest.param("body", None, id="no body field"),
    ],
)
@hardening("identifiers", "a rating in Arabic digits", "a rating of 6,000 digits")
def test_a_bad_field_is_named_and_nothing_is_kept(
    guest: Guest, dish: OwnDish, field: str, text: str | None
) -> None:
    before = len(is_page(guest.get(dish.page)).all(".review"))
    form = {name: value for name, value in {**GOOD, field: text}.items() if value is not None}
    page = is_page(guest.post(f"{dish.page}/reviews", form), 422)
    assert [node.attributes["id"] for node in page.all(".error")] == [f"{field}-error"]
    assert page.text("h1") == dish.name
    shown = is_page(guest.get(dish.page))
    assert len(shown.all(".review")) == before
    assert shown.all(".flash") == []


def test_every_bad_field_is_named_at_once(guest: Guest, dish: OwnDish) -> None:
    page = is_page(guest.post(f"{dish.page}/reviews", {}), 422)
    named = [node.attributes["id"] for node in page.all(".error")]
    assert named == ["author-error", "rating-error", "body-error"]


def test_what_was_typed_is_kept(guest: Guest, dish: OwnDish) -> None:
    typed = {"author": "Ida", "rating": "2", "body": "\n  a\n b"}
    page = is_page(guest.post(f"{dish.page}/reviews", {**typed, "author": "I" * 81}), 422)
    assert page.value("#author") == "I" * 81
    assert page.one("#rating option[selected]").attributes["value"] == "2"
    assert page.value("#body").replace("\r\n", "\n") == typed["body"]


@pytest.mark.parametrize("field", ["author", "rating", "body"])
def test_a_good_field_is_not_blamed(guest: Guest, dish: OwnDish, field: str) -> None:
    page = is_page(guest.post(f"{dish.page}/reviews", {field: GOOD[field]}), 422)
    assert page.all(f"#{field}-error") == []


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({"author": "x" * 80}, id="an author of 80 characters"),
        pytest.param({"author": "寿" * 80}, id="80 characters of three bytes"),
        pytest.param({"body": "y" * 10000}, id="a body of 10,000 characters"),
        pytest.param({"body": "🍲" * 10000}, id="10,000 emoji"),
        pytest.param({"body": "a\tb"}, id="a tab"),
        pytest.param({"rating": "1"}, id="the worst rating"),
        pytest.param({"rating": "5"}, id="the best rating"),
    ],
)
def test_a_review_may_go_to_the_limits(guest: Guest, dish: OwnDish, form: dict[str, str]) -> None:
    leads_to(guest.post(f"{dish.page}/reviews", {**GOOD, **form}), dish.page)


def test_blanks_around_a_review_are_taken_off(guest: Guest, dish: OwnDish, larder: Larder) -> None:
    guest.post(f"{dish.page}/reviews", {**GOOD, "author": "  Ida ", "body": "\r\na\r\nb\r\n"})
    newest = larder.rows("SELECT author, body FROM reviews ORDER BY id DESC LIMIT 1")
    assert newest == [("Ida", "a\nb")]


@pytest.mark.parametrize("dish_id", ["0", "999999", "one", "01"])
@hardening("identifiers", "01")
def test_a_dish_that_is_not_there_takes_no_review(guest: Guest, dish_id: str) -> None:
    is_error_page(guest.post(f"/dishes/{dish_id}/reviews", GOOD), 404)


@hardening("limits")
def test_two_reviews_at_once_are_both_thanked_for(site: Site, guest: Guest) -> None:
    dishes = [site.own_dish() for _ in range(4)]
    csrf = guest.csrf(f"{dishes[0].page}/reviews")
    replies = at_once(
        len(dishes),
        lambda number: guest.post_bare(f"{dishes[number].page}/reviews", {**GOOD, **csrf}),
    )
    for reply in replies:
        leads_to(reply)
    assert is_page(guest.get("/")).texts(".flash") == [THANKS] * len(dishes)
