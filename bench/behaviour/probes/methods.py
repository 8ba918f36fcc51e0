"""What becomes of methods that nobody wrote a handler for?"""

from functools import partial

from bench.behaviour import outcomes, predicates
from bench.behaviour.probe import Probe, Replies
from bench.behaviour.raw_requests import ask, get
from bench.behaviour.standards import asvs, rfc

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
        requests=(ask("HEAD", "/hello"),),
        tell=outcomes.status,
        grade="must",
        clause=rfc(9110, "9.1"),
        meets=predicates.status(200),
    ),
    probe(
        "head-has-no-content",
        "The reply to HEAD of a page, and whether a body comes with it.",
        requests=(ask("HEAD", "/hello"),),
        tell=outcomes.contents,
        grade="must",
        clause=rfc(9110, "9.3.2"),
        meets=predicates.no_content,
    ),
    probe(
        "head-as-get",
        "Type and length in the reply to HEAD, as against the reply to GET.",
        requests=(ask("GET", "/hello"), ask("HEAD", "/hello")),
        tell=as_for_get,
        grade="should",
        clause=rfc(9110, "9.3.2"),
        meets=lambda replies: as_for_get(replies) == "the same",
    ),
    probe(
        "head-of-a-stream",
        "HEAD of a page that is made piece by piece.",
        requests=(ask("HEAD", "/stream"),),
        tell=outcomes.contents,
        grade="must",
        clause=rfc(9110, "9.3.2"),
        meets=predicates.no_content,
        needs="/stream",
    ),
    probe(
        "head-of-an-error",
        "HEAD of a page whose handler fails.",
        requests=(ask("HEAD", "/error"),),
        tell=outcomes.contents,
        grade="must",
        clause=rfc(9110, "9.3.2"),
        meets=predicates.no_content,
    ),
    probe(
        "options-of-a-page",
        "OPTIONS of a page that has a handler for GET.",
        requests=(ask("OPTIONS", "/hello"),),
        tell=outcomes.field("Allow"),
        clause=rfc(9110, "9.3.7"),
    ),
    probe(
        "options-of-the-server",
        "OPTIONS of the server as a whole, written *.",
        requests=(ask("OPTIONS", "*"),),
        tell=outcomes.field("Allow"),
        clause=rfc(9110, "9.3.7"),
    ),
    probe(
        "post-to-a-page",
        "POST to a page that has a handler for GET only.",
        requests=(ask("POST", "/hello", body=b""),),
        tell=outcomes.body,
        grade="should",
        clause=rfc(9110, "9.1"),
        meets=predicates.status(405),
    ),
    probe(
        "delete-of-a-page",
        "DELETE of a page that has a handler for GET only.",
        requests=(ask("DELETE", "/hello"),),
        tell=outcomes.body,
        grade="should",
        clause=rfc(9110, "9.1"),
        meets=predicates.status(405),
    ),
    probe(
        "get-of-a-form",
        "GET of an address that has a handler for POST only.",
        requests=get("/json"),
        tell=outcomes.status,
        grade="should",
        clause=rfc(9110, "9.1"),
        meets=predicates.status(405),
    ),
    probe(
        "allow-with-405",
        "Whether a 405 says which methods are allowed.",
        requests=(ask("PUT", "/hello", body=b""),),
        tell=outcomes.field("Allow"),
        grade="must",
        clause=rfc(9110, "15.5.6"),
        meets=allow_with_405,
    ),
    probe(
        "unknown-method",
        "A method that no standard knows: BREW.",
        requests=(ask("BREW", "/hello"),),
        tell=outcomes.body,
        grade="should",
        clause=rfc(9110, "9.1"),
        meets=predicates.status(501),
    ),
    probe(
        "lower-case-method",
        "The method get, in lower case: methods are told apart by case.",
        requests=(ask("get", "/hello"),),
        tell=outcomes.body,
        grade="should",
        clause=rfc(9110, "9.1"),
        meets=predicates.not_accepted,
    ),
    probe(
        "trace",
        "TRACE, which would send the request back to whoever asked.",
        requests=(ask("TRACE", "/hello", "X-Secret: leek"),),
        tell=outcomes.body,
        grade="should",
        clause=asvs("13.4.4"),
        meets=predicates.not_accepted,
    ),
    probe(
        "get-with-a-body",
        "GET with a body, which has no meaning but is allowed.",
        requests=(ask("GET", "/hello", "Content-Type: text/plain", body=b"soup"),),
        tell=outcomes.body,
        clause=rfc(9110, "9.3.1"),
    ),
    probe(
        "method-override",
        "POST with X-HTTP-Method-Override: GET, as some frameworks honour it.",
        requests=(ask("POST", "/hello", "X-HTTP-Method-Override: GET", body=b""),),
        tell=outcomes.body,
    ),
)
