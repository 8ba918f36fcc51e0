"""Validate the changes that an API client makes to a dish."""

from collections.abc import Callable, Mapping
from typing import Any

from shared_db.errors import InvalidInputError
from shared_db.text import TextError, make_printable, read_line


def _read_name(value: object) -> str:
    return read_line(value, 80)


def _read_description(value: object) -> str:
    return read_line(value, 1000)


def _read_price_cents(value: object) -> int:
    return _read_whole_number(value, 100_000)


def _read_portions(value: object) -> int:
    return _read_whole_number(value, 10_000)


def _read_whole_number(value: object, maximum: int) -> int:
    # type() instead of isinstance(): True is an int in Python, but not in JSON.
    if type(value) is not int or not 0 <= value <= maximum:
        raise TextError(f"Please give a whole number from 0 to {maximum:,}.")
    return value


def _read_allergens(value: object) -> str:
    if not isinstance(value, list) or len(value) > 20:
        raise TextError("Please give a list of at most 20 texts.")
    allergens = [read_line(item, 40) for item in value]
    if any("," in allergen for allergen in allergens):
        raise TextError("Please give each allergen on its own, without a comma.")
    return ", ".join(dict.fromkeys(allergens))


RULES: Mapping[str, Callable[[object], str | int]] = {
    "name": _read_name,
    "description": _read_description,
    "price_cents": _read_price_cents,
    "portions": _read_portions,
    "allergens": _read_allergens,
}


def read_changes(document: object) -> dict[str, Any]:
    """Return the new values, by field, of a decoded JSON object. Raise InvalidInputError."""
    if not isinstance(document, dict) or not document:
        raise InvalidInputError(
            {"document": "Please send an object with at least one field of a dish."}
        )
    errors, values = {}, {}
    for name, value in document.items():
        if name not in RULES:
            errors[make_printable(name)] = "There is no such field to change."
            continue
        try:
            values[name] = RULES[name](value)
        except TextError as error:
            errors[name] = str(error)
    if errors:
        raise InvalidInputError(errors)
    return values
