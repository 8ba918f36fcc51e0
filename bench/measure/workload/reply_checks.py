"""Is a reply the one that this page has to give? Each check compares it with the baseline's."""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit

from bench.conformance.canonical_dom import canonical, parse
from bench.measure.workload.worker import Reply

Check = Callable[[Reply, Reply], bool]
CODE = re.compile(r"[0-9a-f]{20}")


def same_bytes(reply: Reply, right: Reply) -> bool:
    """Tell whether the bodies are equal."""
    return reply.body == right.body


def same_page(reply: Reply, right: Reply) -> bool:
    """Tell whether a guest sees the same page."""
    return dom(reply.body) == dom(right.body)


@lru_cache(maxsize=256)
def dom(body: bytes) -> str:
    """Return a page's canonical DOM: launch after launch brings the same bodies."""
    return canonical(body.decode())


def same_json(reply: Reply, right: Reply) -> bool:
    """Tell whether the documents are equal."""
    return bool(json.loads(reply.body) == json.loads(right.body))


def same_shape(reply: Reply, right: Reply) -> bool:
    """Tell whether the documents differ at most in the values of numbers and texts."""
    return bool(shape(json.loads(reply.body)) == shape(json.loads(right.body)))


def shape(document: object) -> object:
    """Return a document with each number and text replaced by the name of its type."""
    if isinstance(document, dict):
        return {key: shape(value) for key, value in document.items()}
    if isinstance(document, list):
        return [shape(value) for value in document]
    return type(document).__name__


def same_cells(reply: Reply, right: Reply) -> bool:
    """Tell whether the cells of the page's tables hold the same texts."""
    return cells(reply) == cells(right)


def cells(reply: Reply) -> list[str]:
    """Return the text of every cell."""
    root = parse(reply.body.decode())
    return ["".join(cell.itertext()).strip() for cell in root.iter() if cell.tag in ("td", "th")]


def same_goal(reply: Reply, right: Reply) -> bool:
    """Tell whether both lead on to the same kind of page."""
    return goal(reply) == goal(right)


def goal(reply: Reply) -> str:
    """Return the path a redirect leads to, without an order's code."""
    return CODE.sub("*", urlsplit(reply.header("Location")).path)


def is_valid(check: Check, reply: Reply, model: Reply) -> bool:
    """Tell whether a reply passes a check; one that cannot even be read does not."""
    try:
        return check(reply, model)
    except (ValueError, LookupError):
        return False
