"""Describe replies in a few words; frameworks with equal descriptions agree."""

import json
import re
from collections.abc import Callable
from contextlib import suppress

from bench.behaviour.http_response import Reply
from bench.behaviour.probe import Replies

Describer = Callable[[Replies], str]
MAX_BODY_CHARACTERS = 100
COOKIE_ATTRIBUTES = {
    name.lower(): name
    for name in ("HttpOnly", "SameSite", "Secure", "Path", "Domain", "Expires", "Max-Age")
}


def describe_status(replies: Replies) -> str:
    """Return the status, and the target of a redirect."""
    last = replies[-1]
    if not last.status:
        return "no reply"
    location = last.get("Location")
    if location is None:
        return str(last.status)
    return f"{last.status} to {strip_own_host(location)}"


def describe_body(replies: Replies) -> str:
    """Return the status and, for a success, the body."""
    last = replies[-1]
    return (
        f"{last.status} {format_body(last)}"
        if 200 <= last.status < 300
        else describe_status(replies)
    )


def describe_fields(*names: str) -> Describer:
    """Return a describer of the status and the values of header fields."""

    def describe(replies: Replies) -> str:
        values = (describe_header(replies[-1], name) for name in names)
        return ", ".join([describe_status(replies), *values])

    return describe


def describe_header(reply: Reply, name: str) -> str:
    """Return a header field and its value; Allow is sorted, because its order has no meaning."""
    value = reply.get(name)
    if value is None:
        return f"no {name}"
    if name == "Allow":
        value = ", ".join(sorted(part.strip() for part in value.split(",")))
    return f"{name}: {value}"


def describe_content(replies: Replies) -> str:
    """Return the status, the body and its Content-Length; for errors, only whether they exist."""
    last = replies[-1]
    if last.status >= 400:
        length = "no Content-Length" if last.get("Content-Length") is None else "Content-Length"
        return f"{last.status}, {'a body' if last.body else 'no body'}, {length}"
    body = f"body {format_body(last)}" if last.body else "no body"
    return ", ".join([describe_status(replies), body, describe_header(last, "Content-Length")])


def describe_texts(*texts: str) -> Describer:
    """Return a describer of the status and of which texts the body holds."""

    def describe(replies: Replies) -> str:
        matches = [f"shows {text!r}" for text in texts if text in replies[-1].text]
        return ", ".join([describe_status(replies), *(matches or ["shows nothing of it"])])

    return describe


def describe_cookies(replies: Replies) -> str:
    """Return the attributes of the cookies that are set, without the cookies' values."""
    cookies = [describe_cookie(cookie) for cookie in replies[-1].get_all("Set-Cookie")]
    return " and ".join(sorted(cookies)) if cookies else f"{describe_status(replies)}, no cookie"


def describe_cookie(cookie: str) -> str:
    """Return a cookie's attributes; of Expires and Max-Age only the names."""
    attributes = []
    for part in cookie.split(";")[1:]:
        name, _, value = part.strip().partition("=")
        label = COOKIE_ATTRIBUTES.get(name.lower(), name)
        timed = label in ("Expires", "Max-Age")
        attributes.append(f"{label}={value}" if value and not timed else label)
    return ", ".join(sorted(attributes)) or "no attributes"


def format_body(reply: Reply) -> str:
    """Return a body on one line, truncated; JSON is normalized."""
    text = reply.text
    if reply.body[:1] in (b"{", b"["):
        with suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(text), sort_keys=True)
    words = ascii(text)[1:-1] if text.isprintable() is False else text
    return words if len(words) <= MAX_BODY_CHARACTERS else f"{words[:MAX_BODY_CHARACTERS]}..."


def strip_own_host(location: str) -> str:
    """Return a location without the probes' own host, which any framework may add."""
    return re.sub(r"^http://localhost:8000(?=/|$)", "", location) or location
