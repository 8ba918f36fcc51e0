"""Take a multipart form apart, and put its parts together with other token fields."""

import re
from collections.abc import Collection

from bench.agent.multipart import build_part, encode_multipart, name_field

Part = tuple[bytes, bytes]  # the head and the content
NAME = re.compile(rb'\bname="([^"]*)"', re.IGNORECASE)


def read_boundary(content_type: str) -> bytes:
    """Return the boundary of a multipart content type, b"" without one."""
    match = re.search(r'boundary="?([^";]+)"?', content_type, re.IGNORECASE)
    return match[1].encode("latin-1", "replace") if match else b""


def split_parts(boundary: bytes, body: bytes) -> list[Part]:
    """Return the parts of a form; a part without an empty line is skipped."""
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)[1:-1]
    pairs = (piece.removeprefix(b"\r\n").partition(b"\r\n\r\n") for piece in pieces)
    return [(head, content) for head, separator, content in pairs if separator]


def read_field_name(part: Part) -> str:
    """Return the name of a part's field."""
    match = NAME.search(part[0])
    return match[1].decode("utf-8", "replace") if match else ""


def replace_fields(
    boundary: bytes, parts: list[Part], removed: Collection[str], added: list[tuple[str, str]]
) -> bytes:
    """Return a form with the fields `added`, and with the parts that are not `removed`."""
    fields = [build_part(boundary, name_field(name), text.encode()) for name, text in added]
    others = [part for part in parts if read_field_name(part) not in removed]
    files = [b"--%b\r\n%b\r\n\r\n%b\r\n" % (boundary, *part) for part in others]
    return encode_multipart(boundary, [*fields, *files])
