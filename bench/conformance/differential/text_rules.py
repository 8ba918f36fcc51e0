"""Apply the site's rules for texts, numbers and amounts of money."""

import re
import unicodedata

# Control characters; a review's body may have line ends.
LINE_CONTROLS = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f]")
BODY_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def format_money(cents: int) -> str:
    """Return an amount in cents as a page shows it: "8.50"."""
    return f"{cents // 100}.{cents % 100:02d}"


def fold_case(text: str) -> str:
    """Return a text for a comparison without regard to case, in any script."""
    for _ in range(2):
        text = unicodedata.normalize("NFKC", text).casefold()
    return text


def find_text_error(text: object, max_length: int, banned: re.Pattern[str] = LINE_CONTROLS) -> str:
    """Return the site's sentence about an error in a text, "" for a valid text."""
    stripped = text.strip() if isinstance(text, str) else ""
    if not stripped:
        return "Please fill this in."
    if len(stripped) > max_length:
        return f"Please use {max_length:,} characters at most."
    return "Please leave out control characters." if banned.search(stripped) else ""


def collapse_whitespace(text: str) -> str:
    """Return a text with a single blank for each run of whitespace, as a browser shows it."""
    return " ".join(text.split())


def parse_whole_number(text: str, minimum: int, maximum: int) -> int | None:
    """Return the number of a text in plain digits, None if it is no number of the range."""
    if not re.fullmatch("0|[1-9][0-9]{0,8}", text):
        return None
    return int(text) if minimum <= int(text) <= maximum else None
