"""What would meet a clause? Small predicates over replies, put together by the probes."""

import json
import re
from collections.abc import Callable

from bench.behaviour.probe import Replies

Predicate = Callable[[Replies], bool | None]


def has_status(*wanted: int) -> Predicate:
    """The last reply has one of these statuses."""
    return lambda replies: replies[-1].status in wanted


def is_refused(replies: Replies) -> bool:
    """The request was refused: an error of the client's, or the connection closed."""
    return replies[-1].status == 0 or 400 <= replies[-1].status < 500


def is_not_server_error(replies: Replies) -> bool:
    """There is a reply, and it does not blame the server."""
    return 0 < replies[-1].status < 500


def is_not_accepted(replies: Replies) -> bool:
    """The request did not succeed."""
    return not 200 <= replies[-1].status < 300


def has_no_content(replies: Replies) -> bool:
    """There is a reply, and no body came."""
    return bool(replies[-1].status) and not replies[-1].body


def has_text(wanted: str) -> Predicate:
    """It succeeded, and the body is exactly this."""
    return lambda replies: replies[-1].status == 200 and replies[-1].text == wanted


def has_json_value(name: str, wanted: object) -> Predicate:
    """It succeeded, and the JSON reply has this value."""
    return lambda replies: replies[-1].status == 200 and get_json_member(replies, name) == wanted


def get_json_member(replies: Replies, name: str) -> object:
    """Return a member of the last reply's JSON object, None where there is none."""
    try:
        return json.loads(replies[-1].body)[name]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def has_none_of(*texts: str) -> Predicate:
    """There is a reply, and its body holds none of these."""

    def meets(replies: Replies) -> bool:
        last = replies[-1]
        return bool(last.status) and not any(one in last.text for one in texts)

    return meets


def has_no_markup(replies: Replies) -> bool:
    """What was sent as markup did not come back as markup of a page."""
    last = replies[-1]
    return last.media_type != "text/html" or "<script>" not in last.text


def cookies_have(attribute: str) -> Predicate:
    """Every cookie that is set has this attribute; it does not apply where none is set."""

    def meets(replies: Replies) -> bool | None:
        found = replies[-1].get_all("Set-Cookie")
        pattern = re.compile(rf";\s*{attribute}\b", re.IGNORECASE)
        return all(pattern.search(one) for one in found) if found else None

    return meets


def is_conforming_json(replies: Replies) -> bool | None:
    """A JSON reply is JSON to the letter; it does not apply to other replies."""
    last = replies[-1]
    if last.media_type != "application/json" or not 200 <= last.status < 300:
        return None
    try:
        json.loads(last.body, parse_constant=reject_constant)
    except (ValueError, RecursionError):
        return False
    return True


def reject_constant(constant: str) -> None:
    """Refuse what Python takes for JSON and RFC 8259 does not."""
    raise ValueError(constant)
