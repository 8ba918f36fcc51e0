"""Compare a reply with the baseline's reply to the same page: one check for each kind of page."""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit

from bench.conformance.canonical_dom import canonicalize, parse_html
from bench.measure.workload.worker import Reply

Check = Callable[[Reply, Reply], bool]
ORDER_CODE_PATTERN = re.compile(r"[0-9a-f]{20}")


def same_bytes(reply: Reply, expected: Reply) -> bool:
    """Return whether the bodies are equal."""
    return reply.body == expected.body


def same_page(reply: Reply, expected: Reply) -> bool:
    """Return whether the two HTML pages have the same canonical DOM."""
    return parse_dom(reply.body) == parse_dom(expected.body)


@lru_cache(maxsize=256)
def parse_dom(body: bytes) -> str:
    """Return a page's canonical DOM, from a cache: the bodies are the same in every launch."""
    return canonicalize(body.decode())


def same_json(reply: Reply, expected: Reply) -> bool:
    """Return whether the JSON documents are equal."""
    return bool(json.loads(reply.body) == json.loads(expected.body))


def same_shape(reply: Reply, expected: Reply) -> bool:
    """Return whether the JSON documents are equal but for the values of numbers and strings."""
    return bool(extract_shape(json.loads(reply.body)) == extract_shape(json.loads(expected.body)))


def extract_shape(document: object) -> object:
    """Return a document in which the name of its type replaces each number and string."""
    if isinstance(document, dict):
        return {key: extract_shape(value) for key, value in document.items()}
    if isinstance(document, list):
        return [extract_shape(value) for value in document]
    return type(document).__name__


def same_cells(reply: Reply, expected: Reply) -> bool:
    """Return whether the cells of the pages' tables have the same text."""
    return extract_cells(reply) == extract_cells(expected)


def extract_cells(reply: Reply) -> list[str]:
    """Return the text of every table cell."""
    root = parse_html(reply.body.decode())
    return ["".join(cell.itertext()).strip() for cell in root.iter() if cell.tag in ("td", "th")]


def same_redirect(reply: Reply, expected: Reply) -> bool:
    """Return whether both replies redirect to the same kind of page."""
    return get_redirect_target(reply) == get_redirect_target(expected)


def get_redirect_target(reply: Reply) -> str:
    """Return the path of a redirect's target, with `*` instead of an order's code."""
    return ORDER_CODE_PATTERN.sub("*", urlsplit(reply.header("Location")).path)


def is_valid(check: Check, reply: Reply, expected: Reply) -> bool:
    """Return whether a reply passes a check; a reply that cannot be parsed does not pass."""
    try:
        return check(reply, expected)
    except (ValueError, LookupError):
        return False
