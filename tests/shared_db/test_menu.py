"""Tests of the menu and of single dishes."""

import pytest

from shared_db import Larder
from shared_db.errors import NotFoundError
from tests.shared_db.helpers import FISH_PIE, LAST_ONE, LEEK_SOUP, set_portions


def test_the_menu_lists_the_courses_in_the_order_of_a_meal(larder: Larder) -> None:
    menu = larder.dishes.menu()
    assert [section.course for section in menu] == ["starter", "main", "dessert", "drink"]
    assert [section.title for section in menu] == ["Starters", "Mains", "Desserts", "Drinks"]


def test_the_menu_lists_every_dish_once_by_id(larder: Larder) -> None:
    ids = [dish.id for section in larder.dishes.menu() for dish in section.dishes]
    assert ids == list(range(1, 25))


def test_every_dish_is_listed_under_its_course(larder: Larder) -> None:
    for section in larder.dishes.menu():
        assert {dish.course for dish in section.dishes} == {section.course}


def test_the_menu_runs_one_query(larder: Larder) -> None:
    larder.begin_request()
    larder.dishes.menu()
    assert larder.usage.queries == 1


def test_a_dish_is_found_by_its_id_as_a_number_or_text(larder: Larder) -> None:
    assert larder.dishes.get(LEEK_SOUP) == larder.dishes.get("1")
    assert larder.dishes.get("1").name == "Leek soup"


@pytest.mark.parametrize(
    "dish_id",
    [
        pytest.param("01", id="leading zero"),
        pytest.param("+1", id="plus"),
        pytest.param("-1", id="minus"),
        pytest.param(" 1", id="blank before"),
        pytest.param("1\n", id="newline after"),
        pytest.param("1.0", id="fraction"),
        pytest.param("1e0", id="exponent"),
        pytest.param("1_0", id="underscore"),
        pytest.param("٣", id="Arabic digit"),
        pytest.param("²", id="superscript"),
        pytest.param("", id="nothing"),
        pytest.param("\x00", id="NUL"),
        pytest.param("\ud800", id="lone surrogate"),
        pytest.param("leek-soup", id="word"),
        pytest.param("0", id="zero"),
        pytest.param("25", id="one too high"),
        pytest.param("2147483647", id="highest id"),
        pytest.param("2147483648", id="beyond the highest id"),
        pytest.param("9" * 5000, id="more digits than int() takes"),
        pytest.param(10**30, id="a number beyond any integer column"),
        pytest.param(-1, id="a negative number"),
        pytest.param(True, id="true"),
    ],
)
def test_anything_but_a_stored_id_is_not_found(larder: Larder, dish_id: int | str) -> None:
    with pytest.raises(NotFoundError, match=r"^There is no such dish\.$"):
        larder.dishes.get(dish_id)


def test_a_dish_has_a_price_and_can_be_sold_out(larder: Larder) -> None:
    soup = larder.dishes.get(LEEK_SOUP)
    assert (soup.price, soup.sold_out) == ("6.50", False)
    assert larder.dishes.get(FISH_PIE).sold_out
    set_portions(larder, LAST_ONE, 0)
    assert larder.dishes.get(LAST_ONE).sold_out


def test_a_dish_as_json_has_no_drawing_and_lists_the_allergens(larder: Larder) -> None:
    soup = larder.dishes.get(LEEK_SOUP).as_dict()
    assert soup == {
        "id": 1,
        "name": "Leek soup",
        "course": "starter",
        "description": soup["description"],
        "price_cents": 650,
        "portions": 240,
        "allergens": ["celery", "milk"],
        "photo": None,
        "version": 1,
    }
    assert larder.dishes.get(4).as_dict()["allergens"] == []


def test_count_returns_the_number_of_dishes(larder: Larder) -> None:
    assert larder.dishes.count() == 24


def test_the_picture_of_a_dish_is_its_photo_or_else_its_drawing(larder: Larder) -> None:
    soup = larder.dishes.get(LEEK_SOUP)
    assert soup.picture == "static/dishes/leek-soup.svg"
    assert soup._replace(photo="0.png").picture == "photos/0.png"
