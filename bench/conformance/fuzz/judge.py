"""Find faults in one reply and in the log: server errors, tracebacks, foreign pages, addresses."""

import json
import re
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from bench.runtime.http_connection import RawReply

SERVER_ERROR, NO_ANSWER, LOG = "server error", "no answer", "log"
TRACEBACK = b"Traceback (most recent call last)"
FRAME = re.compile(r'File "(?:[^"]*/)?([^"/]+)", line (\d+)')
MESSAGE_SEPARATOR = " | "  # the text after it differs from request to request
# Rules of the grammar write this host into headers and targets only, which no page shows.
FOREIGN_HOST = b"evil.example"
LAYOUT_MARKS = (b'href="/static/site.css"', b"<h1>", b"The Larder")
SECURITY_HEADERS = (
    *("content-security-policy", "x-content-type-options", "referrer-policy", "server-timing"),
)
# Browsers remove these characters from an address, and read three slashes before a host as two.
IGNORED_CHARACTERS = re.compile(r"[\t\r\n]")
EXTRA_SLASHES = re.compile(r"^(https?:|)/{2,}", re.IGNORECASE)


class Fault(NamedTuple):
    """One fault of a site."""

    kind: str
    detail: str


def find_faults(raw: bytes, reply: RawReply, method: str, url: str) -> list[Fault]:
    """Return the faults in the reply to these bytes from the site at this URL."""
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
    """Return the reason why an error's reply is not the site's own page, "" if it is."""
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
    """Return faults of addresses in a reply: a redirect off the site, a host from a header."""
    location = reply.get_first("location")
    if location and leaves_site(location, url):
        return [Fault("location", "leads to another site")]
    if FOREIGN_HOST in raw and (FOREIGN_HOST in reply.head or FOREIGN_HOST in reply.body):
        return [Fault("host", "the reply contains a host from the request")]
    return []


def leaves_site(location: str, url: str) -> bool:
    """Return whether a browser on the site at this URL leaves the site for this location."""
    address = EXTRA_SLASHES.sub(r"\1//", IGNORED_CHARACTERS.sub("", location).replace("\\", "/"))
    try:
        target = urlsplit(urljoin(f"{url}/", address))
        final = urlsplit(urljoin(f"{url}/", target.path))  # `/.//x` becomes `//x`
    except ValueError:
        return True
    own = urlsplit(url).netloc
    return (target.scheme, target.netloc) != ("http", own) or final.netloc != own


def merge_faults(faults: list[Fault]) -> tuple[Fault, ...]:
    """Return faults without repetitions; a server error includes the log's exception."""
    logged = [fault for fault in faults if fault.kind == LOG]
    if logged and any(fault.kind == SERVER_ERROR for fault in faults):
        faults = [
            Fault(fault.kind, f"{fault.detail}: {logged[0].detail}")
            if fault.kind == SERVER_ERROR
            else fault
            for fault in faults
            if fault.kind != LOG
        ]
    return tuple(dict.fromkeys(faults))


def parse_last_error(text: bytes) -> str:
    """Return the exception of a log's last traceback, its file and line, and its message."""
    lines = text.decode("utf-8", "replace").rpartition("Traceback")[2].splitlines()[1:]
    ends = [line for line in lines if line and not line.startswith((" ", "\t"))]
    places = FRAME.findall("\n".join(lines))
    name, _, message = (ends[0] if ends else "exception").partition(":")
    where = f" at {places[-1][0]}:{places[-1][1]}" if places else ""
    return f"{name}{where}{MESSAGE_SEPARATOR}{message.strip()[:150]}"
