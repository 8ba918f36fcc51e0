"""What came back, in the form of an answer? Replies with what differs by nature masked."""

import csv
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from io import StringIO
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bench.conformance.canonical_dom import MINUTE, OWN_HIDDEN_FIELDS, PHOTO_NAME, canonical_of
from bench.conformance.differential.database_state import moment
from bench.conformance.differential.expected import ALWAYS, HTML, Answer, problems
from bench.conformance.differential.http_client import DELETED, Reply, Request
from bench.conformance.differential.model import is_id
from bench.conformance.differential.page_facts import facts_of, tree_of
from bench.conformance.site_constants import COOKIE

COOKIE_FLAGS = "httponly; path=/; samesite=lax"
TIMING = re.compile(r'db;dur=\d+\.\d\d;desc="(\d+) queries"')
HIDDEN = re.compile(r"""<input\b[^>]*\btype=["']?hidden["']?[^>]*>""")
NAME = re.compile(r"""\bname=["']?([^"'\s>]+)""")
VALUE = re.compile(r"""\bvalue=("[^"]*"|'[^']*')""")
# What a framework's own check of tokens and tags refuses, the site's sentence explains, and not the
# larder's: it was not asked.
EITHER = {
    "401": "That token is not known here.",
    "412": "The dish was changed in the meantime.",
}
LINK = re.compile(r'<([^>]*)>\s*;\s*rel="?(\w+)"?')


def seen(request: Request, reply: Reply, codes: Sequence[str], held: str) -> Answer:
    """Return a reply as an answer; codes are those of the site's orders, held is the cookie."""
    found = TIMING.fullmatch(", ".join(reply.all("server-timing")))
    return Answer(
        reply.status,
        headers_of(reply, codes),
        content_of(request, reply),
        cookie_of(reply, held),
        int(found[1]) if found else None,
    )


def headers_of(reply: Reply, codes: Sequence[str]) -> dict[str, str]:
    """Return the headers that are compared."""
    found = {name: ", ".join(reply.all(name)) for name in ALWAYS}
    moved = 300 <= reply.status < 400
    kind = "" if moved else media_type(reply.first("content-type"))
    found["content-type"] = kind if kind.startswith("text/html") else kind.partition(";")[0]
    found["location"] = location_of(reply, codes)
    found["allow"] = ", ".join(sorted(listed(reply, "allow") - {"OPTIONS"}))
    found["www-authenticate"] = reply.first("www-authenticate").partition(" ")[0]
    found["link"] = ", ".join(sorted(map(way, LINK.findall(", ".join(reply.all("link"))))))
    disposition = reply.first("content-disposition").replace('"', "")
    found["content-disposition"] = disposition if disposition.startswith("attachment") else ""
    if reply.status == 200 and kind == HTML:
        found["cache-control"] = ", ".join(sorted(listed(reply, "cache-control")))
    found["etag"] = tag_of(reply)
    varies = "accept" in map(str.lower, listed(reply, "vary")) and reply.status < 400
    found["vary"] = "accept" if varies else ""
    return {name: text for name, text in found.items() if text}


def listed(reply: Reply, name: str) -> set[str]:
    """Return the items of a header that is a list."""
    return {item.strip() for text in reply.all(name) for item in text.split(",")} - {""}


def media_type(text: str) -> str:
    """Return a content type in one spelling; JSON and pictures are of no charset."""
    kind, _, rest = text.lower().partition(";")
    charset = rest.strip() if kind.startswith("text/") else ""
    return f"{kind.strip()}; {charset}".removesuffix("; ")


def location_of(reply: Reply, codes: Sequence[str]) -> str:
    """Return where a reply leads: a path, an order by its number."""
    target = reply.first("location")
    if "Host" not in target:
        target = urlsplit(target)._replace(scheme="", netloc="").geturl()
    for number, code in enumerate(codes, start=1):
        target = target.replace(code, f"[order {number}]")
    return target.replace("%2F", "/")


