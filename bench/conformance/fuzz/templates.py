"""Request templates: the bytes of a request with markers for what differs from site to site.

A marker is a name in double braces. `{{host}}`, `{{origin}}`, `{{cookies}}`, `{{csrf}}`,
`{{order}}`, `{{photo}}` and so on stand for values of a site, see clients.py; `{{csrf-parts B}}` is
the form's hidden fields as parts of a multipart body with boundary B; `{{length}}` is the length of
the body, `{{length+3}}` a wrong one; `{{chunked}}` says "chunked" and sends the body so;
`{{fill 70000 a}}` is 70,000 times "a". Anything else in double braces stays as it is.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

MARKER = re.compile(
    rb"\{\{(?:(length)([+-]\d+)?|(chunked)|(fill) (\d+) ([^{}]+)|(csrf-parts) ([^{}\r\n]*)"
    rb"|([a-z-]+))\}\}"
)
BLANK_LINE = b"\r\n\r\n"
CHUNK_BYTES = 50

Values = Mapping[str, bytes]


def expand_template(template: bytes, values: Values) -> bytes:
    """Return the request that a template stands for at the site with these values."""
    head, blank, body = template.partition(BLANK_LINE)
    body = fill_markers(body, values, 0)
    length = len(body)
    if b"{{chunked}}" in head:
        body = encode_chunked(body)
    return fill_markers(head, values, length) + blank + body


def fill_markers(text: bytes, values: Values, length: int) -> bytes:
    """Return a text with values in place of its markers."""

    def value(found: re.Match[bytes]) -> bytes:
        if found[1]:
            return b"%d" % max(0, length + int(found[2] or 0))
        if found[3]:
            return b"chunked"
        if found[4]:
            return found[6] * int(found[5])
        if found[7]:
            return build_csrf_parts(values, found[8])
        return values.get(found[9].decode(), found[0])

    return MARKER.sub(value, text) if b"{{" in text else text


def build_csrf_parts(values: Values, boundary: bytes) -> bytes:
    """Return the hidden fields of a form as parts of a multipart body."""
    pairs = parse_qsl(values.get("csrf", b""))
    return b"".join(
        b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (boundary, name, text)
        for name, text in pairs
    )


def encode_chunked(body: bytes) -> bytes:
    """Return a body in the chunked transfer coding."""
    starts = range(0, len(body), CHUNK_BYTES)
    chunks = [body[start : start + CHUNK_BYTES] for start in starts]
    return b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in chunks) + b"0\r\n\r\n"


def split_atoms(template: bytes) -> list[bytes]:
    """Return the pieces that shrinking may leave out: each marker, each other byte."""
    pieces, end = [], 0
    for found in MARKER.finditer(template):
        pieces += [template[place : place + 1] for place in range(end, found.start())]
        pieces.append(found[0])
        end = found.end()
    return pieces + [template[place : place + 1] for place in range(end, len(template))]
