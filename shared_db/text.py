"""Text: what a text may hold, and how texts are compared."""

import re
import unicodedata
from collections.abc import Mapping

# Control characters and lone surrogates: no database keeps all of them, no page shows them.
_NOT_ON_A_LINE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff]")
_NOT_IN_A_BODY = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_ID = re.compile("[1-9][0-9]{0,9}")
_NUMBER = re.compile("0|[1-9][0-9]{0,8}")
_HIGHEST_ID = 2**31 - 1


class BadText(ValueError):
    """A text breaks a rule; str() is a sentence that says which."""


def line(value: object, most: int) -> str:
    """Return a text of one line, stripped, of 1 to most characters; else BadText."""
    return _checked(value, most, _NOT_ON_A_LINE)


def body(value: object, most: int) -> str:
    r"""Return a text of many lines, stripped, each ended by \n; else BadText."""
    value = value.replace("\r\n", "\n") if isinstance(value, str) else value
    return _checked(value, most, _NOT_IN_A_BODY)


def _checked(value: object, most: int, banned: re.Pattern[str]) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        raise BadText("Please fill this in.")
    if len(text) > most:
        raise BadText(f"Please use {most:,} characters at most.")
    if banned.search(text):
        raise BadText("Please leave out control characters.")
    return text


def is_clean(text: str) -> bool:
    """Tell whether a text of one line holds neither control characters nor lone surrogates."""
    return not _NOT_ON_A_LINE.search(text)


def field(form: Mapping[str, object], name: str) -> str:
    """Return a field's text, or "" when it is missing or no text."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def printable(value: object) -> str:
    """Return a short text that can be shown anywhere, from one that may not."""
    text = "".join(c if is_clean(c) else "\ufffd" for c in str(value)[:40])
    return text or "(blank)"


def id_of(value: object) -> int | None:
    """Return the id that a text or number stands for, or None when it can be no row's id."""
    if isinstance(value, str) and _ID.fullmatch(value):
        value = int(value)
    if type(value) is int and 1 <= value <= _HIGHEST_ID:
        return value
    return None


def whole_number(value: str, least: int, most: int) -> int | None:
    """Return the number whose plain decimal a text is, or None when out of range."""
    if not _NUMBER.fullmatch(value):
        return None
    return int(value) if least <= int(value) <= most else None


def folded(text: str) -> str:
    """Return a text as it is compared: without regard to case, in any script."""
    once = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", once).casefold()


def searchable(name: str, description: str) -> str:
    """Return what a search looks through; no search can span the line's end between the two."""
    return f"{folded(name)}\n{folded(description)}"


def like(text: str) -> str:
    """Return the LIKE pattern, with the escape !, of the texts that hold this one."""
    for special in "!%_":
        text = text.replace(special, "!" + special)
    return f"%{text}%"
