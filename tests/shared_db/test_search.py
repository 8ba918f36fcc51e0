"""Tests of the search."""

import pytest

from shared_db import Larder
from shared_db.errors import InvalidSearchError
from tests.shared_db.helpers import LEEK_SOUP


def names(larder: Larder, **query: str) -> list[str]:
    return [dish.name for dish in larder.dishes.search(query, page_size=100).dishes]


def rename(larder: Larder, dish_id: int, name: str) -> None:
    larder.dishes.change(dish_id, {"name": name}, None)


@pytest.mark.parametrize(
    ("q", "name"),
    [
        pytest.param("LEEK SOUP", "Leek soup", id="capitals"),
        pytest.param("ek so", "Leek soup", id="the middle of a name"),
        pytest.param("  leek soup \t", "Leek soup", id="blanks around"),
        pytest.param("BRÛLÉE", "Crème brûlée", id="accented capitals"),
        pytest.param("bru\u0302le\u0301e", "Crème brûlée", id="accents as combining marks"),
        pytest.param("KÄSESPÄTZLE", "Käsespätzle", id="umlauts"),
        pytest.param("ΣΟΎΠΑ ΝΤΟΜΆΤΑΣ", "Σούπα ντομάτας", id="Greek, with its final sigma"),
        pytest.param("ｌｅｅｋ", "Leek soup", id="full-width letters"),
        pytest.param("eighteen minutes", "Mushroom risotto", id="a description"),
    ],
)
def test_a_search_ignores_case_in_any_script(larder: Larder, q: str, name: str) -> None:
    assert names(larder, q=q) == [name]


def test_sharp_s_matches_two_capitals(larder: Larder) -> None:
    rename(larder, LEEK_SOUP, "Süße Suppe")
    assert names(larder, q="SÜSSE") == ["Süße Suppe"]


@pytest.mark.parametrize("q", ["%", "_", "\\", "!", "%%", "'", '"', "100%_!\\'"])
def test_special_characters_of_a_search_match_literally(larder: Larder, q: str) -> None:
    rename(larder, LEEK_SOUP, "Soupxpotage")
    assert names(larder, q=f"p{q}p") == []
    rename(larder, LEEK_SOUP, f"Soup{q}potage")
    assert names(larder, q=f"p{q}p") == [f"Soup{q}potage"]


def test_a_match_does_not_span_the_name_and_the_description(larder: Larder) -> None:
    larder.dishes.change(LEEK_SOUP, {"name": "Nettle", "description": "Stinging"}, None)
    assert names(larder, q="nettlestinging") == []
    assert names(larder, q="nettle stinging") == []


def test_a_changed_dish_matches_only_its_new_words(larder: Larder) -> None:
    larder.dishes.change(LEEK_SOUP, {"name": "Nettle", "description": "Stinging"}, None)
    assert names(larder, q="nettle") == names(larder, q="stinging") == ["Nettle"]
    assert names(larder, q="leek") == []


def test_only_the_first_100_characters_of_a_search_are_used(larder: Larder) -> None:
    rename(larder, LEEK_SOUP, "x" * 80)
    larder.dishes.change(LEEK_SOUP, {"description": "y" * 100}, None)
    page = larder.dishes.search({"q": "y" * 101})
    assert (page.total, page.q) == (1, "y" * 100)


def test_a_search_can_be_limited_to_one_course(larder: Larder) -> None:
    page = larder.dishes.search({"course": "dessert"})
    assert {dish.course for dish in page.dishes} == {"dessert"}
    assert page.total == 6
    assert names(larder, q="soup", course="dessert") == []


def test_by_default_dishes_are_sorted_by_name_ignoring_case(larder: Larder) -> None:
    rename(larder, 3, "zander")
    rename(larder, 2, "Ähre")
    all_names = names(larder)
    assert all_names[0] == "Apple crumble"
    # Sorted by code points, in both databases alike: z before ä before σ.
    assert all_names[-3:] == ["zander", "Ähre", "Σούπα ντομάτας"]
    assert all_names == sorted(all_names, key=str.casefold)
    assert all_names == names(larder, sort="name")


def test_dishes_can_be_sorted_by_price_up_and_down(larder: Larder) -> None:
    for sort, sign in (("price", 1), ("-price", -1)):
        dishes = larder.dishes.search({"sort": sort}, page_size=100).dishes
        keys = [(sign * dish.price_cents, dish.id) for dish in dishes]
        assert keys == sorted(keys)


@pytest.mark.parametrize("sort", ["name", "price", "-price"])
def test_equal_dishes_are_sorted_by_id(larder: Larder, sort: str) -> None:
    for dish_id in (9, 2, 20):
        larder.dishes.change(dish_id, {"name": "Aal", "price_cents": 9999}, None)
    ids = [dish.id for dish in larder.dishes.search({"sort": sort}, page_size=100).dishes]
    at = ids.index(2)
    assert ids[at : at + 3] == [2, 9, 20]


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        pytest.param({"course": "brunch"}, {"course"}, id="unknown course"),
        pytest.param({"course": "Main"}, {"course"}, id="course in capitals"),
        pytest.param({"sort": "portions"}, {"sort"}, id="unknown sort"),
        pytest.param({"page": "0"}, {"page"}, id="page zero"),
        pytest.param({"page": "00"}, {"page"}, id="page zero twice"),
        pytest.param({"page": "-1"}, {"page"}, id="negative page"),
        pytest.param({"page": "1.5"}, {"page"}, id="page with a fraction"),
        pytest.param({"page": "two"}, {"page"}, id="page as a word"),
        pytest.param({"page": "٢"}, {"page"}, id="page in Arabic digits"),
        pytest.param({"page": "²"}, {"page"}, id="page as a superscript"),
        pytest.param({"page": " 2"}, {"page"}, id="blank before the page"),
        pytest.param({"q": "a\x00b"}, {"q"}, id="NUL"),
        pytest.param({"q": "a\ud800b"}, {"q"}, id="lone surrogate"),
        pytest.param({"course": "x", "sort": "x", "page": "x"}, {"course", "sort", "page"},
                     id="all at once"),
    ],
)  # fmt: skip
def test_an_invalid_search_names_the_fields(
    larder: Larder, query: dict[str, str], fields: set[str]
) -> None:
    with pytest.raises(InvalidSearchError) as error:
        larder.dishes.search(query)
    assert set(error.value.fields) == fields
