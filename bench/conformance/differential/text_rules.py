"""What may a text hold, and what is said where it holds something else?"""

import re
import unicodedata

# Control characters; a body may have line ends.
LINE_CONTROLS = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f]")
BODY_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def format_money(cents: int) -> str:
    """Return an amount as a guest reads it: "8.50"."""
    return f"{cents // 100}.{cents % 100:02d}"


def fold_case(text: str) -> str:
    """Return a text as it is compared: without regard to case, in any script."""
    for _ in range(2):
        text = unicodedata.normalize("NFKC", text).casefold()
    return text


def find_text_error(text: object, most: int, banned: re.Pattern[str] = LINE_CONTROLS) -> str:
    """Return the sentence that says what is wrong with a text, "" where nothing is."""
    stripped = text.strip() if isinstance(text, str) else ""
    if not stripped:
        return "Please fill this in."
    if len(stripped) > most:
        return f"Please use {most:,} characters at most."
    return "Please leave out control characters." if banned.search(stripped) else ""


def collapse_whitespace(text: str) -> str:
    """Return a text as a reader sees it: every run of blanks is one."""
    return " ".join(text.split())


def parse_whole_number(text: str, least: int, most: int) -> int | None:
    """Return the number that a text is in plain digits, None where it is none of that range."""
    if not re.fullmatch("0|[1-9][0-9]{0,8}", text):
        return None
    return int(text) if least <= int(text) <= most else None
