"""Judge one reply: server errors, tracebacks, pages that are not the site's, foreign addresses."""

import json
import re
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from bench.conformance.fuzz.wire import RawReply

SERVER_ERROR, NO_ANSWER = "server error", "no answer"
TRACEBACK = b"Traceback (most recent call last)"
# Rules of the grammar write this host into headers and targets only; no page shows those.
FOREIGN_HOST = b"evil.example"
LAYOUT_MARKS = (b'href="/static/site.css"', b"<h1>", b"The Larder")
SECURITY_HEADERS = (
    *("content-security-policy", "x-content-type-options", "referrer-policy", "server-timing"),
)
# Browsers leave these out of an address; and three slashes before a host are two.
IGNORED_CHARACTERS, EXTRA_SLASHES = (
    re.compile(r"[\t\r\n]"),
    re.compile(r"^(https?:|)/{2,}", re.IGNORECASE),
)


class Fault(NamedTuple):
    """One thing that is wrong with a site's reply."""

    kind: str
    detail: str


def find_faults(raw: bytes, reply: RawReply, method: str, url: str) -> list[Fault]:
    """Return what is wrong with a reply to these bytes from the site of this URL."""
    if reply.status == 0:
        return [Fault(NO_ANSWER, reply.body.decode())]
    faults = []
    if reply.status >= 500:
        return [Fault(SERVER_ERROR, str(reply.status))]
    if TRACEBACK in reply.body:
        faults.append(Fault("traceback", "in the reply"))
    if reply.status >= 400 and (reason := find_foreign_page(reply, method)):
        return [*faults, Fault("foreign page", reason)]
    missing = [name for name in SECURITY_HEADERS if not reply.get_first(name)]
    if reply.status == 416 and not reply.get_first("content-range"):
        missing.append("content-range")
    if missing:
        faults.append(Fault("headers", "without " + ", ".join(missing)))
    return faults + find_address_faults(raw, reply, url)


def find_foreign_page(reply: RawReply, method: str) -> str:
    """Return why an error's reply is not the site's own page, "" where it is."""
    kind = reply.get_first("content-type").lower().partition(";")[0].strip()
    if kind not in ("text/html", "application/problem+json"):
        return f"{reply.status} as {kind or 'no type'}"
    if method == "HEAD":
        return ""
    if kind == "text/html":
        return "" if all(mark in reply.body for mark in LAYOUT_MARKS) else f"{reply.status} in HTML"
    try:
        is_problem = json.loads(reply.body)["status"] == reply.status
    except (ValueError, TypeError, KeyError):
        is_problem = False
    return "" if is_problem else f"{reply.status}, no problem document"


def find_address_faults(raw: bytes, reply: RawReply, url: str) -> list[Fault]:
    """Return faults of addresses in a reply: a redirect elsewhere, a host taken from a header."""
    location = reply.get_first("location")
    if location and leaves_site(location, url):
        return [Fault("location", "leads to another site")]
    if FOREIGN_HOST in raw and (FOREIGN_HOST in reply.head or FOREIGN_HOST in reply.body):
        return [Fault("host", "a host from the request stands in the reply")]
    return []


def leaves_site(location: str, url: str) -> bool:
    """Return whether a browser on the site of this URL leaves it for this location."""
    address = EXTRA_SLASHES.sub(r"\1//", IGNORED_CHARACTERS.sub("", location).replace("\\", "/"))
    try:
        goal = urlsplit(urljoin(f"{url}/", address))
        once_more = urlsplit(urljoin(f"{url}/", goal.path))  # `/.//x` becomes `//x`
    except ValueError:
        return True
    own = urlsplit(url).netloc
    return (goal.scheme, goal.netloc) != ("http", own) or once_more.netloc != own
