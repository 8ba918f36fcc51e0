"""Probes of the charset that a form, or a part of a form, declares."""

from functools import partial

from bench.behaviour import outcomes, predicates, raw_requests
from bench.behaviour.probe import Probe
from bench.behaviour.raw_requests import BOUNDARY, FORM_TYPE, build_file, post_form, upload
from bench.behaviour.standards import CLIENT_ERROR, rfc

TEXT = "Content-Type: text/plain; charset="
# Names of Python codecs that do not decode bytes to text, or that refuse an error handler.
NAMES = {
    "hex": ("hex", "hex, which is a codec for bytes in Python"),
    "zip": ("zip", "zip, which is a codec for bytes in Python"),
    "idna": ("idna", "idna, which supports only one error handler"),
    "undefined": ("undefined", "undefined, a Python codec that always fails"),
    "utf-16": ("utf-16", "UTF-16, although the bytes are ASCII"),
    "empty": ("", "empty"),
    "of-300-characters": ("x" * 300, "a name of 300 characters"),
}
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


def post_parts(*parts: bytes, kind: str = MULTIPART) -> tuple[bytes, ...]:
    """Return a multipart form, sent to the page that shows the field `a`."""
    body = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
    return post_form(body, content_type=kind)


def build_field_part(content: bytes, *fields: str) -> bytes:
    """Return a part with the field `a`."""
    return raw_requests.build_part('name="a"', content, *fields)


probe = partial(Probe, group="forms", describe=outcomes.describe_body)
odd = partial(probe, grade="should", clause=CLIENT_ERROR, meets=predicates.is_not_server_error)

PROBES = (
    *(
        odd(f"form-charset-{id}", f"A form whose charset is {words}.",
            requests=post_form(b"a=1", content_type=f"{FORM_TYPE}; charset={name}"))
        for id, (name, words) in NAMES.items()
    ),
    odd("form-part-unknown-charset", "A part in an unknown charset.",
        requests=post_parts(build_field_part(b"1", f"{TEXT}soup"))),
    *(
        odd(f"form-part-charset-{id}", f"A part whose charset is {words}.",
            requests=post_parts(build_field_part(b"1", f"{TEXT}{name}")))
        for id, (name, words) in NAMES.items()
    ),
    odd("form-of-parts-charset-hex", "A multipart form whose own charset is hex.",
        requests=post_parts(build_field_part(b"1"), kind=f"{MULTIPART}; charset=hex")),
    odd("upload-charset-hex", "A file whose charset is hex.",
        requests=upload(build_file("menu.txt", b"soup\n", f"{TEXT}hex"))),
    probe("form-in-utf-7", "A form that declares UTF-7, in which +ADw- is <.",
          requests=post_form(b"a=%2BADw-", content_type=f"{FORM_TYPE}; charset=utf-7")),
    probe("form-part-in-utf-8", "A part in UTF-8 that declares its charset.",
          requests=post_parts(build_field_part("café".encode(), f"{TEXT}utf-8")), grade="should",
          clause=rfc(7578, "5.1.2"), meets=predicates.has_text("café")),
    probe("form-part-in-utf-8-untold", "A part in UTF-8 that declares no charset.",
          requests=post_parts(build_field_part("café".encode())), grade="should",
          clause=rfc(7578, "5.1.2"), meets=predicates.has_text("café")),
    probe("form-part-in-latin-1", "A part in ISO 8859-1 that declares its charset.",
          requests=post_parts(build_field_part("café".encode("latin-1"), f"{TEXT}iso-8859-1")),
          clause=rfc(7578, "4.5")),
    odd("form-part-not-in-utf-8", "A part that is not UTF-8 and declares no charset.",
        requests=post_parts(build_field_part(b"caf\xe9"))),
    probe("form-charset-field", "The field _charset_, in which old forms name their charset.",
          requests=post_parts(raw_requests.build_part('name="_charset_"', b"iso-8859-1"),
                              build_field_part("café".encode("latin-1"))),
          clause=rfc(7578, "4.6")),
)  # fmt: skip
