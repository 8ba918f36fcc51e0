"""Check properties of replies that many clauses share."""

import re
from http import HTTPStatus
from urllib.parse import urlsplit

from tests.contract.page import Page
from tests.contract.reply import Headers, Reply

MAX_SHOWN_CHARACTERS = 80  # of a request's target or of a difference, in a line about a failure
RENAMED = {413: "Content Too Large", 422: "Unprocessable Content"}
UTF_8 = "; charset=utf-8"  # JSON has no such parameter (RFC 8259); clients ignore it
TIMING = re.compile(r'db;dur=\d+\.\d\d;desc="(\d+) queries"')
# The footer names the framework, whose name may look like an internal of the app: "web.py".
FRAMEWORK_NAME = re.compile(r"Cooked with <span data-varies>[^<]*")


def phrase(status: int) -> str:
    """Return the standard phrase of a status, the same in every version of Python."""
    return RENAMED.get(status) or HTTPStatus(status).phrase


def is_page(reply: Reply, status: int = 200) -> Page:
    """Check that a reply is a page of this site, and return it."""
    assert reply.status == status, f"{reply.status} instead of {status}"
    assert reply.media_type == "text/html; charset=utf-8"
    page = Page(reply)
    assert page.text("a.brand") == "The Larder", "not a page of this site"
    return page


def is_error_page(reply: Reply, status: int) -> Page:
    """Check that a reply is the site's own error page, and return it."""
    page = is_page(reply, status)
    assert page.text("h1") == f"{status} {phrase(status)}"
    assert page.text("main p:not(:last-child)").endswith("."), "no sentence says what is wrong"
    assert page.all(".count, .flash") == [], "the page knows of a guest"
    tells_no_secrets(reply)
    return page


def is_problem(reply: Reply, status: int, *fields: str) -> dict[str, object]:
    """Check that a reply is problem+json with errors for exactly these fields, and return it."""
    assert reply.status == status, f"{reply.status} instead of {status}"
    assert reply.media_type.removesuffix(UTF_8) == "application/problem+json"
    problem: dict[str, object] = reply.json()
    assert problem["type"] == "about:blank"
    assert (problem["status"], problem["title"]) == (status, phrase(status))
    assert isinstance(problem["detail"], str)
    assert problem["detail"].endswith("."), "detail is not a sentence"
    errors = problem.get("errors", {})
    assert isinstance(errors, dict)
    assert set(errors) == set(fields), f"the fields blamed are {sorted(errors)}"
    assert set(problem) <= {"type", "title", "status", "detail", "errors"}
    tells_no_secrets(reply)
    return problem


def tells_no_secrets(reply: Reply) -> None:
    """Check that a reply shows no internals of the app."""
    text = FRAMEWORK_NAME.sub("", reply.text)
    for secret in ("Traceback", ".py", "sqlite3.", "psycopg", "sqlalchemy", 'File "'):
        assert secret not in text, f"the reply shows {secret!r}"


def is_json(reply: Reply, status: int = 200) -> dict[str, object]:
    """Check that a reply is JSON, and return it."""
    assert reply.status == status, f"{reply.status} instead of {status}"
    assert reply.media_type.removesuffix(UTF_8) == "application/json"
    document: dict[str, object] = reply.json()
    return document


def leads_to(reply: Reply, path: str | None = None) -> str:
    """Check that a reply is a 303 to a path of this site, and return that path."""
    assert reply.status == 303, f"{reply.status} instead of 303"
    location = urlsplit(reply.headers["Location"])
    here = urlsplit(reply.url)
    assert not location.netloc or location.netloc == here.netloc, "leads off the site"
    assert location.scheme in ("", here.scheme), "leads off the site"
    goal = location._replace(scheme="", netloc="").geturl()
    same = path in (None, goal, goal.replace("%2F", "/"))  # a slash in a query may be encoded
    assert same, f"leads to {goal!r} instead of {path!r}"
    return goal


def carries_security_headers(headers: Headers, frame_ancestors: str = "'none'") -> None:
    """Check the headers that every reply carries, each exactly once."""
    expected = {
        "Content-Security-Policy": f"default-src 'self'; frame-ancestors {frame_ancestors}",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }
    for name, text in expected.items():
        assert headers.get_list(name) == [text], f"{name}: {headers.get_list(name)}"
    assert len(headers.get_list("Server-Timing")) == 1, "Server-Timing is not there once"
    assert TIMING.fullmatch(headers["Server-Timing"]), headers["Server-Timing"]


def queries_of(reply: Reply) -> int:
    """Return the number of queries in the Server-Timing header of a reply."""
    match = TIMING.fullmatch(reply.headers["Server-Timing"])
    assert match, reply.headers["Server-Timing"]
    return int(match[1])


def find_error(log: str) -> str:
    """Return the line of a log that names the error of the first traceback."""
    lines = log[log.index("Traceback") :].splitlines()[1:]
    error = next((line for line in lines if line and not line.startswith((" ", "\t"))), "")
    return f"the log has a traceback: {error}"


def find_first_difference(diff: str) -> str:
    """Return the first hunk of a diff with the page of bare, in one line."""
    lines = diff.splitlines()[3:]  # without the names and the head of the first hunk
    end = next((place for place, line in enumerate(lines) if line.startswith("@@")), len(lines))
    expected, actual = (
        shorten(" ".join(" ".join(line[1:].split()) for line in lines[:end] if line[0] == sign))
        for sign in "-+"
    )
    return f"{actual or 'nothing'} instead of {expected or 'nothing'}"


def shorten(text: str) -> str:
    """Return at most MAX_SHOWN_CHARACTERS of a text, and … for the rest."""
    return text if len(text) <= MAX_SHOWN_CHARACTERS else text[:MAX_SHOWN_CHARACTERS] + "…"
