"""Bring replies of sites into a form that can be compared, and mask values that differ by site."""

import csv
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bench.conformance.canonical_dom import (
    MINUTE,
    PHOTO_NAME,
    SITE_HIDDEN_FIELDS,
    canonicalize,
)
from bench.conformance.differential.database_state import mask_time
from bench.conformance.differential.expected import (
    HTML_TYPE,
    REQUIRED_HEADERS,
    NormalizedReply,
    read_problems,
)
from bench.conformance.differential.http_client import Reply, Request, is_deletion
from bench.conformance.differential.model import is_id
from bench.conformance.differential.page_facts import extract_facts
from bench.conformance.site_constants import SESSION_COOKIE
from bench.core.paths import Paths
from bench.frameworks.manifest import discover_frameworks

COOKIE_FLAGS = "httponly; path=/; samesite=lax"
SERVER_TIMING = re.compile(r'db;dur=\d+\.\d\d;desc="(\d+) queries"')
HIDDEN_FIELD = re.compile(r"""<input\b[^>]*\btype=["']?hidden["']?[^>]*>""")
NAME = re.compile(r"""\bname=["']?([^"'\s>]+)""")
VALUE = re.compile(r"""\bvalue=("[^"]*"|'[^']*')""")
# A framework's own check of tokens and tags replies with the site's sentence for the status, the
# database layer's check with its own sentence.
EQUIVALENT_DETAILS = {
    "401": "That token is not known here.",
    "412": "The dish was changed in the meantime.",
}
LINK = re.compile(r'<([^>]*)>\s*;\s*rel="?(\w+)"?')


def normalize_reply(
    request: Request, reply: Reply, codes: Sequence[str], session_cookie: str
) -> NormalizedReply:
    """Return a reply in a form that can be compared.

    `codes` are the codes of the site's orders, `session_cookie` is the value before the request.
    """
    timing = SERVER_TIMING.fullmatch(", ".join(reply.get_all("server-timing")))
    return NormalizedReply(
        reply.status,
        normalize_headers(reply, codes),
        parse_content(request, reply),
        describe_cookies(reply, session_cookie),
        int(timing[1]) if timing else None,
    )


def normalize_headers(reply: Reply, codes: Sequence[str]) -> dict[str, str]:
    """Return the headers that are compared, by name in lower case."""
    headers = {name: ", ".join(reply.get_all(name)) for name in REQUIRED_HEADERS}
    is_redirect = 300 <= reply.status < 400
    kind = "" if is_redirect else normalize_media_type(reply.get_first("content-type"))
    headers["content-type"] = kind if kind.startswith("text/html") else kind.partition(";")[0]
    headers["location"] = normalize_location(reply, codes)
    headers["allow"] = ", ".join(sorted(split_header(reply, "allow") - {"OPTIONS"}))
    headers["www-authenticate"] = reply.get_first("www-authenticate").partition(" ")[0]
    headers["link"] = ", ".join(
        sorted(map(normalize_link, LINK.findall(", ".join(reply.get_all("link")))))
    )
    disposition = reply.get_first("content-disposition").replace('"', "")
    headers["content-disposition"] = disposition if disposition.startswith("attachment") else ""
    if reply.status == 200 and kind == HTML_TYPE:
        headers["cache-control"] = ", ".join(sorted(split_header(reply, "cache-control")))
    headers["etag"] = normalize_etag(reply)
    varies = "accept" in map(str.lower, split_header(reply, "vary")) and reply.status < 400
    headers["vary"] = "accept" if varies else ""
    return {name: text for name, text in headers.items() if text}


def split_header(reply: Reply, name: str) -> set[str]:
    """Return the items of a header with a list."""
    return {item.strip() for text in reply.get_all(name) for item in text.split(",")} - {""}


def normalize_media_type(text: str) -> str:
    """Return a content type in one spelling; only text types have a charset."""
    kind, _, rest = text.lower().partition(";")
    charset = rest.strip() if kind.startswith("text/") else ""
    return f"{kind.strip()}; {charset}".removesuffix("; ")


def normalize_location(reply: Reply, codes: Sequence[str]) -> str:
    """Return the path of a redirect, with numbers in place of the codes of orders."""
    target = reply.get_first("location")
    if "Host" not in target:
        target = urlsplit(target)._replace(scheme="", netloc="").geturl()
    for number, code in enumerate(codes, start=1):
        target = target.replace(code, f"[order {number}]")
    return target.replace("%2F", "/")


def normalize_link(link: tuple[str, str]) -> str:
    """Return a link, an address and a relation, in one spelling."""
    address = urlsplit(link[0])
    return f"{link[1]} {address.path} {sorted(parse_qsl(address.query))}"


