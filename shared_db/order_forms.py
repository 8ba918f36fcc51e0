"""Order forms: what must be written on an order, by a guest or by a program."""

from collections.abc import Mapping
from typing import NamedTuple

from shared_db.carts import MOST_DISHES, MOST_PORTIONS
from shared_db.errors import Invalid
from shared_db.text import BadText, field, id_of, is_clean, line

_MOST_KEY_CHARACTERS = 200
# A form's parser may put it in the place of any byte that is no UTF-8: two keys would become one.
_STAND_IN = "\ufffd"


class Wish(NamedTuple):
    """An order that was understood: quantities by dish id, in the order of the ids."""

    guest: str
    quantities: dict[int, int]


def read_key(text: object) -> str:
    """Return an idempotency key as it is, or raise BadText."""
    if not isinstance(text, str) or not text.strip() or not is_clean(text):
        raise BadText("Please send the order's key, without control characters.")
    if _STAND_IN in text:
        raise BadText("Please send the order's key in UTF-8.")
    if len(text) > _MOST_KEY_CHARACTERS:
        raise BadText(f"An order's key has {_MOST_KEY_CHARACTERS} characters at most.")
    return text


def read_form(form: Mapping[str, str]) -> str:
    """Return the guest's name of an order form (guest, idempotency_key); raises Invalid."""
    errors, guest = {}, ""
    try:
        guest = line(field(form, "guest"), 80)
    except BadText as error:
        errors["guest"] = str(error)
    try:
        read_key(field(form, "idempotency_key"))
    except BadText as error:
        errors["idempotency_key"] = str(error)
    if errors:
        raise Invalid(errors)
    return guest


def read_document(document: object) -> Wish:
    """Return what a decoded JSON document asks for; raises Invalid."""
    if not isinstance(document, dict):
        raise Invalid({"document": "Please send an object with guest and lines."})
    errors, guest, quantities = {}, "", {}
    try:
        guest = line(document.get("guest"), 80)
    except BadText as error:
        errors["guest"] = str(error)
    try:
        quantities = _read_lines(document.get("lines"))
    except BadText as error:
        errors["lines"] = str(error)
    if errors:
        raise Invalid(errors)
    return Wish(guest, dict(sorted(quantities.items())))


def _read_lines(lines: object) -> dict[int, int]:
    if not isinstance(lines, list) or not 1 <= len(lines) <= MOST_DISHES:
        raise BadText(f"Please send a list of 1 to {MOST_DISHES} lines.")
    quantities: dict[int, int] = {}
    for item in lines:
        dish_id, quantity = _read_line(item)
        if dish_id in quantities:
            raise BadText("Please send each dish in one line only.")
        quantities[dish_id] = quantity
    return quantities


def _read_line(item: object) -> tuple[int, int]:
    if not isinstance(item, dict):
        raise BadText("Each line must be an object with dish_id and quantity.")
    dish_id, quantity = item.get("dish_id"), item.get("quantity")
    # type(): in Python True is an int, in JSON it is not.
    if type(dish_id) is not int:
        raise BadText("Each dish_id must be a whole number.")
    if type(quantity) is not int or not 1 <= quantity <= MOST_PORTIONS:
        raise BadText(f"Each quantity must be a whole number from 1 to {MOST_PORTIONS}.")
    if id_of(dish_id) is None:
        raise BadText("There is no such dish.")
    return dish_id, quantity
