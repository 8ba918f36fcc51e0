"""Expand request templates: bytes of a request with markers for values that differ by site.

A marker is a name in double braces. `{{host}}`, `{{origin}}`, `{{cookies}}`, `{{csrf}}`,
`{{order}}`, `{{photo}}` and others become values of a site, see clients.py; `{{csrf-parts B}}`
becomes the form's hidden fields as parts of a multipart body with boundary B; `{{length}}` becomes
the length of the body, `{{length+3}}` a wrong length; `{{chunked}}` becomes "chunked" and encodes
the body in chunks; `{{fill 70000 a}}` becomes 70,000 times "a". Other texts in double braces do not
change.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from bench.agent.multipart import build_part

MARKER = re.compile(
    rb"\{\{(?:(length)([+-]\d+)?|(chunked)|(fill) (\d+) ([^{}]+)|(csrf-parts) ([^{}\r\n]*)"
    rb"|([a-z-]+))\}\}"
)
BLANK_LINE = b"\r\n\r\n"
CHUNK_BYTES = 50

Values = Mapping[str, bytes]


def expand_template(template: bytes, values: Values) -> bytes:
    """Return the request of a template for the site with these values."""
    head, blank, body = template.partition(BLANK_LINE)
    body = fill_markers(body, values, 0)
    length = len(body)
    if b"{{chunked}}" in head:
        body = encode_chunked(body)
    return fill_markers(head, values, length) + blank + body


def fill_markers(text: bytes, values: Values, length: int) -> bytes:
    """Return a text with values in place of its markers; `length` is that of the body."""

    def expand(marker: re.Match[bytes]) -> bytes:
        if marker[1]:
            return b"%d" % max(0, length + int(marker[2] or 0))
        if marker[3]:
            return b"chunked"
        if marker[4]:
            return marker[6] * int(marker[5])
        if marker[7]:
            return build_csrf_parts(values, marker[8])
        return values.get(marker[9].decode(), marker[0])

    return MARKER.sub(expand, text) if b"{{" in text else text


def build_csrf_parts(values: Values, boundary: bytes) -> bytes:
    """Return the hidden fields of a form as parts of a multipart body."""
    pairs = parse_qsl(values.get("csrf", b""))
    return b"".join(build_part(boundary, b'name="%s"' % name, text) for name, text in pairs)


def encode_chunked(body: bytes) -> bytes:
    """Return a body in the chunked transfer coding."""
    starts = range(0, len(body), CHUNK_BYTES)
    chunks = [body[start : start + CHUNK_BYTES] for start in starts]
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def split_atoms(template: bytes) -> list[bytes]:
    """Return the pieces that shrinking may remove: each marker and each other byte."""
    pieces, end = [], 0
    for marker in MARKER.finditer(template):
        pieces += [template[place : place + 1] for place in range(end, marker.start())]
        pieces.append(marker[0])
        end = marker.end()
    return pieces + [template[place : place + 1] for place in range(end, len(template))]
