"""Tests of placing an order from a JSON document."""

from typing import Any

import pytest

from shared_db import Larder
from shared_db.errors import InvalidInputError, KeyReusedError, SoldOutError
from tests.shared_db.helpers import FISH_PIE, contents


def document(*lines: tuple[int, int], guest: str = "Robot") -> dict[str, Any]:
    items = [{"dish_id": dish_id, "quantity": quantity} for dish_id, quantity in lines]
    return {"guest": guest, "lines": items}


def test_a_document_places_an_order(larder: Larder) -> None:
    order = larder.orders.place_from_json(document((13, 1), (1, 2)), None)
    assert order.as_dict() == {
        "code": order.code,
        "guest": "Robot",
        "status": "placed",
        "total_cents": 2020,
        "placed_at": order.placed_at,
        "lines": [
            {"dish_id": 1, "name": "Leek soup", "quantity": 2, "unit_price_cents": 650},
            {"dish_id": 13, "name": "Crème brûlée", "quantity": 1, "unit_price_cents": 720},
        ],
    }
    assert larder.orders.get(order.code) == order


def test_without_a_key_each_document_makes_an_order(larder: Larder) -> None:
    first = larder.orders.place_from_json(document((1, 1)), None)
    assert larder.orders.place_from_json(document((1, 1)), None).code != first.code


def test_the_same_document_under_the_same_key_makes_one_order(larder: Larder) -> None:
    first = larder.orders.place_from_json(document((1, 1), (2, 3)), "k")
    before = contents(larder)
    assert larder.orders.place_from_json(document((2, 3), (1, 1)), "k") == first
    assert contents(larder) == before


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(document((1, 2)), id="another quantity"),
        pytest.param(document((2, 1)), id="another dish"),
        pytest.param(document((1, 1), (2, 1)), id="another line"),
        pytest.param(document((1, 1), guest="Someone else"), id="another guest"),
    ],
)
def test_another_document_under_the_same_key_is_rejected(
    larder: Larder, other: dict[str, Any]
) -> None:
    larder.orders.place_from_json(document((1, 1)), "k")
    before = contents(larder)
    with pytest.raises(KeyReusedError):
        larder.orders.place_from_json(other, "k")
    assert contents(larder) == before


def test_a_sold_out_dish_rejects_the_whole_document(larder: Larder) -> None:
    before = contents(larder)
    with pytest.raises(SoldOutError, match="Fish pie"):
        larder.orders.place_from_json(document((1, 1), (FISH_PIE, 1)), None)
    assert contents(larder) == before


def lines(*items: Any) -> dict[str, Any]:
    return {"guest": "Robot", "lines": list(items)}


@pytest.mark.parametrize(
    ("invalid", "field"),
    [
        pytest.param(None, "document", id="null"),
        pytest.param([], "document", id="a list"),
        pytest.param("order", "document", id="a text"),
        pytest.param({"lines": [{"dish_id": 1, "quantity": 1}]}, "guest", id="no guest"),
        pytest.param(document((1, 1), guest=""), "guest", id="a blank guest"),
        pytest.param(document((1, 1), guest="a\nb"), "guest", id="a guest of two lines"),
        pytest.param({"guest": 5, "lines": [{"dish_id": 1, "quantity": 1}]}, "guest",
                     id="a number for a guest"),
        pytest.param({"guest": "R"}, "lines", id="no lines"),
        pytest.param({"guest": "R", "lines": {}}, "lines", id="an object for lines"),
        pytest.param(lines(), "lines", id="an empty list"),
        pytest.param(lines(*[{"dish_id": n, "quantity": 1} for n in range(1, 26)]), "lines",
                     id="25 lines"),
        pytest.param(lines(1), "lines", id="a number for a line"),
        pytest.param(lines({"dish_id": 1}), "lines", id="no quantity"),
        pytest.param(lines({"quantity": 1}), "lines", id="no dish"),
        pytest.param(document((1, 0)), "lines", id="quantity zero"),
        pytest.param(document((1, 21)), "lines", id="quantity 21"),
        pytest.param(lines({"dish_id": 1, "quantity": True}), "lines", id="true for a quantity"),
        pytest.param(lines({"dish_id": True, "quantity": 1}), "lines", id="true for a dish"),
        pytest.param(lines({"dish_id": "1", "quantity": 1}), "lines", id="a dish as text"),
        pytest.param(lines({"dish_id": 1, "quantity": 1.0}), "lines", id="a fraction"),
        pytest.param(document((1, 1), (1, 2)), "lines", id="a dish twice"),
        pytest.param(document((25, 1)), "lines", id="an unknown dish"),
        pytest.param(document((1, 1), (25, 1)), "lines", id="an unknown dish among known ones"),
        pytest.param(document((10**30, 1)), "lines", id="a dish beyond any integer column"),
        pytest.param(document((-1, 1)), "lines", id="a negative dish"),
    ],
)  # fmt: skip
def test_an_invalid_document_names_the_field_and_takes_nothing(
    larder: Larder, invalid: Any, field: str
) -> None:
    before = contents(larder)
    with pytest.raises(InvalidInputError) as error:
        larder.orders.place_from_json(invalid, None)
    assert set(error.value.fields) == {field}
    assert contents(larder) == before


@pytest.mark.parametrize("key", ["", " ", "k" * 201, "a\x00", "\ud800"])
def test_an_invalid_key_is_rejected(larder: Larder, key: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        larder.orders.place_from_json(document((1, 1)), key)
    assert set(error.value.fields) == {"idempotency_key"}
