"""In which words is an outcome told? Equal words mean that frameworks agree."""

import json
import re
from collections.abc import Callable
from contextlib import suppress

from bench.behaviour.http_response import Reply
from bench.behaviour.probe import Replies

Tell = Callable[[Replies], str]
SHOWN_CHARACTERS = 100
ATTRIBUTES = {"httponly": "HttpOnly", "samesite": "SameSite", "secure": "Secure", "path": "Path",
              "domain": "Domain", "expires": "Expires", "max-age": "Max-Age"}  # fmt: skip


def status(replies: Replies) -> str:
    """Tell the status, and where a redirect leads."""
    last = replies[-1]
    if not last.status:
        return "no reply"
    to = last.get("Location")
    return f"{last.status} to {without_address(to)}" if to is not None else str(last.status)


def body(replies: Replies) -> str:
    """Tell the status and, where that is a success, the body."""
    last = replies[-1]
    return f"{last.status} {shown(last)}" if 200 <= last.status < 300 else status(replies)


def field(*names: str) -> Tell:
    """Tell the status and the values of header fields."""

    def told(replies: Replies) -> str:
        values = (named(replies[-1], name) for name in names)
        return ", ".join([status(replies), *values])

    return told


def named(reply: Reply, name: str) -> str:
    """Return a header field as told; lists of methods are in order, since theirs means nothing."""
    value = reply.get(name)
    if value is None:
        return f"no {name}"
    if name == "Allow":
        value = ", ".join(sorted(part.strip() for part in value.split(",")))
    return f"{name}: {value}"


def contents(replies: Replies) -> str:
    """Tell the status, whether a body came, and its announced length; of errors, only whether."""
    last = replies[-1]
    if last.status >= 400:
        length = "no Content-Length" if last.get("Content-Length") is None else "Content-Length"
        return f"{last.status}, {'a body' if last.body else 'no body'}, {length}"
    came = f"body {shown(last)}" if last.body else "no body"
    return ", ".join([status(replies), came, named(last, "Content-Length")])


def holds(*texts: str) -> Tell:
    """Tell the status and which of the texts the body holds."""

    def told(replies: Replies) -> str:
        found = [f"shows {text!r}" for text in texts if text in replies[-1].text]
        return ", ".join([status(replies), *(found or ["shows nothing of it"])])

    return told


def cookies(replies: Replies) -> str:
    """Tell the attributes of the cookies that are set, without their values."""
    found = [attributes(one) for one in replies[-1].all("Set-Cookie")]
    return " and ".join(sorted(found)) if found else f"{status(replies)}, no cookie"


def attributes(cookie: str) -> str:
    """Return a cookie's attributes; of those that hold a time, only that they are there."""
    found = []
    for part in cookie.split(";")[1:]:
        name, _, value = part.strip().partition("=")
        label = ATTRIBUTES.get(name.lower(), name)
        timed = label in ("Expires", "Max-Age")
        found.append(f"{label}={value}" if value and not timed else label)
    return ", ".join(sorted(found)) or "no attributes"


def shown(reply: Reply) -> str:
    """Return a body, on one line and not too long; JSON in its shortest form."""
    text = reply.text
    if reply.body[:1] in (b"{", b"["):
        with suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(text), sort_keys=True)
    words = ascii(text)[1:-1] if text.isprintable() is False else text
    return words if len(words) <= SHOWN_CHARACTERS else f"{words[:SHOWN_CHARACTERS]}..."


def without_address(location: str) -> str:
    """Return a location without the probes' own host, which every framework may add."""
    return re.sub(r"^http://localhost:8000(?=/|$)", "", location) or location
