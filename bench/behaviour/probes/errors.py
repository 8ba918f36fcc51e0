"""Probes of failing handlers: the reply, and whether iterables are closed."""

from functools import partial

from bench.behaviour import outcomes, predicates
from bench.behaviour.probe import Probe, Replies
from bench.behaviour.raw_requests import build_request, get
from bench.behaviour.standards import asvs, pep3333, rfc
from bench.core.words import format_count

probe = partial(Probe, group="errors")
SECRET = "secret 4711"  # the text of the exception that every defaults.py raises
ERROR = get("/error")
JSON = "Accept: application/json"
CLOSE_COUNT = get("/closed")
closes = partial(probe, needs="/closed", clause=pep3333("Specification Details"))


def describe_ending(replies: Replies) -> str:
    """Return whether a client can detect that a reply is incomplete."""
    last = replies[-1]
    if last.status >= 400 or not last.status:
        return f"{outcomes.describe_status(replies)}, nothing of the page"
    return f"{last.status}, {'looks whole' if last.complete else 'cut short'}"


def describe_closing(replies: Replies) -> str:
    """Return how often an iterable was closed between two counts."""
    before, after = replies[0].text, replies[-1].text
    if not (before.isdecimal() and after.isdecimal()):
        return f"not counted: {replies[-1].status}"
    return f"closed {format_count(int(after) - int(before), 'time')}"


def is_closed_once(replies: Replies) -> bool | None:
    """Return whether the iterable was closed once; None if the page itself failed."""
    return describe_closing(replies) == "closed 1 time" if replies[1].status == 200 else None


def is_empty_204(replies: Replies) -> bool | None:
    """Return whether a 204 has neither a body nor a length; None for another status."""
    last = replies[-1]
    return None if last.status != 204 else not last.body and last.get("Content-Length") is None


PROBES = (
    probe("error", "A handler that raises an exception.", requests=ERROR,
          describe=outcomes.describe_texts(SECRET, "Traceback"), grade="should",
          clause=asvs("16.5.1"), meets=predicates.has_none_of(SECRET, "Traceback")),
    probe("error-in-debug-mode", "The same in debug mode.", requests=ERROR, debug=True,
          describe=outcomes.describe_texts(SECRET, "Traceback")),
    probe("error-type", "The content type of the error page.", requests=ERROR,
          describe=outcomes.describe_fields("Content-Type")),
    probe("error-type-for-programs", "The same for a client that asks for JSON.",
          requests=get("/error", JSON), describe=outcomes.describe_fields("Content-Type")),
    probe("error-in-a-stream", "An exception after the first piece of a streamed page.",
          requests=get("/stream/error"), describe=describe_ending, grade="must",
          clause=rfc(9112, "8"),
          meets=lambda replies: not describe_ending(replies).endswith("whole"), needs="/stream"),
    probe("error-in-a-stream-in-debug-mode",
          "The same in debug mode, and how much of the error the page shows.",
          requests=get("/stream/error"), debug=True, needs="/stream",
          describe=outcomes.describe_texts("one\n", SECRET)),
    probe("missing-in-debug-mode",
          "A missing page in debug mode, and whether the reply names other pages.",
          requests=get("/nothing-here"), debug=True, describe=outcomes.describe_texts("segment")),
    probe("missing-type", "The content type of the page for 404.", requests=get("/nothing-here"),
          describe=outcomes.describe_fields("Content-Type")),
    probe("missing-type-for-programs", "The same for a client that asks for JSON.",
          requests=get("/nothing-here", JSON), describe=outcomes.describe_fields("Content-Type")),
    probe("reason", "Whether a 404 shows the reason that the handler gave.",
          requests=get("/abort?why=leek"), describe=outcomes.describe_texts("leek")),
    closes("close-is-called", "Whether close() of a page's iterable is called.",
           requests=CLOSE_COUNT + get("/stream/close") + CLOSE_COUNT, describe=describe_closing,
           grade="must", meets=is_closed_once),
    closes("close-after-head", "Whether close() is called after HEAD.",
           requests=(*CLOSE_COUNT, build_request("HEAD", "/stream/close"), *CLOSE_COUNT),
           describe=describe_closing, grade="must", meets=is_closed_once),
    probe("no-content-with-a-body", "A handler that returns a body with status 204.",
          requests=get("/empty"), describe=outcomes.describe_content, grade="must",
          clause=rfc(9110, "15.3.5"), meets=is_empty_204),
    probe("no-content-with-a-type", "Whether the same 204 has a content type.",
          requests=get("/empty"), describe=outcomes.describe_fields("Content-Type")),
    probe("nothing-returned", "A handler that returns None.", requests=get("/none"),
          describe=outcomes.describe_content),
)  # fmt: skip
