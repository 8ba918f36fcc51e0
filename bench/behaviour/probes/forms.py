"""Probes of unusual forms."""

from functools import partial

from bench.behaviour import outcomes, predicates
from bench.behaviour.probe import Probe
from bench.behaviour.raw_requests import BOUNDARY, FORM_TYPE, build_part, get, post_form
from bench.behaviour.standards import CLIENT_ERROR, FORM_PARSER, asvs, rfc

probe = partial(Probe, group="forms", describe=outcomes.describe_body)
exact = partial(probe, grade="should", clause=FORM_PARSER)
odd = partial(probe, grade="should", clause=CLIENT_ERROR, meets=predicates.is_not_server_error)

PROBES = (
    probe("form-without-a-csrf-token", "A form that another site could have sent.",
          requests=post_form(b"a=1", "/form"), grade="should", clause=asvs("3.5.1"),
          meets=predicates.is_refused),
    exact("form-plain", "One field.", requests=post_form(b"a=1"), meets=predicates.has_text("1")),
    odd("form-missing-field", "A form without the field that the handler reads.",
        requests=post_form(b"b=1")),
    odd("form-empty", "A form without any field.", requests=post_form(b"")),
    probe("form-duplicate", "The same field twice: a=1&a=2.", requests=post_form(b"a=1&a=2")),
    probe("form-clash", "The same name in the query and in the form.",
          requests=post_form(b"a=form", "/clash?a=query")),
    probe("form-only-in-the-query", "A field that is in the query and not in the form.",
          requests=post_form(b"b=form", "/clash?a=query")),
    exact("form-utf-8", "A field in UTF-8.", requests=post_form(b"a=caf%C3%A9"),
          meets=predicates.has_text("café")),
    exact("form-not-in-utf-8", "A field that is not UTF-8: %FF becomes the replacement character.",
          requests=post_form(b"a=%FF"), meets=predicates.has_text("�")),
    probe("form-in-latin-1", "A form in ISO 8859-1 that declares its charset.",
          requests=post_form(b"a=caf%E9", content_type=f"{FORM_TYPE}; charset=iso-8859-1")),
    probe("form-unknown-charset", "A form in an unknown charset.",
          requests=post_form(b"a=1", content_type=f"{FORM_TYPE}; charset=soup"), grade="should",
          clause=CLIENT_ERROR, meets=predicates.is_not_server_error),
    exact("form-semicolon", "A semicolon, which is no separator in a form: a=1;b=2.",
          requests=post_form(b"a=1;b=2"), meets=predicates.has_text("1;b=2")),
    exact("form-semicolon-in-a-value", "A semicolon inside a value: a=x;y.",
          requests=post_form(b"a=x;y"), meets=predicates.has_text("x;y")),
    exact("form-raw-utf-8", "A field in UTF-8 whose bytes above 127 are not encoded.",
          requests=post_form("a=café".encode()), meets=predicates.has_text("café")),
    exact("form-raw-latin-1",
          "A byte that is not UTF-8 and not encoded: the replacement character.",
          requests=post_form(b"a=caf\xe9"), meets=predicates.has_text("caf\ufffd")),
    exact("form-percent-alone", "A percent sign that begins no escape, which stays: a=100%.",
          requests=post_form(b"a=100%"), meets=predicates.has_text("100%")),
    exact("form-percent-without-digits",
          "A percent sign before letters that are not hexadecimal: %zz.",
          requests=post_form(b"a=%zz"), meets=predicates.has_text("%zz")),
    exact("form-percent-of-one-digit", "A percent sign before one digit: a=100%2.",
          requests=post_form(b"a=100%2"), meets=predicates.has_text("100%2")),
    exact("form-percent-u", "An escape as JavaScript's escape() made it: %u00e9.",
          requests=post_form(b"a=%u00e9"), meets=predicates.has_text("%u00e9")),
    exact("form-empty-value", "A field without a value: a=.", requests=post_form(b"a="),
          meets=predicates.has_text("")),
    exact("form-no-equals-sign", "A field without an equals sign: a.", requests=post_form(b"a"),
          meets=predicates.has_text("")),
    odd("form-no-field",
        "A body of one character, which is not a field that the handler reads: 0.",
        requests=post_form(b"0")),
    exact("form-plus", "A plus sign in a form, which means a space.", requests=post_form(b"a=1+2"),
          meets=predicates.has_text("1 2")),
    probe("form-as-text", "A form with the type text/plain.",
          requests=post_form(b"a=1", content_type="text/plain")),
    probe("form-without-a-type", "A form without a content type.",
          requests=post_form(b"a=1", content_type="")),
    probe("form-type-in-upper-case", "The form's type in upper case.",
          requests=post_form(b"a=1", content_type=FORM_TYPE.upper()), grade="must",
          clause=rfc(9110, "8.3.1"), meets=predicates.has_text("1")),
    probe("form-multipart", "A form sent as multipart/form-data, without any file.",
          requests=post_form(build_part('name="a"', b"1") + f"--{BOUNDARY}--\r\n".encode(),
                             content_type=f"multipart/form-data; boundary={BOUNDARY}"),
          grade="should", clause=rfc(7578, "4"), meets=predicates.has_text("1")),
    probe("form-by-get", "The form's fields in the query of a GET.", requests=get("/clash?a=1")),
    probe("form-2000-fields", "A form of 2,000 fields.",
          requests=post_form(b"a=1&" + b"&".join(b"f%d=" % n for n in range(1999)))),
    odd("form-nul", "A field with a NUL.", requests=post_form(b"a=x%00y")),
)  # fmt: skip
