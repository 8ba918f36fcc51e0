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
from bench.conformance.differential.model import Restaurant, Turn
from bench.conformance.differential.text_rules import plain
from bench.core.paths import Places

HTML = "text/html; charset=utf-8"
# The titles of the pages that show a session's own data.
NOT_STORED = {"Your cart", "Your order", "Sign in", "The kitchen"}
RENAMED = {413: "Content Too Large", 422: "Unprocessable Content"}
# What every reply carries; told only where it is missing or another.
ALWAYS = {
    "content-security-policy": "default-src 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}


@dataclass
class Answer:
    """One answer, in a form that can be compared."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    content: Any = None  # facts of a page, a document, or bytes
    cookie: str = ""  # "new", "deleted" or "", with its flags where it came from a reply
    queries: int | None = 0  # None: the model leaves it open
    spare: int = 0  # how many more are as good: some frameworks run a statement earlier


class Step(NamedTuple):
    """One request of a journey, and the model's answer to it."""

    action: str
    request: Request
    answer: Answer
    house: Restaurant  # as it is afterwards


def phrase(status: int) -> str:
    """Return a status's standard phrase."""
    return RENAMED.get(status) or HTTPStatus(status).phrase


@cache
def problems() -> dict[str, str]:
    """Return the site's sentence for each status."""
    text = (Places.from_environ().static / "problems.json").read_text(encoding="utf-8")
    known: dict[str, str] = json.loads(text)
    return known


def answer(turn: Turn, status: int, content: Any = None, **headers: str) -> Answer:
    """Return an answer with what this turn did to session and larder."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    if status == 200 and named.get("content-type") == HTML:
        stored = content["title"] not in NOT_STORED
        named["cache-control"] = "no-cache, private" if stored else "no-store"
    return Answer(status, {**ALWAYS, **named}, content, turn.cookie, turn.queries)


def page(turn: Turn, title: str, **facts: Any) -> dict[str, Any]:
    """Return the facts of a page; it shows messages once and counts the portions in the cart."""
    count = sum(turn.cart.values())
    flash = turn.session.pop("flash", [])
    turn.keep()
    shown = {"title": plain(title)[:60], "count": str(count or ""), "flash": flash, **facts}
    return {name: fact for name, fact in shown.items() if fact}


def error_page(turn: Turn, status: int, sentence: str = "", **headers: str) -> Answer:
    """Return the page about what went wrong, which knows no guest."""
    facts = {
        "title": f"{status} {phrase(status)}",
        "lead": plain(sentence or problems()[str(status)])[:60],
    }
    return refusal(answer(turn, status, facts, content_type=HTML, **headers))


def problem(
    turn: Turn, status: int, sentence: str = "", fields: dict[str, str] | None = None, **more: str
) -> Answer:
    """Return the document about what went wrong that programs get."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": phrase(status),
        "status": status,
        "detail": sentence or " ".join((fields or {}).values()) or problems()[str(status)],
    }
    document |= {"errors": fields} if fields else {}
    return refusal(answer(turn, status, document, content_type="application/problem+json", **more))


def refusal(reply: Answer) -> Answer:
    """Leave the number of statements open: which check a framework makes first is its own."""
    return replace(reply, queries=None)


def redirect(turn: Turn, location: str) -> Answer:
    """Return the answer that leads on; the session is kept."""
    turn.keep()
    return answer(turn, 303, location=location)
