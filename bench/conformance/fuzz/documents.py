"""Define rules for bodies that are no forms: JSON, CSV, nothing, a truncated body."""

from random import Random

from bench.conformance.fuzz.drafts import JSON_TYPE, Draft
from bench.conformance.fuzz.forms import CHARSETS, has_form
from bench.conformance.fuzz.rules import choose_item, rule
from bench.conformance.fuzz.valid import ORDER_DOCUMENT

JSON_VALUES: tuple[bytes, ...] = (
    *(b"null", b"true", b"NaN", b"Infinity", b"-Infinity", b"-0", b"0", b"-1", b"1.0", b"1e0"),
    *(b"2", b"1e400", b"9" * 30, b"9" * 5000, b'"2"', b'""', b"[]", b"{}", b"[[]]", b'"\\ud800"'),
    *(b'"\xff"', b"2.5", b'"\\u0000"', b'"a\\nb"', b'"\xc3\xa9"', b'"\\ud83c\\udf72"'),
    *(b'"{{fill 5000 a}}"', b"'a'", b"01", b"+1", b'{"__class__": 1}', b'"\x00"', b'"<b>"'),
    *(b"undefined", b'"=1+1"', b"1E9", b"99999999999999999999"),
)
DOCUMENTS: tuple[bytes, ...] = (
    *(b"", b" ", b"{", b"}", b"[]", b"{}", b"null", b"1", b'"a"', b"[1,", b"\x00", b"nul", b"{}{}"),
    *(b"{} x", b"\xef\xbb\xbf" + ORDER_DOCUMENT, b"\xef\xbb\xbf", ORDER_DOCUMENT[:-1]),
    *(ORDER_DOCUMENT + b"\x00", b"[" * 10_000, b"[" * 100_000, b'{"a":' * 20_000, b"{'a': 1}"),
    *(b'{"a": 1,}', b"/**/{}", b'{"guest": "R", "guest": "S", "lines": []}'),
    *(ORDER_DOCUMENT.decode().encode("utf-16"), ORDER_DOCUMENT.decode().encode("utf-16-le")),
    *(ORDER_DOCUMENT.decode().encode("utf-32"), ORDER_DOCUMENT.replace(b"Robot", b"\xe9")),
    *(ORDER_DOCUMENT.replace(b"2", b"2.0"), b"\xff\xfe", b"\x80", b"-", b"[" * 900),
    *(b"a,b\r\n1,2\r\n", b'a;"b', b"<?xml version='1.0'?><a/>", b"--- a: b", b"{{fill 70000 1}}"),
    *(b"NaN", b"1e999", b"{{fill 2200000 a}}", b'["{{fill 3000 a}}"]'),
    *(b'{"lines": ' + b"[" * 600 + b"]" * 600 + b"}", b"{}\n", b"\r\n{}"),
)
JSON_KEYS: tuple[bytes, ...] = (
    *(b"guest", b"lines", b"price_cents", b"portions", b"name", b"", b"id", b"version", b"photo"),
    *(b"x", b"course", b"description", b"allergens", b"__class__", b"constructor", b"\\ud800"),
    b"drawing",
)
ORDER_LINE = b'[{"dish_id": %s, "quantity": %s}]'
JSON_CONTENT_TYPES: tuple[bytes, ...] = (
    *(b"application/json; charset=%s" % name for name in CHARSETS),
    *(b"text/json", b"application/merge-patch+json", b"application/JSON", b"application/json;"),
    *(b"text/plain", b"application/json, text/plain", b" application/json"),
    *(b"application/json\x00", b"application/jsonx", b"", b"application/problem+json"),
    *(b"application/json; charset", b'application/json; charset="', b"*/*"),
)
IDEMPOTENCY_KEYS: tuple[bytes, ...] = (
    *(b"one", b"", b"\xff", b"k" * 201, b"k" * 3000, b" ", b"a, b", b"\xc3\xa9", b"\x00", b'"q"'),
)


def has_document(draft: Draft) -> bool:
    """Return whether a draft carries JSON."""
    return draft.content_type == JSON_TYPE


@rule(weight=6, applies=has_document)
def replace_document(random: Random, draft: Draft) -> None:
    """Replace the document."""
    draft.body = choose_item(random, DOCUMENTS)


@rule(weight=8, applies=has_document)
def send_odd_values(random: Random, draft: Draft) -> None:
    """Send a document with odd keys and values."""
    if random.random() < 0.5:
        pair = (
            choose_item(random, (b"2", *JSON_VALUES)),
            choose_item(random, (b"1", *JSON_VALUES)),
        )
        lines, guest = ORDER_LINE % pair, choose_item(random, (b'"Robot"', *JSON_VALUES))
        draft.body = b'{"guest": %s, "lines": %s}' % (
            guest,
            choose_item(random, (lines, lines, *JSON_VALUES)),
        )
    else:
        pairs = [
            (choose_item(random, JSON_KEYS), choose_item(random, JSON_VALUES))
            for _ in range(random.randint(1, 4))
        ]
        draft.body = b"{%s}" % b", ".join(b'"%s": %s' % pair for pair in pairs)


@rule(weight=4, applies=has_document)
def replace_json_type(random: Random, draft: Draft) -> None:
    """Send a document under another type."""
    draft.content_type = choose_item(random, JSON_CONTENT_TYPES)


@rule(weight=2, applies=lambda draft: draft.target == b"/api/orders")
def add_idempotency_key(random: Random, draft: Draft) -> None:
    """Send an odd idempotency key."""
    draft.add_header(b"Idempotency-Key", choose_item(random, IDEMPOTENCY_KEYS))


@rule(weight=2)
def replace_body(random: Random, draft: Draft) -> None:
    """Send a body that the handler does not expect, also to a page that takes no body."""
    fields, draft.fields = draft.fields, None
    draft.body = choose_item(random, DOCUMENTS)
    if random.random() < 0.5:
        draft.content_type = choose_item(random, (b"text/csv", JSON_TYPE, b"", *JSON_CONTENT_TYPES))
    elif fields is not None:
        draft.content_type = b"application/x-www-form-urlencoded"


@rule(applies=has_form)
def remove_body(random: Random, draft: Draft) -> None:
    """Send the form's type without a body, with a length of zero or without a length."""
    draft.content_type, draft.raw_body = draft.build_content_type(), b""
    draft.length = choose_item(random, (None, b"0", b""))
