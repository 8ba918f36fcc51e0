"""Changes: which fields of a dish a program may change, and to what."""

from collections.abc import Callable, Mapping
from typing import Any

from shared_db.errors import Invalid
from shared_db.text import BadText, line, printable


def _name(value: object) -> str:
    return line(value, 80)


def _description(value: object) -> str:
    return line(value, 1000)


def _price_cents(value: object) -> int:
    return _whole(value, 100_000)


def _portions(value: object) -> int:
    return _whole(value, 10_000)


def _whole(value: object, most: int) -> int:
    # type(): in Python True is an int, in JSON it is not.
    if type(value) is not int or not 0 <= value <= most:
        raise BadText(f"Please give a whole number from 0 to {most:,}.")
    return value


def _allergens(value: object) -> str:
    if not isinstance(value, list) or len(value) > 20:
        raise BadText("Please give a list of at most 20 texts.")
    allergens = [line(item, 40) for item in value]
    if any("," in allergen for allergen in allergens):
        raise BadText("Please give each allergen on its own, without a comma.")
    return ", ".join(dict.fromkeys(allergens))


RULES: Mapping[str, Callable[[object], str | int]] = {
    "name": _name,
    "description": _description,
    "price_cents": _price_cents,
    "portions": _portions,
    "allergens": _allergens,
}


def read(document: object) -> dict[str, Any]:
    """Return the new values that a decoded JSON object holds; raises Invalid."""
    if not isinstance(document, dict) or not document:
        raise Invalid({"document": "Please send an object with at least one field of a dish."})
    errors, values = {}, {}
    for name, value in document.items():
        if name not in RULES:
            errors[printable(name)] = "There is no such field to change."
            continue
        try:
            values[name] = RULES[name](value)
        except BadText as error:
            errors[name] = str(error)
    if errors:
        raise Invalid(errors)
    return values
