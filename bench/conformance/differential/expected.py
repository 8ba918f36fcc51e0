"""What is a right answer? Its status, headers, content, cookie and number of SQL statements.

The model makes answers from what is true; bench.conformance.differential.observed makes them
from replies.
"""

import json
from dataclasses import dataclass, field, replace
from functools import cache
from http import HTTPStatus
from typing import Any, NamedTuple

from bench.conformance.differential.http_client import Request
from bench.conformance.differential.model import RequestContext, SiteModel
from bench.conformance.differential.text_rules import collapse_whitespace
from bench.core.paths import Paths

HTML_TYPE = "text/html; charset=utf-8"
# The titles of the pages that show a session's own data.
NO_STORE_TITLES = {"Your cart", "Your order", "Sign in", "The kitchen"}
RENAMED_PHRASES = {413: "Content Too Large", 422: "Unprocessable Content"}
# What every reply carries; told only where it is missing or another.
REQUIRED_HEADERS = {
    "content-security-policy": "default-src 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}


@dataclass
class NormalizedReply:
    """One answer, in a form that can be compared."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    content: Any = None  # facts of a page, a document, or bytes
    cookie: str = ""  # "new", "deleted" or "", with its flags where it came from a reply
    query_count: int | None = 0  # None: the model leaves it open
    query_tolerance: int = 0  # how many more are as good: some frameworks run a statement earlier


class Step(NamedTuple):
    """One request of a journey, and the model's answer to it."""

    action: str
    request: Request
    expected: NormalizedReply
    model: SiteModel  # as it is afterwards


def find_phrase(status: int) -> str:
    """Return a status's standard phrase."""
    return RENAMED_PHRASES.get(status) or HTTPStatus(status).phrase


@cache
def read_problems() -> dict[str, str]:
    """Return the site's sentence for each status."""
    text = (Paths.from_environ().static / "problems.json").read_text(encoding="utf-8")
    known: dict[str, str] = json.loads(text)
    return known


def build_reply(
    turn: RequestContext, status: int, content: Any = None, **headers: str
) -> NormalizedReply:
    """Return an answer with what this turn did to session and larder."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    if status == 200 and named.get("content-type") == HTML_TYPE:
        stored = content["title"] not in NO_STORE_TITLES
        named["cache-control"] = "no-cache, private" if stored else "no-store"
    return NormalizedReply(
        status, {**REQUIRED_HEADERS, **named}, content, turn.cookie, turn.query_count
    )


def build_page_facts(turn: RequestContext, title: str, **facts: Any) -> dict[str, Any]:
    """Return the facts of a page; it shows messages once and counts the portions in the cart."""
    count = sum(turn.cart.values())
    flash = turn.session.pop("flash", [])
    turn.save_session()
    shown = {
        "title": collapse_whitespace(title)[:60],
        "count": str(count or ""),
        "flash": flash,
        **facts,
    }
    return {name: fact for name, fact in shown.items() if fact}


def build_error_page(
    turn: RequestContext, status: int, sentence: str = "", **headers: str
) -> NormalizedReply:
    """Return the page about what went wrong, which knows no guest."""
    facts = {
        "title": f"{status} {find_phrase(status)}",
        "lead": collapse_whitespace(sentence or read_problems()[str(status)])[:60],
    }
    return allow_any_query_count(
        build_reply(turn, status, facts, content_type=HTML_TYPE, **headers)
    )


def build_problem(
    turn: RequestContext,
    status: int,
    sentence: str = "",
    fields: dict[str, str] | None = None,
    **more: str,
) -> NormalizedReply:
    """Return the document about what went wrong that programs get."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": find_phrase(status),
        "status": status,
        "detail": sentence or " ".join((fields or {}).values()) or read_problems()[str(status)],
    }
    document |= {"errors": fields} if fields else {}
    return allow_any_query_count(
        build_reply(turn, status, document, content_type="application/problem+json", **more)
    )


def allow_any_query_count(reply: NormalizedReply) -> NormalizedReply:
    """Leave the number of statements open: which check a framework makes first is its own."""
    return replace(reply, query_count=None)


def build_redirect(turn: RequestContext, location: str) -> NormalizedReply:
    """Return the answer that leads on; the session is kept."""
    turn.save_session()
    return build_reply(turn, 303, location=location)
