"""Validate the orders of the HTML form and of the JSON API."""

from collections.abc import Mapping
from typing import NamedTuple

from shared_db.carts import MAX_DISHES, MAX_PORTIONS
from shared_db.errors import InvalidInputError
from shared_db.text import TextError, get_field, is_clean, parse_id, read_line

_MAX_KEY_CHARACTERS = 200
# Form parsers may replace every byte that is not UTF-8 by this character, which could make two
# different keys equal.
_REPLACEMENT_CHARACTER = "\ufffd"


class OrderRequest(NamedTuple):
    """A valid order before it is placed: the guest, and the quantities by dish id, sorted by id."""

    guest: str
    quantities: dict[int, int]


def read_key(text: object) -> str:
    """Return an idempotency key unchanged. Raise TextError if it is invalid."""
    if not isinstance(text, str) or not text.strip() or not is_clean(text):
        raise TextError("Please send the order's key, without control characters.")
    if _REPLACEMENT_CHARACTER in text:
        raise TextError("Please send the order's key in UTF-8.")
    if len(text) > _MAX_KEY_CHARACTERS:
        raise TextError(f"An order's key has {_MAX_KEY_CHARACTERS} characters at most.")
    return text


def read_form(form: Mapping[str, str]) -> str:
    """Return the guest's name in a form (guest, idempotency_key). Raise InvalidInputError."""
    errors, guest = {}, ""
    try:
        guest = read_line(get_field(form, "guest"), 80)
    except TextError as error:
        errors["guest"] = str(error)
    try:
        read_key(get_field(form, "idempotency_key"))
    except TextError as error:
        errors["idempotency_key"] = str(error)
    if errors:
        raise InvalidInputError(errors)
    return guest


def read_document(document: object) -> OrderRequest:
    """Return the order in a decoded JSON document (guest, lines). Raise InvalidInputError."""
    if not isinstance(document, dict):
        raise InvalidInputError({"document": "Please send an object with guest and lines."})
    errors, guest, quantities = {}, "", {}
    try:
        guest = read_line(document.get("guest"), 80)
    except TextError as error:
        errors["guest"] = str(error)
    try:
        quantities = _read_lines(document.get("lines"))
    except TextError as error:
        errors["lines"] = str(error)
    if errors:
        raise InvalidInputError(errors)
    return OrderRequest(guest, dict(sorted(quantities.items())))


def _read_lines(lines: object) -> dict[int, int]:
    if not isinstance(lines, list) or not 1 <= len(lines) <= MAX_DISHES:
        raise TextError(f"Please send a list of 1 to {MAX_DISHES} lines.")
    quantities: dict[int, int] = {}
    for item in lines:
        dish_id, quantity = _read_line(item)
        if dish_id in quantities:
            raise TextError("Please send each dish in one line only.")
        quantities[dish_id] = quantity
    return quantities


def _read_line(item: object) -> tuple[int, int]:
    if not isinstance(item, dict):
        raise TextError("Each line must be an object with dish_id and quantity.")
    dish_id, quantity = item.get("dish_id"), item.get("quantity")
    # type() instead of isinstance(): True is an int in Python, but not in JSON.
    if type(dish_id) is not int:
        raise TextError("Each dish_id must be a whole number.")
    if type(quantity) is not int or not 1 <= quantity <= MAX_PORTIONS:
        raise TextError(f"Each quantity must be a whole number from 1 to {MAX_PORTIONS}.")
    if parse_id(dish_id) is None:
        raise TextError("There is no such dish.")
    return dish_id, quantity