def way(found: tuple[str, str]) -> str:
    """Return a link in one spelling."""
    address = urlsplit(found[0])
    return f"{found[1]} {address.path} {sorted(parse_qsl(address.query))}"


def tag_of(reply: Reply) -> str:
    """Return the tag of a version, "[tag]" for any other; a file may have a time instead."""
    tag = reply.first("etag")
    if is_id(tag.strip('"')):
        return tag
    is_file = not reply.first("content-type").startswith("text/html") and reply.status < 400
    return "[tag]" if tag or (is_file and reply.first("last-modified")) else ""


def cookie_of(reply: Reply, held: str) -> str:
    """Return what became of the session's cookie, and of any other; sent again, it is no news."""
    told = []
    for cookie in reply.all("set-cookie"):
        pair, *attributes = [part.strip() for part in cookie.split(";")]
        name, _, value = pair.partition("=")
        if (name, value) == (COOKIE, held):
            continue
        fate = "deleted" if DELETED.search(cookie.lower()) else "new"
        usual = name == COOKIE and "; ".join(sorted(map(str.lower, attributes))) == COOKIE_FLAGS
        told.append(fate if usual or fate == "deleted" else f"{fate} {name}: {attributes}")
    return ", ".join(told)


def content_of(request: Request, reply: Reply) -> Any:
    """Return a reply's content: facts of a page, a document, rows of a table, or bytes."""
    kind = media_type(reply.first("content-type"))
    if request.method == "HEAD" or 300 <= reply.status < 400:
        return None
    if kind.startswith("text/html"):
        return facts_of(reply.body.decode("utf-8", "replace"))
    if kind.startswith("text/csv"):
        return table(reply.body.decode("utf-8", "replace"))
    if kind.endswith("json") and b'"openapi"' not in reply.body[:100]:
        try:
            return document_masked(json.loads(reply.body))
        except ValueError:
            return reply.body
    return reply.body


def table(text: str) -> list[list[str]]:
    """Return the rows of an export, without codes and times."""
    rows = list(csv.reader(StringIO(text, newline="")))
    for row in rows[1:]:
        row[0] = "[code]" if re.fullmatch("[0-9a-f]{20}", row[0]) else row[0]
        row[4:5] = [MINUTE.sub("[minute]", cell) for cell in row[4:5]]
    return rows


def document_masked(document: Any) -> Any:
    """Return a document without an order's code and time, and photos' names."""
    if not isinstance(document, dict):
        return document
    dishes = document.get("dishes")
    for dish in [document, *(dishes if isinstance(dishes, list) else [])]:
        if isinstance(dish, dict) and isinstance(dish.get("photo"), str):
            dish["photo"] = PHOTO_NAME.sub(r"[photo].\1", dish["photo"])
    if re.fullmatch("[0-9a-f]{20}", str(document.get("code"))):
        document["code"] = "[code]"
    if isinstance(document.get("placed_at"), int):
        document["placed_at"] = moment(document["placed_at"])
    status = str(document.get("status"))
    if status in EITHER and document.get("detail") == problems()[status]:
        document["detail"] = EITHER[status]
    return document


def dom_of(reply: Reply) -> str:
    """Return a page's canonical DOM, "" for what is no page."""
    kind = reply.first("content-type").lower()
    if not kind.startswith("text/html") or 300 <= reply.status < 400 or not reply.body:
        return ""
    return dom(HIDDEN.sub(without_token, reply.body.decode("utf-8", "replace")))


def without_token(field: re.Match[str]) -> str:
    """Return a hidden field without its value where that is new on every page.

    bench.conformance.canonical_dom takes these fields out; without them, pages seen before are
    not read again.
    """
    name = NAME.search(field[0])
    if name and (name[1] not in OWN_HIDDEN_FIELDS or name[1] == "idempotency_key"):
        return VALUE.sub('value=""', field[0])
    return field[0]


@lru_cache(maxsize=1024)
def dom(html: str) -> str:
    """Return the canonical DOM of a text."""
    return canonical_of(tree_of(html))
