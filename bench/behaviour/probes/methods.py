"""Probes of methods without a handler of their own."""

from functools import partial

from bench.behaviour import outcomes, predicates
from bench.behaviour.probe import Probe, Replies
from bench.behaviour.raw_requests import build_request, get
from bench.behaviour.standards import asvs, rfc

probe = partial(Probe, group="methods")
TYPE_AND_LENGTH = ("Content-Type", "Content-Length")


def describe_head(replies: Replies) -> str:
    """Return which header fields of the reply to HEAD differ from those of GET."""
    get_reply, head = replies
    if head.status != get_reply.status:
        return f"{head.status} in place of {get_reply.status}"
    other = [name for name in TYPE_AND_LENGTH if head.get(name) != get_reply.get(name)]
    return ", ".join(f"another {name}" for name in other) or "the same"


def has_allow_with_405(replies: Replies) -> bool | None:
    """Return whether a 405 has an Allow field; None for another status."""
    return replies[-1].get("Allow") is not None if replies[-1].status == 405 else None


PROBES = (
    probe(
        "head-is-answered",
        "HEAD of a page that has a handler for GET.",
        requests=(build_request("HEAD", "/hello"),),
        describe=outcomes.describe_status,
        grade="must",
        clause=rfc(9110, "9.1"),
        meets=predicates.has_status(200),
    ),
    probe(
        "head-has-no-content",
        "The reply to HEAD of a page, and whether a body comes with it.",
        requests=(build_request("HEAD", "/hello"),),
        describe=outcomes.describe_content,
        grade="must",
        clause=rfc(9110, "9.3.2"),
        meets=predicates.has_no_content,
    ),
    probe(
        "head-as-get",
        "Type and length in the reply to HEAD, compared with the reply to GET.",
        requests=(build_request("GET", "/hello"), build_request("HEAD", "/hello")),
        describe=describe_head,
        grade="should",
        clause=rfc(9110, "9.3.2"),
        meets=lambda replies: describe_head(replies) == "the same",
    ),
    probe(
        "head-of-a-stream",
        "HEAD of a streamed page.",
        requests=(build_request("HEAD", "/stream"),),
        describe=outcomes.describe_content,
        grade="must",
        clause=rfc(9110, "9.3.2"),
        meets=predicates.has_no_content,
        needs="/stream",
    ),
    probe(
        "head-of-an-error",
        "HEAD of a page whose handler fails.",
        requests=(build_request("HEAD", "/error"),),
        describe=outcomes.describe_content,
        grade="must",
        clause=rfc(9110, "9.3.2"),
        meets=predicates.has_no_content,
    ),
    probe(
        "options-of-a-page",
        "OPTIONS of a page that has a handler for GET.",
        requests=(build_request("OPTIONS", "/hello"),),
        describe=outcomes.describe_fields("Allow"),
        clause=rfc(9110, "9.3.7"),
    ),
    probe(
        "options-of-the-server",
        "OPTIONS *, for the server as a whole.",
        requests=(build_request("OPTIONS", "*"),),
        describe=outcomes.describe_fields("Allow"),
        clause=rfc(9110, "9.3.7"),
    ),
    probe(
        "post-to-a-page",
        "POST to a page that has a handler for GET only.",
        requests=(build_request("POST", "/hello", body=b""),),
        describe=outcomes.describe_body,
        grade="should",
        clause=rfc(9110, "9.1"),
        meets=predicates.has_status(405),
    ),
    probe(
        "delete-of-a-page",
        "DELETE of a page that has a handler for GET only.",
        requests=(build_request("DELETE", "/hello"),),
        describe=outcomes.describe_body,
        grade="should",
        clause=rfc(9110, "9.1"),
        meets=predicates.has_status(405),
    ),
    probe(
        "get-of-a-form",
        "GET of an address that has a handler for POST only.",
        requests=get("/json"),
        describe=outcomes.describe_status,
        grade="should",
        clause=rfc(9110, "9.1"),
        meets=predicates.has_status(405),
    ),
    probe(
        "allow-with-405",
        "Whether a 405 names the allowed methods.",
        requests=(build_request("PUT", "/hello", body=b""),),
        describe=outcomes.describe_fields("Allow"),
        grade="must",
        clause=rfc(9110, "15.5.6"),
        meets=has_allow_with_405,
    ),
    probe(
        "unknown-method",
        "A method that no standard defines: BREW.",
        requests=(build_request("BREW", "/hello"),),
        describe=outcomes.describe_body,
        grade="should",
        clause=rfc(9110, "9.1"),
        meets=predicates.has_status(501),
    ),
    probe(
        "lower-case-method",
        "The method get in lower case; methods are case-sensitive.",
        requests=(build_request("get", "/hello"),),
        describe=outcomes.describe_body,
        grade="should",
        clause=rfc(9110, "9.1"),
        meets=predicates.is_not_accepted,
    ),
    probe(
        "trace",
        "TRACE, which returns the request to the client.",
        requests=(build_request("TRACE", "/hello", "X-Secret: leek"),),
        describe=outcomes.describe_body,
        grade="should",
        clause=asvs("13.4.4"),
        meets=predicates.is_not_accepted,
    ),
    probe(
        "get-with-a-body",
        "GET with a body, which has no meaning but is allowed.",
        requests=(build_request("GET", "/hello", "Content-Type: text/plain", body=b"soup"),),
        describe=outcomes.describe_body,
        clause=rfc(9110, "9.3.1"),
    ),
    probe(
        "method-override",
        "POST with X-HTTP-Method-Override: GET, which some frameworks obey.",
        requests=(build_request("POST", "/hello", "X-HTTP-Method-Override: GET", body=b""),),
        describe=outcomes.describe_body,
    ),
)
