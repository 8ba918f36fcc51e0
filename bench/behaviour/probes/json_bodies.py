"""Probes of JSON bodies: which texts are read as JSON, and how others are refused."""

from functools import partial

from bench.behaviour import outcomes, predicates
from bench.behaviour.probe import Probe
from bench.behaviour.raw_requests import FORM_TYPE, post_json
from bench.behaviour.standards import CLIENT_ERROR, rfc

probe = partial(Probe, group="json", describe=outcomes.describe_body)
odd = partial(probe, grade="should", clause=CLIENT_ERROR, meets=predicates.is_not_server_error)
SOUP = b'{"soup": 1}'

PROBES = (
    probe("json-object", "An object.", requests=post_json(SOUP), grade="must",
          clause=rfc(8259, "9"), meets=predicates.has_json_value("value", {"soup": 1})),
    probe("json-number", "A text that is only a number.", requests=post_json(b"5"), grade="must",
          clause=rfc(8259, "9"), meets=predicates.has_json_value("value", 5)),
    probe("json-false", "A text that is only false.", requests=post_json(b"false"), grade="must",
          clause=rfc(8259, "9"), meets=predicates.has_json_value("value", False)),
    probe("json-malformed", "A text that ends too early.", requests=post_json(b'{"soup": '),
          grade="should", clause=rfc(9110, "15.5.1"), meets=predicates.is_refused),
    probe("json-empty", "An empty body with the type of JSON.", requests=post_json(b""),
          grade="should", clause=rfc(9110, "15.5.1"), meets=predicates.is_refused),
    probe("json-as-text", "JSON with the type text/plain.", requests=post_json(SOUP, "text/plain"),
          clause=rfc(9110, "15.5.16")),
    probe("json-as-a-form", "JSON with the type of a form.", requests=post_json(SOUP, FORM_TYPE),
          clause=rfc(9110, "15.5.16")),
    probe("json-without-a-type", "JSON without a content type.", requests=post_json(SOUP, ""),
          clause=rfc(9110, "8.3")),
    probe("json-type-in-upper-case", "The type in upper case; media types are case-insensitive.",
          requests=post_json(SOUP, "APPLICATION/JSON"), grade="must", clause=rfc(9110, "8.3.1"),
          meets=predicates.has_json_value("value", {"soup": 1})),
    probe("json-own-type", "A vendor type that ends in +json.",
          requests=post_json(SOUP, "application/vnd.larder+json"), clause=rfc(6839, "3.1")),
    probe("json-in-latin-1", "A text in ISO 8859-1 that declares its charset.",
          requests=post_json(b'"caf\xe9"', "application/json; charset=iso-8859-1"),
          clause=rfc(8259, "8.1")),
    probe("json-in-utf-16", "A text in UTF-16.", requests=post_json('"soup"'.encode("utf-16")),
          clause=rfc(8259, "8.1")),
    probe("json-with-a-byte-order-mark", "A byte order mark before the text.",
          requests=post_json(b"\xef\xbb\xbf" + SOUP), clause=rfc(8259, "8.1")),
    odd("json-not-in-utf-8", "A string that is not UTF-8.", requests=post_json(b'"\xff"')),
    odd("json-10000-deep", "10,000 nested arrays.",
        requests=post_json(b"[" * 10_000 + b"]" * 10_000)),
    odd("json-huge-number", "A number of 5,000 digits; Python's limit is 4,300.",
        requests=post_json(b"9" * 5000), describe=outcomes.describe_status),
    probe("json-not-a-number", "NaN, which Python writes and JSON does not allow.",
          requests=post_json(b"NaN"), grade="should", clause=rfc(8259, "6"),
          meets=predicates.is_refused),
    probe("json-reply-to-not-a-number", "Whether a reply that repeats NaN is valid JSON.",
          requests=post_json(b"[NaN]"), grade="must", clause=rfc(8259, "10"),
          meets=predicates.is_conforming_json),
    probe("json-reply-to-a-huge-exponent", "Whether a reply that repeats 1e999 is valid JSON.",
          requests=post_json(b"[1e999]"), grade="must", clause=rfc(8259, "10"),
          meets=predicates.is_conforming_json),
    probe("json-duplicate-keys", "The same name twice in an object.",
          requests=post_json(b'{"a": 1, "a": 2}'), clause=rfc(8259, "4")),
    odd("json-lone-surrogate", "Half of a surrogate pair, escaped.",
        requests=post_json(b'"\\ud800"')),
    probe("json-after-json", "A second value after the first.", requests=post_json(b"1 2"),
          grade="should", clause=rfc(8259, "2"), meets=predicates.is_refused),
)  # fmt: skip
