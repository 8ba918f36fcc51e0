"""Validate texts, and prepare them for comparison."""

import re
import unicodedata
from collections.abc import Mapping

# Control characters and lone surrogates: no database stores all of them, and no page shows them.
_NOT_ON_A_LINE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff]")
_NOT_IN_A_BODY = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_ID = re.compile("[1-9][0-9]{0,9}")
_NUMBER = re.compile("0|[1-9][0-9]{0,8}")
_HIGHEST_ID = 2**31 - 1


class TextError(ValueError):
    """A text breaks a rule; `str()` is a sentence that names the rule."""


def read_line(value: object, maximum: int) -> str:
    """Return a stripped text of one line, 1 to `maximum` characters long. Raise TextError."""
    return _check_text(value, maximum, _NOT_ON_A_LINE)


def read_body(value: object, maximum: int) -> str:
    r"""Return a stripped text of any number of lines, separated by \n. Raise TextError.

    maximum is the greatest number of characters.
    """
    value = value.replace("\r\n", "\n") if isinstance(value, str) else value
    return _check_text(value, maximum, _NOT_IN_A_BODY)


def _check_text(value: object, maximum: int, banned: re.Pattern[str]) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        raise TextError("Please fill this in.")
    if len(text) > maximum:
        raise TextError(f"Please use {maximum:,} characters at most.")
    if banned.search(text):
        raise TextError("Please leave out control characters.")
    return text


def is_clean(text: str) -> bool:
    """Return whether a text has no control characters except tabs, and no lone surrogates."""
    return not _NOT_ON_A_LINE.search(text)


def get_field(form: Mapping[str, object], name: str) -> str:
    """Return the text of a field, or "" if the field is missing or not a text."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def make_printable(value: object) -> str:
    """Return the first 40 characters of a value's text, without unprintable characters."""
    text = "".join(c if is_clean(c) else "\ufffd" for c in str(value)[:40])
    return text or "(blank)"


def parse_id(value: object) -> int | None:
    """Return the id in a text or a number, or None if no row can have this id."""
    if isinstance(value, str) and _ID.fullmatch(value):
        value = int(value)
    if type(value) is int and 1 <= value <= _HIGHEST_ID:
        return value
    return None


def parse_whole_number(value: str, minimum: int, maximum: int) -> int | None:
    """Return the number in a plain decimal text, or None if it is invalid or out of range."""
    if not _NUMBER.fullmatch(value):
        return None
    return int(value) if minimum <= int(value) <= maximum else None


def fold_case(text: str) -> str:
    """Return a text in the form in which texts are compared: case-folded, in any script."""
    once = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", once).casefold()


def join_search_text(name: str, description: str) -> str:
    """Return the text that a search reads. The newline keeps a match within one of the two."""
    return f"{fold_case(name)}\n{fold_case(description)}"


def build_like_pattern(text: str) -> str:
    """Return the LIKE pattern (escape character "!") for the texts that contain a text."""
    for special in "!%_":
        text = text.replace(special, "!" + special)
    return f"%{text}%"