def normalize_etag(reply: Reply) -> str:
    """Return the tag of a dish's version, "[tag]" for other tags, "" without a tag.

    A file may have a Last-Modified header instead of a tag.
    """
    tag = reply.get_first("etag")
    if is_id(tag.strip('"')):
        return tag
    is_file = not reply.get_first("content-type").startswith("text/html") and reply.status < 400
    return "[tag]" if tag or (is_file and reply.get_first("last-modified")) else ""


def is_message_cookie(name: str) -> bool:
    """Return whether a framework stores messages in a cookie of this name, not in the session."""
    return name.startswith(_list_message_cookies(Paths.from_environ().apps))


@lru_cache
def _list_message_cookies(apps: Path) -> tuple[str, ...]:
    frameworks = discover_frameworks(apps).frameworks.values()
    return tuple(name for each in frameworks for name in each.message_cookies)


def describe_cookies(reply: Reply, session_cookie: str) -> str:
    """Return the changes of the session's cookie and of other cookies.

    The session's cookie with the same value again is no change. Cookies with messages are ignored:
    the pages show the messages.
    """
    changes = []
    for header in reply.get_all("set-cookie"):
        pair, *attributes = [part.strip() for part in header.split(";")]
        name, _, value = pair.partition("=")
        fate = "deleted" if is_deletion(header.partition(";")[2]) else "new"
        is_same = (name, value) == (SESSION_COOKIE, session_cookie) and fate == "new"
        if is_same or is_message_cookie(name):
            continue
        flags = "; ".join(sorted(map(str.lower, attributes)))
        is_usual = name == SESSION_COOKIE and flags == COOKIE_FLAGS
        if is_usual and session_cookie and fate == "new":
            fate = "replaced"
        changes.append(fate if is_usual or fate == "deleted" else f"{fate} {name}: {attributes}")
    return ", ".join(changes)


def parse_content(request: Request, reply: Reply) -> Any:
    """Return the content of a reply: facts of a page, a document, rows of a table, or bytes."""
    kind = normalize_media_type(reply.get_first("content-type"))
    if request.method == "HEAD" or 300 <= reply.status < 400:
        return None
    if kind.startswith("text/html"):
        return extract_facts(reply.body.decode("utf-8", "replace"))
    if kind.startswith("text/csv"):
        return parse_csv(reply.body.decode("utf-8", "replace"))
    if kind.endswith("json") and b'"openapi"' not in reply.body[:100]:
        try:
            return mask_document(json.loads(reply.body))
        except ValueError:
            return reply.body
    return reply.body


def parse_csv(text: str) -> list[list[str]]:
    """Return the rows of an export with codes and times masked."""
    rows = list(csv.reader(StringIO(text, newline="")))
    for row in rows[1:]:
        row[0] = "[code]" if re.fullmatch("[0-9a-f]{20}", row[0]) else row[0]
        row[4:5] = [MINUTE.sub("[minute]", cell) for cell in row[4:5]]
    return rows


def mask_document(document: Any) -> Any:
    """Return a document with the code and time of an order and the names of photos masked."""
    if not isinstance(document, dict):
        return document
    dishes = document.get("dishes")
    for dish in [document, *(dishes if isinstance(dishes, list) else [])]:
        if isinstance(dish, dict) and isinstance(dish.get("photo"), str):
            dish["photo"] = PHOTO_NAME.sub(r"[photo].\1", dish["photo"])
    if re.fullmatch("[0-9a-f]{20}", str(document.get("code"))):
        document["code"] = "[code]"
    if isinstance(document.get("placed_at"), int):
        document["placed_at"] = mask_time(document["placed_at"])
    status = str(document.get("status"))
    if status in EQUIVALENT_DETAILS and document.get("detail") == read_problems()[status]:
        document["detail"] = EQUIVALENT_DETAILS[status]
    return document


def canonicalize_reply(reply: Reply) -> str:
    """Return the canonical DOM of a page, "" for a reply that is no page."""
    kind = reply.get_first("content-type").lower()
    if not kind.startswith("text/html") or 300 <= reply.status < 400 or not reply.body:
        return ""
    return canonicalize_page(HIDDEN_FIELD.sub(remove_token, reply.body.decode("utf-8", "replace")))


def remove_token(field: re.Match[str]) -> str:
    """Return a hidden field without its value if that is different on each page.

    bench.conformance.canonical_dom removes these values as well; without them, a page that was
    parsed before need not be parsed again.
    """
    name = NAME.search(field[0])
    if name and (name[1] not in SITE_HIDDEN_FIELDS or name[1] == "idempotency_key"):
        return VALUE.sub('value=""', field[0])
    return field[0]


@lru_cache(maxsize=1024)
def canonicalize_page(html: str) -> str:
    """Return the canonical DOM of a text."""
    return canonicalize(html)
