"""Small predicates over replies, from which probes build the checks of their clauses."""

import json
import re
from collections.abc import Callable

from bench.behaviour.probe import Replies

Predicate = Callable[[Replies], bool | None]


def has_status(*wanted: int) -> Predicate:
    """Return a predicate: the last reply has one of these statuses."""
    return lambda replies: replies[-1].status in wanted


def is_refused(replies: Replies) -> bool:
    """Return whether the request was refused: a status of 4xx, or a closed connection."""
    return replies[-1].status == 0 or 400 <= replies[-1].status < 500


def is_not_server_error(replies: Replies) -> bool:
    """Return whether there is a reply, and its status is below 500."""
    return 0 < replies[-1].status < 500


def is_not_accepted(replies: Replies) -> bool:
    """Return whether the request did not succeed."""
    return not 200 <= replies[-1].status < 300


def has_no_content(replies: Replies) -> bool:
    """Return whether there is a reply without a body."""
    return bool(replies[-1].status) and not replies[-1].body


def has_text(wanted: str) -> Predicate:
    """Return a predicate: the request succeeded, and the body is exactly this."""
    return lambda replies: replies[-1].status == 200 and replies[-1].text == wanted


def has_json_value(name: str, wanted: object) -> Predicate:
    """Return a predicate: the request succeeded, and the JSON reply has this value."""
    return lambda replies: replies[-1].status == 200 and get_json_member(replies, name) == wanted


def get_json_member(replies: Replies, name: str) -> object:
    """Return a member of the last reply's JSON object, None if there is none."""
    try:
        return json.loads(replies[-1].body)[name]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def has_none_of(*texts: str) -> Predicate:
    """Return a predicate: there is a reply, and its body holds none of these texts."""

    def meets(replies: Replies) -> bool:
        last = replies[-1]
        return bool(last.status) and not any(text in last.text for text in texts)

    return meets


def has_no_markup(replies: Replies) -> bool:
    """Return whether markup in the request did not come back as markup of a page."""
    last = replies[-1]
    return last.media_type != "text/html" or "<script>" not in last.text


def cookies_have(attribute: str) -> Predicate:
    """Return a predicate: every cookie that is set has this attribute; None if none is set."""

    def meets(replies: Replies) -> bool | None:
        cookies = replies[-1].get_all("Set-Cookie")
        pattern = re.compile(rf";\s*{attribute}\b", re.IGNORECASE)
        return all(pattern.search(cookie) for cookie in cookies) if cookies else None

    return meets


def is_conforming_json(replies: Replies) -> bool | None:
    """Return whether a JSON reply conforms to RFC 8259; None for any other reply."""
    last = replies[-1]
    if last.media_type != "application/json" or not 200 <= last.status < 300:
        return None
    try:
        json.loads(last.body, parse_constant=reject_constant)
    except (ValueError, RecursionError):
        return False
    return True


def reject_constant(constant: str) -> None:
    """Raise ValueError for a constant that Python accepts as JSON and RFC 8259 does not."""
    raise ValueError(constant)
