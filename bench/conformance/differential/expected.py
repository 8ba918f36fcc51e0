"""Build the replies that the model expects, in a form that can be compared.

A reply has a status, headers, content, a cookie and a number of SQL statements.
bench.conformance.differential.observed brings the replies of sites into the same form.
"""

import json
from dataclasses import dataclass, field, replace
from functools import cache
from http import HTTPStatus
from typing import Any, NamedTuple

from bench.conformance.differential.http_client import Request
from bench.conformance.differential.model import RequestContext, SiteModel
from bench.conformance.differential.text_rules import collapse_whitespace
from bench.conformance.levels import CORE
from bench.core.paths import Paths

HTML_TYPE = "text/html; charset=utf-8"
# The titles of the pages that show a session's own data.
NO_STORE_TITLES = {"Your cart", "Your order", "Sign in", "The kitchen"}
RENAMED_PHRASES = {413: "Content Too Large", 422: "Unprocessable Content"}
# Every reply has these headers.
REQUIRED_HEADERS = {
    "content-security-policy": "default-src 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}


@dataclass
class NormalizedReply:
    """One reply in a form that can be compared."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    content: Any = None  # facts of a page, a document, or bytes
    cookie: str = ""  # "new", "replaced", "deleted" or ""; unusual flags follow
    query_count: int | None = 0  # None if the model leaves it open
    query_tolerance: int = 0  # additional statements that some frameworks run
    query_savings: int = 0  # statements that some frameworks do not run


class Step(NamedTuple):
    """One request of a sequence, and the reply that the model expects."""

    action: str
    request: Request
    expected: NormalizedReply
    model: SiteModel  # in its state after the request
    level: str = CORE  # as taught, a hardening step is not sent; it leaves the model as it is


def find_phrase(status: int) -> str:
    """Return the standard phrase of a status."""
    return RENAMED_PHRASES.get(status) or HTTPStatus(status).phrase


@cache
def read_problems() -> dict[str, str]:
    """Return the site's sentence for each status."""
    text = (Paths.from_environ().static / "problems.json").read_text(encoding="utf-8")
    sentences: dict[str, str] = json.loads(text)
    return sentences


def build_reply(
    context: RequestContext, status: int, content: Any = None, **headers: str
) -> NormalizedReply:
    """Return a reply with the cookie and the number of statements of the request's context.

    An underscore in the name of a header stands for a hyphen.
    """
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    if status == 200 and named.get("content-type") == HTML_TYPE:
        stored = content["title"] not in NO_STORE_TITLES
        named["cache-control"] = "no-cache, private" if stored else "no-store"
    return NormalizedReply(
        status,
        {**REQUIRED_HEADERS, **named},
        content,
        context.cookie,
        context.query_count,
        query_savings=context.query_savings,
    )


def build_page_facts(context: RequestContext, title: str, **facts: Any) -> dict[str, Any]:
    """Return the facts of a page with the number of portions in the cart and with messages.

    A message is shown once: it leaves the session, which is saved.
    """
    count = sum(context.cart.values())
    flash = context.session.pop("flash", [])
    context.save_session()
    shown = {
        "title": collapse_whitespace(title)[:60],
        "count": str(count or ""),
        "flash": flash,
        **facts,
    }
    return {name: fact for name, fact in shown.items() if fact}


def build_error_page(
    context: RequestContext, status: int, sentence: str = "", **headers: str
) -> NormalizedReply:
    """Return the page of an error, without a sentence that of the status."""
    facts = {
        "title": f"{status} {find_phrase(status)}",
        "lead": collapse_whitespace(sentence or read_problems()[str(status)])[:60],
    }
    return allow_any_query_count(
        build_reply(context, status, facts, content_type=HTML_TYPE, **headers)
    )


def build_problem(
    context: RequestContext,
    status: int,
    sentence: str = "",
    fields: dict[str, str] | None = None,
    **more: str,
) -> NormalizedReply:
    """Return the problem document of an error, as clients of the API receive it."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": find_phrase(status),
        "status": status,
        "detail": sentence or " ".join((fields or {}).values()) or read_problems()[str(status)],
    }
    document |= {"errors": fields} if fields else {}
    return allow_any_query_count(
        build_reply(context, status, document, content_type="application/problem+json", **more)
    )


def allow_any_query_count(reply: NormalizedReply) -> NormalizedReply:
    """Leave the number of statements open, because frameworks make checks in different orders."""
    return replace(reply, query_count=None)


def build_redirect(context: RequestContext, location: str) -> NormalizedReply:
    """Return a redirect; the session is saved."""
    context.save_session()
    return build_reply(context, 303, location=location)
