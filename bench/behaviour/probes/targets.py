"""Probes of request targets that are not a path: no slash, asterisk, absolute, authority."""

from functools import partial

from bench.behaviour import outcomes, predicates, raw_requests
from bench.behaviour.probe import Probe, Replies
from bench.behaviour.raw_requests import FOREIGN_HOST, SITE, build_raw
from bench.behaviour.standards import rfc

HOST = f"Host: {raw_requests.HOST}"
REQUEST_LINE = rfc(9112, "3")
TARGET = rfc(9112, "3.2")


def is_refused_or_redirected(replies: Replies) -> bool:
    """Return whether the request line was refused, or redirected with 301 to a valid target."""
    last = replies[-1]
    return 400 <= last.status < 500 or last.status == 301 or not last.raw


def is_refused_or_unknown(replies: Replies) -> bool:
    """Return whether the method was refused, or is unknown (501)."""
    return predicates.is_refused(replies) or replies[-1].status == 501


def build_target(line: str, *fields: str) -> tuple[bytes, ...]:
    """Return a request with this request line."""
    return (build_raw(line, *(fields or (HOST,))),)


probe = partial(Probe, group="paths", describe=outcomes.describe_body)
# The clause binds the server that reads the request line; an application sees only a path.
invalid = partial(probe, grade="should", clause=REQUEST_LINE, meets=is_refused_or_redirected,
                  servers_duty=True)  # fmt: skip
absolute = partial(probe, grade="must", clause=rfc(9112, "3.2.2"), servers_only=True)

PROBES = (
    invalid("target-without-a-slash", "A target that does not begin with a slash: hello.",
            requests=build_target("GET hello HTTP/1.1")),
    invalid("target-without-a-slash-deep", "A target of two segments without a slash: item/5.",
            requests=build_target("GET item/5 HTTP/1.1")),
    invalid("target-without-a-slash-unknown", "A target without a slash, of a missing page: x/y.",
            requests=build_target("GET x/y HTTP/1.1")),
    invalid("target-of-a-file-without-a-slash", "The target static/site.css without its slash.",
            requests=build_target("GET static/site.css HTTP/1.1"),
            describe=outcomes.describe_status),
    invalid("target-of-a-query", "A target that is only a query: ?a=1.",
            requests=build_target("GET ?a=1 HTTP/1.1")),
    invalid("target-empty", "A request line with nothing between its two spaces.",
            requests=build_target("GET  HTTP/1.1")),
    invalid("target-of-an-asterisk", "GET of *, which only OPTIONS may use.",
            requests=build_target("GET * HTTP/1.1"), clause=rfc(9112, "3.2.4")),
    invalid("target-of-a-backslash", "A target that begins with a backslash: \\hello.",
            requests=build_target("GET \\hello HTTP/1.1")),
    invalid("target-with-a-blank", "A target with a space in it: /segment/a b.",
            requests=build_target("GET /segment/a b HTTP/1.1")),
    invalid("target-with-a-fragment", "A target with a fragment: /hello#soup.",
            requests=build_target("GET /hello#soup HTTP/1.1")),
    invalid("target-of-an-authority",
            "A host and a port as the target, which only CONNECT may use.",
            requests=build_target(f"GET {raw_requests.HOST} HTTP/1.1"), clause=rfc(9112, "3.2.3")),
    probe("target-of-connect", "CONNECT to a host, which only a proxy supports.",
          requests=build_target(f"CONNECT {raw_requests.HOST} HTTP/1.1"), grade="should",
          clause=rfc(9110, "9.3.6"), meets=is_refused_or_unknown, servers_duty=True),
    probe("target-of-options", "OPTIONS *, for the server as a whole, and whether it fails.",
          requests=build_target("OPTIONS * HTTP/1.1"), describe=outcomes.describe_status,
          grade="should", clause=rfc(9110, "9.3.7"), meets=predicates.is_not_server_error),
    probe("options-in-absolute-form", "OPTIONS of an address without a path.",
          requests=build_target(f"OPTIONS {SITE} HTTP/1.1"), describe=outcomes.describe_status,
          clause=rfc(9112, "3.2.4"), servers_only=True),
    absolute("absolute-form-in-upper-case",
             "An absolute address with the scheme in upper case: HTTP.",
             requests=build_target(f"GET HTTP://{raw_requests.HOST}/hello HTTP/1.1"),
             meets=predicates.has_text("hello")),
    absolute("absolute-form-without-a-path", "An absolute address without a path.",
             requests=build_target(f"GET {SITE} HTTP/1.1"), grade="should",
             meets=predicates.is_not_server_error),
    absolute("absolute-form-with-a-query", "An absolute address with a query.",
             requests=build_target(f"GET {SITE}/query?a=1 HTTP/1.1"),
             meets=predicates.has_json_value("a", "1")),
    absolute("absolute-form-of-another-host",
             "An absolute address that names another host than Host.",
             requests=build_target(f"GET http://{FOREIGN_HOST}/url HTTP/1.1"),
             meets=predicates.has_text(f"http://{FOREIGN_HOST}/hello")),
    absolute("absolute-form-of-another-scheme",
             "An absolute address with an unknown scheme: soup.",
             requests=build_target(f"GET soup://{raw_requests.HOST}/hello HTTP/1.1"), grade="free",
             clause=TARGET),
)  # fmt: skip
