"""What does a client see when a handler fails, and is everything closed afterwards?"""

from functools import partial

from bench.behaviour import meet, send, tell
from bench.behaviour.clauses import asvs, pep3333, rfc
from bench.behaviour.probe import Probe, Replies

probe = partial(Probe, group="errors")
SECRET = "secret 4711"  # the text of the exception that every defaults.py raises
ERROR = send.get("/error")
JSON = "Accept: application/json"
CLOSED = send.get("/closed")
closes = partial(probe, needs="/closed", clause=pep3333("Specification Details"))


def cut_short(replies: Replies) -> str:
    """Tell whether a client can see that a reply broke off."""
    last = replies[-1]
    if last.status >= 400 or not last.status:
        return f"{tell.status(replies)}, nothing of the page"
    return f"{last.status}, {'looks whole' if last.complete else 'cut short'}"


def closed(replies: Replies) -> str:
    """Tell how often an iterable was closed between two counts."""
    before, after = replies[0].text, replies[-1].text
    if not (before.isdecimal() and after.isdecimal()):
        return f"not counted: {replies[-1].status}"
    return f"closed {int(after) - int(before)} times"


def closed_once(replies: Replies) -> bool | None:
    """It was closed; None where the page itself did not come."""
    return closed(replies) == "closed 1 times" if replies[1].status == 200 else None


def nothing_after_204(replies: Replies) -> bool | None:
    """A 204 has neither a body nor a length."""
    last = replies[-1]
    return None if last.status != 204 else not last.body and last.get("Content-Length") is None


PROBES = (
    probe("error", "A handler that raises an exception.", requests=ERROR,
          tell=tell.holds(SECRET, "Traceback"), grade="should", clause=asvs("16.5.1"),
          meets=meet.without(SECRET, "Traceback")),
    probe("error-in-debug-mode", "The same in debug mode.", requests=ERROR, debug=True,
          tell=tell.holds(SECRET, "Traceback")),
    probe("error-type", "The type of the page for an exception.", requests=ERROR,
          tell=tell.field("Content-Type")),
    probe("error-type-for-programs", "The same for a client that asks for JSON.",
          requests=send.get("/error", JSON), tell=tell.field("Content-Type")),
    probe("error-in-a-stream", "An exception after the first piece of a page.",
          requests=send.get("/stream/error"), tell=cut_short, grade="must",
          clause=rfc(9112, "8"), meets=lambda replies: not cut_short(replies).endswith("whole"),
          needs="/stream"),
    probe("error-in-a-stream-in-debug-mode", "The same in debug mode, and what is shown of it.",
          requests=send.get("/stream/error"), debug=True, needs="/stream",
          tell=tell.holds("one\n", SECRET)),
    probe("missing-in-debug-mode", "A page that is not there, in debug mode: are others named?",
          requests=send.get("/nothing-here"), debug=True, tell=tell.holds("segment")),
    probe("missing-type", "The type of the page for 404.", requests=send.get("/nothing-here"),
          tell=tell.field("Content-Type")),
    probe("missing-type-for-programs", "The same for a client that asks for JSON.",
          requests=send.get("/nothing-here", JSON), tell=tell.field("Content-Type")),
    probe("reason", "Whether a 404 shows the reason that the handler gave.",
          requests=send.get("/abort?why=leek"), tell=tell.holds("leek")),
    closes("close-is-called", "Whether close() of a page's iterable is called.",
           requests=CLOSED + send.get("/stream/close") + CLOSED, tell=closed, grade="must",
           meets=closed_once),
    closes("close-after-head", "Whether close() is called after HEAD.",
           requests=(*CLOSED, send.ask("HEAD", "/stream/close"), *CLOSED), tell=closed,
           grade="must", meets=closed_once),
    probe("no-content-with-a-body", "A handler that gives a body with status 204.",
          requests=send.get("/empty"), tell=tell.contents, grade="must",
          clause=rfc(9110, "15.3.5"), meets=nothing_after_204),
    probe("no-content-with-a-type", "Whether the same 204 has a type of content.",
          requests=send.get("/empty"), tell=tell.field("Content-Type")),
    probe("nothing-returned", "A handler that returns None.", requests=send.get("/none"),
          tell=tell.contents),
)  # fmt: skip
