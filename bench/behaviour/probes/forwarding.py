"""Probes of header fields that proxies set, sent by a client that is not a proxy."""

from functools import partial

from bench.behaviour import outcomes
from bench.behaviour.probe import Probe, Replies
from bench.behaviour.probes import redirects
from bench.behaviour.raw_requests import FOREIGN_HOST, build_request, get, post_form
from bench.behaviour.standards import asvs

SPOOFED = "192.0.2.66"
PROXY = asvs("4.1.3")
FIELDS = {
    "forwarded": f"Forwarded: for={SPOOFED};host={FOREIGN_HOST};proto=https",
    "host": f"X-Forwarded-Host: {FOREIGN_HOST}",
    "proto": "X-Forwarded-Proto: https",
    "scheme": "X-Forwarded-Scheme: https",
    "port": "X-Forwarded-Port: 666",
    "server": f"X-Forwarded-Server: {FOREIGN_HOST}",
    "prefix": "X-Forwarded-Prefix: /evil",
    "script-name": "X-Script-Name: /evil",
    "original-host": f"X-Original-Host: {FOREIGN_HOST}",
}
# Other probes send these to /url (injection.py).
PROBED_ELSEWHERE = ("forwarded", "host", "proto", "prefix", "script-name")


def describe_change(replies: Replies) -> str:
    """Return the reply if the field changes it."""
    return "as without the field" if is_unchanged(replies) else describe_reply(replies[-1:])


def is_unchanged(replies: Replies) -> bool:
    """Return whether the reply with the field equals the reply without it."""
    return describe_reply(replies[:1]) == describe_reply(replies[-1:])


def describe_reply(replies: Replies) -> str:
    """Return the target of a redirect, or the status and body of another reply."""
    has_location = replies[-1].get("Location") is not None
    return redirects.describe_location(replies) if has_location else outcomes.describe_body(replies)


def get_twice(target: str, *fields: str) -> tuple[bytes, ...]:
    """Return a request without these fields, and one with them."""
    return get(target) + get(target, *fields)


def find_field_name(field: str) -> str:
    """Return the name of a header field."""
    return field.partition(":")[0]


proxy = partial(Probe, group="injection", grade="should", clause=PROXY, describe=describe_change,
                meets=is_unchanged)  # fmt: skip
override = partial(Probe, group="methods", describe=outcomes.describe_body)

PROBES = (
    *(
        proxy(f"redirect-forwarded-{name}",
              f"A redirect to a path, with {find_field_name(field)} in the request.",
              requests=get_twice("/redirect?to=/hello", field))
        for name, field in FIELDS.items()
    ),
    *(
        proxy(f"url-forwarded-{name}",
              f"An absolute address, with {find_field_name(field)} in the request.",
              requests=get_twice("/url", field))
        for name, field in FIELDS.items()
        if name not in PROBED_ELSEWHERE
    ),
    proxy("client-forwarded-for", "The client's address, with X-Forwarded-For in the request.",
          requests=get_twice("/client", f"X-Forwarded-For: {SPOOFED}")),
    proxy("client-forwarded",
          "The client's address, with the standard field Forwarded in the request.",
          requests=get_twice("/client", FIELDS["forwarded"])),
    proxy("client-real-ip", "The client's address, with X-Real-IP in the request.",
          requests=get_twice("/client", f"X-Real-IP: {SPOOFED}")),
    proxy("client-ip", "The client's address, with Client-IP and X-Client-IP in the request.",
          requests=get_twice("/client", f"Client-IP: {SPOOFED}", f"X-Client-IP: {SPOOFED}")),
    proxy("client-remote-addr",
          "The client's address, with Remote-Addr and X-Remote-Addr in the request.",
          requests=get_twice("/client", f"Remote-Addr: {SPOOFED}", f"X-Remote-Addr: {SPOOFED}")),
    proxy("client-forwarded-nonsense",
          "The client's address, with an invalid X-Forwarded-For in the request.",
          requests=get_twice("/client", "X-Forwarded-For: <script>")),
    proxy("original-url", "X-Original-URL with another path, which some servers use instead.",
          requests=get_twice("/hello", "X-Original-URL: /noslash")),
    proxy("rewrite-url", "X-Rewrite-URL with another path, which some servers use instead.",
          requests=get_twice("/hello", "X-Rewrite-URL: /noslash")),
    override("method-override-other-fields", "POST with X-HTTP-Method and X-Method-Override.",
             requests=(build_request("POST", "/hello", "X-HTTP-Method: GET",
                                     "X-Method-Override: GET", body=b""),)),
    override("method-override-in-the-query", "POST with _method=GET in the query.",
             requests=(build_request("POST", "/hello?_method=GET", body=b""),)),
    override("method-override-in-the-form", "POST with _method=GET in the form.",
             requests=post_form(b"_method=GET", "/hello")),
)  # fmt: skip
