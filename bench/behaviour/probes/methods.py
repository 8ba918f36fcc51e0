"""What becomes of methods that nobody wrote a handler for?"""

from functools import partial

from bench.behaviour import meet, send, tell
from bench.behaviour.clauses import asvs, rfc
from bench.behaviour.probe import Probe, Replies

probe = partial(Probe, group="methods")
TYPE_AND_LENGTH = ("Content-Type", "Content-Length")


def as_for_get(replies: Replies) -> str:
    """Tell which header fields of HEAD differ from those of GET."""
    got, head = replies
    if head.status != got.status:
        return f"{head.status} in place of {got.status}"
    other = [name for name in TYPE_AND_LENGTH if head.get(name) != got.get(name)]
    return ", ".join(f"another {name}" for name in other) or "the same"


def allow_with_405(replies: Replies) -> bool | None:
    """Every 405 says what is allowed."""
    return replies[-1].get("Allow") is not None if replies[-1].status == 405 else None


PROBES = (
    probe(
        "head-is-answered",
        "HEAD of a page that has a handler for GET.",
        requests=(send.ask("HEAD", "/hello"),),
        tell=tell.status,
        grade="must",
        clause=rfc(9110, "9.1"),
        meets=meet.status(200),
    ),
    probe(
        "head-has-no-content",
        "The reply to HEAD of a page, and whether a body comes with it.",
        requests=(send.ask("HEAD", "/hello"),),
        tell=tell.contents,
        grade="must",
        clause=rfc(9110, "9.3.2"),
        meets=meet.no_content,
    ),
    probe(
        "head-as-get",
        "Type and length in the reply to HEAD, as against the reply to GET.",
        requests=(send.ask("GET", "/hello"), send.ask("HEAD", "/hello")),
        tell=as_for_get,
        grade="should",
        clause=rfc(9110, "9.3.2"),
        meets=lambda replies: as_for_get(replies) == "the same",
    ),
    probe(
        "head-of-a-stream",
        "HEAD of a page that is made piece by piece.",
        requests=(send.ask("HEAD", "/stream"),),
        tell=tell.contents,
        grade="must",
        clause=rfc(9110, "9.3.2"),
        meets=meet.no_content,
        needs="/stream",
    ),
    probe(
        "head-of-an-error",
        "HEAD of a page whose handler fails.",
        requests=(send.ask("HEAD", "/error"),),
        tell=tell.contents,
        grade="must",
        clause=rfc(9110, "9.3.2"),
        meets=meet.no_content,
    ),
    probe(
        "options-of-a-page",
        "OPTIONS of a page that has a handler for GET.",
        requests=(send.ask("OPTIONS", "/hello"),),
        tell=tell.field("Allow"),
        clause=rfc(9110, "9.3.7"),
    ),
    probe(
        "options-of-the-server",
        "OPTIONS of the server as a whole, written *.",
        requests=(send.ask("OPTIONS", "*"),),
        tell=tell.field("Allow"),
        clause=rfc(9110, "9.3.7"),
    ),
    probe(
        "post-to-a-page",
        "POST to a page that has a handler for GET only.",
        requests=(send.ask("POST", "/hello", body=b""),),
        tell=tell.body,
        grade="should",
        clause=rfc(9110, "9.1"),
        meets=meet.status(405),
    ),
    probe(
        "delete-of-a-page",
        "DELETE of a page that has a handler for GET only.",
        requests=(send.ask("DELETE", "/hello"),),
        tell=tell.body,
        grade="should",
        clause=rfc(9110, "9.1"),
        meets=meet.status(405),
    ),
    probe(
        "get-of-a-form",
        "GET of an address that has a handler for POST only.",
        requests=send.get("/json"),
        tell=tell.status,
        grade="should",
        clause=rfc(9110, "9.1"),
        meets=meet.status(405),
    ),
    probe(
        "allow-with-405",
        "Whether a 405 says which methods are allowed.",
        requests=(send.ask("PUT", "/hello", body=b""),),
        tell=tell.field("Allow"),
        grade="must",
        clause=rfc(9110, "15.5.6"),
        meets=allow_with_405,
    ),
    probe(
        "unknown-method",
        "A method that no standard knows: BREW.",
        requests=(send.ask("BREW", "/hello"),),
        tell=tell.body,
        grade="should",
        clause=rfc(9110, "9.1"),
        meets=meet.status(501),
    ),
    probe(
        "lower-case-method",
        "The method get, in lower case: methods are told apart by case.",
        requests=(send.ask("get", "/hello"),),
        tell=tell.body,
        grade="should",
        clause=rfc(9110, "9.1"),
        meets=meet.not_accepted,
    ),
    probe(
        "trace",
        "TRACE, which would send the request back to whoever asked.",
        requests=(send.ask("TRACE", "/hello", "X-Secret: leek"),),
        tell=tell.body,
        grade="should",
        clause=asvs("13.4.4"),
        meets=meet.not_accepted,
    ),
    probe(
        "get-with-a-body",
        "GET with a body, which has no meaning but is allowed.",
        requests=(send.ask("GET", "/hello", "Content-Type: text/plain", body=b"soup"),),
        tell=tell.body,
        clause=rfc(9110, "9.3.1"),
    ),
    probe(
        "method-override",
        "POST with X-HTTP-Method-Override: GET, as some frameworks honour it.",
        requests=(send.ask("POST", "/hello", "X-HTTP-Method-Override: GET", body=b""),),
        tell=tell.body,
    ),
)
