"""Tests of changes to a dish."""

from typing import Any

import pytest

from shared_db import Larder
from shared_db.errors import InvalidInputError, NotFoundError, StaleVersionError
from tests.shared_db.helpers import LEEK_SOUP, contents, order


def test_a_change_is_stored_and_increases_the_version(larder: Larder) -> None:
    before = larder.dishes.get(LEEK_SOUP)
    changed = larder.dishes.change(LEEK_SOUP, {"price_cents": 700}, 1)
    assert changed == before._replace(price_cents=700, version=2)
    assert larder.dishes.get(LEEK_SOUP) == changed


def test_all_changeable_fields_can_change_together(larder: Larder) -> None:
    document = {
        "name": "  Nettle soup ",
        "description": "From behind the house.",
        "price_cents": 0,
        "portions": 10_000,
        "allergens": ["celery", " milk ", "celery"],
    }
    changed = larder.dishes.change("1", document, None)
    assert changed.as_dict() == {
        **changed.as_dict(),
        **document,
        "name": "Nettle soup",
        "allergens": ["celery", "milk"],
    }
    assert larder.dishes.get(LEEK_SOUP) == changed


def test_allergens_can_be_removed(larder: Larder) -> None:
    assert larder.dishes.change(LEEK_SOUP, {"allergens": []}, None).allergens == ""


def test_a_change_of_an_old_version_is_rejected(larder: Larder) -> None:
    larder.dishes.change(LEEK_SOUP, {"portions": 9}, 1)
    before = contents(larder)
    with pytest.raises(StaleVersionError):
        larder.dishes.change(LEEK_SOUP, {"portions": 8}, 1)
    assert contents(larder) == before


def test_an_order_makes_the_version_stale(larder: Larder) -> None:
    order(larder, {1: 2})
    with pytest.raises(StaleVersionError):
        larder.dishes.change(LEEK_SOUP, {"portions": 8}, 1)


def test_an_unknown_dish_cannot_be_changed(larder: Larder) -> None:
    with pytest.raises(NotFoundError):
        larder.dishes.change("25", {"portions": 1}, None)
    with pytest.raises(NotFoundError):
        larder.dishes.change("01", {"portions": 1}, None)


def test_an_old_version_is_reported_before_an_invalid_document(larder: Larder) -> None:
    with pytest.raises(StaleVersionError):
        larder.dishes.change(LEEK_SOUP, [], 7)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        pytest.param([], "document", id="a list"),
        pytest.param("portions", "document", id="a text"),
        pytest.param(None, "document", id="null"),
        pytest.param({}, "document", id="nothing to change"),
        pytest.param({"course": "main"}, "course", id="a field that cannot change"),
        pytest.param({"version": 9}, "version", id="the version itself"),
        pytest.param({"": 9}, "(blank)", id="a field without a name"),
        pytest.param({"a\ud800\x00": 9}, "a\ufffd\ufffd", id="an unprintable name"),
        pytest.param({"name": ""}, "name", id="no name"),
        pytest.param({"name": " \n"}, "name", id="a blank name"),
        pytest.param({"name": "x" * 81}, "name", id="a name too long"),
        pytest.param({"name": "a\nb"}, "name", id="a name of two lines"),
        pytest.param({"name": "a\x00b"}, "name", id="a NUL in the name"),
        pytest.param({"name": "a\ud800"}, "name", id="a lone surrogate in the name"),
        pytest.param({"name": 5}, "name", id="a number for a name"),
        pytest.param({"description": None}, "description", id="no description"),
        pytest.param({"description": "x" * 1001}, "description", id="a description too long"),
        pytest.param({"price_cents": -1}, "price_cents", id="a negative price"),
        pytest.param({"price_cents": 100_001}, "price_cents", id="a price too high"),
        pytest.param({"price_cents": 6.5}, "price_cents", id="a price in fractions"),
        pytest.param({"price_cents": "650"}, "price_cents", id="a price as text"),
        pytest.param({"price_cents": True}, "price_cents", id="true for a price"),
        pytest.param({"portions": -1}, "portions", id="negative portions"),
        pytest.param({"portions": 10_001}, "portions", id="too many portions"),
        pytest.param({"portions": 10**30}, "portions", id="more than fits in any column"),
        pytest.param({"allergens": "milk"}, "allergens", id="allergens as text"),
        pytest.param({"allergens": [1]}, "allergens", id="a number for an allergen"),
        pytest.param({"allergens": ["a, b"]}, "allergens", id="two allergens in one"),
        pytest.param({"allergens": [""]}, "allergens", id="a blank allergen"),
        pytest.param({"allergens": ["x"] * 21}, "allergens", id="too many allergens"),
    ],
)
def test_an_invalid_change_names_the_field_and_changes_nothing(
    larder: Larder, document: Any, field: str
) -> None:
    before = contents(larder)
    with pytest.raises(InvalidInputError) as error:
        larder.dishes.change(LEEK_SOUP, document, None)
    assert set(error.value.fields) == {field}
    assert contents(larder) == before


def test_one_invalid_field_rejects_the_whole_change(larder: Larder) -> None:
    before = contents(larder)
    with pytest.raises(InvalidInputError):
        larder.dishes.change(LEEK_SOUP, {"portions": 5, "price_cents": -5}, None)
    assert contents(larder) == before
