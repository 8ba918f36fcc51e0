"""In which words is an outcome told? Equal words mean that frameworks agree."""

import json
import re
from collections.abc import Callable
from contextlib import suppress

from bench.behaviour.http_response import Reply
from bench.behaviour.probe import Replies

Describer = Callable[[Replies], str]
MAX_BODY_CHARACTERS = 100
COOKIE_ATTRIBUTES = {"httponly": "HttpOnly", "samesite": "SameSite", "secure": "Secure",
                     "path": "Path",
              "domain": "Domain", "expires": "Expires", "max-age": "Max-Age"}  # fmt: skip


def describe_status(replies: Replies) -> str:
    """Tell the status, and where a redirect leads."""
    last = replies[-1]
    if not last.status:
        return "no reply"
    to = last.get("Location")
    return f"{last.status} to {strip_own_host(to)}" if to is not None else str(last.status)


def describe_body(replies: Replies) -> str:
    """Tell the status and, where that is a success, the body."""
    last = replies[-1]
    return (
        f"{last.status} {format_body(last)}"
        if 200 <= last.status < 300
        else describe_status(replies)
    )


def describe_fields(*names: str) -> Describer:
    """Tell the status and the values of header fields."""

    def told(replies: Replies) -> str:
        values = (describe_header(replies[-1], name) for name in names)
        return ", ".join([describe_status(replies), *values])

    return told


def describe_header(reply: Reply, name: str) -> str:
    """Return a header field as told; lists of methods are in order, since theirs means nothing."""
    value = reply.get(name)
    if value is None:
        return f"no {name}"
    if name == "Allow":
        value = ", ".join(sorted(part.strip() for part in value.split(",")))
    return f"{name}: {value}"


def describe_content(replies: Replies) -> str:
    """Tell the status, whether a body came, and its announced length; of errors, only whether."""
    last = replies[-1]
    if last.status >= 400:
        length = "no Content-Length" if last.get("Content-Length") is None else "Content-Length"
        return f"{last.status}, {'a body' if last.body else 'no body'}, {length}"
    came = f"body {format_body(last)}" if last.body else "no body"
    return ", ".join([describe_status(replies), came, describe_header(last, "Content-Length")])


def describe_texts(*texts: str) -> Describer:
    """Tell the status and which of the texts the body holds."""

    def told(replies: Replies) -> str:
        found = [f"shows {text!r}" for text in texts if text in replies[-1].text]
        return ", ".join([describe_status(replies), *(found or ["shows nothing of it"])])

    return told


def describe_cookies(replies: Replies) -> str:
    """Tell the attributes of the cookies that are set, without their values."""
    found = [describe_cookie(one) for one in replies[-1].get_all("Set-Cookie")]
    return " and ".join(sorted(found)) if found else f"{describe_status(replies)}, no cookie"


def describe_cookie(cookie: str) -> str:
    """Return a cookie's attributes; of those that hold a time, only that they are there."""
    found = []
    for part in cookie.split(";")[1:]:
        name, _, value = part.strip().partition("=")
        label = COOKIE_ATTRIBUTES.get(name.lower(), name)
        timed = label in ("Expires", "Max-Age")
        found.append(f"{label}={value}" if value and not timed else label)
    return ", ".join(sorted(found)) or "no attributes"


def format_body(reply: Reply) -> str:
    """Return a body, on one line and not too long; JSON in its shortest form."""
    text = reply.text
    if reply.body[:1] in (b"{", b"["):
        with suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(text), sort_keys=True)
    words = ascii(text)[1:-1] if text.isprintable() is False else text
    return words if len(words) <= MAX_BODY_CHARACTERS else f"{words[:MAX_BODY_CHARACTERS]}..."


def strip_own_host(location: str) -> str:
    """Return a location without the probes' own host, which every framework may add."""
    return re.sub(r"^http://localhost:8000(?=/|$)", "", location) or location
