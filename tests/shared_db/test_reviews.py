"""Tests of shared_db.reviews."""

import pytest

from shared_db import Larder
from shared_db.errors import InvalidInputError, NotFoundError
from tests.shared_db.helpers import LEEK_SOUP, contents

GOOD = {"author": "Ada", "rating": "4", "body": "Nice."}


def test_the_reviews_of_a_dish_are_sorted_newest_first(larder: Larder) -> None:
    reviews = larder.reviews.of(LEEK_SOUP)
    assert len(reviews) == 5
    assert {review.dish_id for review in reviews} == {LEEK_SOUP}
    keys = [(review.written_at, review.id) for review in reviews]
    assert keys == sorted(keys, reverse=True)


def test_reviews_of_the_same_second_are_sorted_by_descending_id(larder: Larder) -> None:
    written = [larder.reviews.write(LEEK_SOUP, GOOD) for _ in range(3)]
    assert larder.reviews.of(LEEK_SOUP)[:3] == written[::-1]


def test_at_most_fifty_reviews_are_returned(larder: Larder) -> None:
    for _ in range(50):
        larder.reviews.write(24, GOOD)
    assert len(larder.reviews.of(24)) == 50


def test_a_review_is_stored_as_written(larder: Larder) -> None:
    form = {"author": " Zoë <b> ", "rating": "5", "body": " Één\r\n\ttwee\n\ndrie 🥣 \r\n"}
    review = larder.reviews.write("1", form)
    assert (review.author, review.rating) == ("Zoë <b>", 5)
    assert review.body == "Één\n\ttwee\n\ndrie 🥣"
    assert larder.reviews.of(LEEK_SOUP)[0] == review


def test_the_longest_review_is_accepted(larder: Larder) -> None:
    form = {"author": "é" * 80, "rating": "1", "body": "🥣" * 10_000}
    assert larder.reviews.write(LEEK_SOUP, form) == larder.reviews.of(LEEK_SOUP)[0]


def test_a_review_has_its_day_in_utc(larder: Larder) -> None:
    review = larder.reviews.of(LEEK_SOUP)[0]
    assert review._replace(written_at=1_795_305_600).written_on == "2026-11-22"
    assert review._replace(written_at=1_795_305_599).written_on == "2026-11-21"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("author", "", id="no author"),
        pytest.param("author", " \t ", id="a blank author"),
        pytest.param("author", "x" * 81, id="an author too long"),
        pytest.param("author", "a\nb", id="an author of two lines"),
        pytest.param("author", "a\x00b", id="a NUL in the author"),
        pytest.param("author", "a\x85b", id="a C1 control in the author"),
        pytest.param("author", "a\udcffb", id="a lone surrogate in the author"),
        pytest.param("rating", "", id="no rating"),
        pytest.param("rating", "0", id="no stars"),
        pytest.param("rating", "6", id="six stars"),
        pytest.param("rating", "4.5", id="half a star"),
        pytest.param("rating", "05", id="a leading zero"),
        pytest.param("rating", "٤", id="an Arabic four"),
        pytest.param("rating", "9" * 5000, id="endless stars"),
        pytest.param("body", "", id="no words"),
        pytest.param("body", "\r\n", id="blank lines"),
        pytest.param("body", "x" * 10_001, id="too many words"),
        pytest.param("body", "a\x00b", id="a NUL in the words"),
        pytest.param("body", "a\rb", id="a lone carriage return"),
        pytest.param("body", "a\ud800b", id="a lone surrogate in the words"),
    ],
)
def test_an_invalid_review_names_the_field_and_is_not_stored(
    larder: Larder, field: str, value: str
) -> None:
    before = contents(larder)
    with pytest.raises(InvalidInputError) as error:
        larder.reviews.write(LEEK_SOUP, {**GOOD, field: value})
    assert set(error.value.fields) == {field}
    assert contents(larder) == before


def test_a_check_reports_what_write_would_and_stores_nothing(larder: Larder) -> None:
    before = larder.reviews.of(1)
    larder.reviews.check({"author": "Ida", "rating": "5", "body": "Good."})
    with pytest.raises(InvalidInputError) as refused:
        larder.reviews.check({"author": "", "rating": "6", "body": "Good."})
    assert list(refused.value.fields) == ["author", "rating"]
    assert larder.reviews.of(1) == before


def test_an_empty_form_names_every_field(larder: Larder) -> None:
    with pytest.raises(InvalidInputError) as error:
        larder.reviews.write(LEEK_SOUP, {})
    assert set(error.value.fields) == {"author", "rating", "body"}
    assert str(error.value) == " ".join(error.value.fields.values())


def test_an_unknown_dish_is_reported_before_an_invalid_form(larder: Larder) -> None:
    with pytest.raises(NotFoundError):
        larder.reviews.write("25", {})
