"""Is a reply the one that this page has to give? Each check compares it with the baseline's."""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit

from bench.conformance.canonical_dom import canonicalize, parse_html
from bench.measure.workload.worker import Reply

Check = Callable[[Reply, Reply], bool]
ORDER_CODE_PATTERN = re.compile(r"[0-9a-f]{20}")


def same_bytes(reply: Reply, right: Reply) -> bool:
    """Tell whether the bodies are equal."""
    return reply.body == right.body


def same_page(reply: Reply, right: Reply) -> bool:
    """Tell whether a guest sees the same page."""
    return parse_dom(reply.body) == parse_dom(right.body)


@lru_cache(maxsize=256)
def parse_dom(body: bytes) -> str:
    """Return a page's canonical DOM: launch after launch brings the same bodies."""
    return canonicalize(body.decode())


def same_json(reply: Reply, right: Reply) -> bool:
    """Tell whether the documents are equal."""
    return bool(json.loads(reply.body) == json.loads(right.body))


def same_shape(reply: Reply, right: Reply) -> bool:
    """Tell whether the documents differ at most in the values of numbers and texts."""
    return bool(extract_shape(json.loads(reply.body)) == extract_shape(json.loads(right.body)))


def extract_shape(document: object) -> object:
    """Return a document with each number and text replaced by the name of its type."""
    if isinstance(document, dict):
        return {key: extract_shape(value) for key, value in document.items()}
    if isinstance(document, list):
        return [extract_shape(value) for value in document]
    return type(document).__name__


def same_cells(reply: Reply, right: Reply) -> bool:
    """Tell whether the cells of the page's tables hold the same texts."""
    return extract_cells(reply) == extract_cells(right)


def extract_cells(reply: Reply) -> list[str]:
    """Return the text of every cell."""
    root = parse_html(reply.body.decode())
    return ["".join(cell.itertext()).strip() for cell in root.iter() if cell.tag in ("td", "th")]


def same_redirect(reply: Reply, right: Reply) -> bool:
    """Tell whether both lead on to the same kind of page."""
    return get_redirect_target(reply) == get_redirect_target(right)


def get_redirect_target(reply: Reply) -> str:
    """Return the path a redirect leads to, without an order's code."""
    return ORDER_CODE_PATTERN.sub("*", urlsplit(reply.header("Location")).path)


def is_valid(check: Check, reply: Reply, model: Reply) -> bool:
    """Tell whether a reply passes a check; one that cannot even be read does not."""
    try:
        return check(reply, model)
    except (ValueError, LookupError):
        return False
