"""Encode forms as browsers do, urlencoded or multipart."""

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

from bench.agent.multipart import build_file_part, build_part, encode_multipart, name_field

# A file's name (None for a field that is not a file), its content, and optionally its type.
Part = tuple[str | None, bytes] | tuple[str | None, bytes, str]
Files = Mapping[str, Part] | Iterable[tuple[str, Part]]
BOUNDARY = b"----contract-7MA4YWxkTrZu0gW"
URLENCODED = "application/x-www-form-urlencoded"
# Pairs of order keys. A parser that drops or replaces invalid UTF-8 makes both keys equal.
ODD_KEYS = {
    "Latin-1": (b"\xe9", b"\xe8"),
    "half a letter and a letter": (b"\xc3", b"\xc3\xa9"),
    "half characters": (b"\xed\xa0\x80", b"\xed\xa0\x81"),
    "two bytes and their stand-ins": (b"\xff\xfe", b"\xef\xbf\xbd\xef\xbf\xbd"),
    "a byte and a question mark": (b"\xff", b"?"),
    "a byte and nothing": (b"\xff", b""),
}


def written(
    fields: Mapping[str, str], files: Files | None, order: Sequence[str] = ()
) -> tuple[str, bytes]:
    """Return a form's content type and its body, with the parts in the given order of names."""
    if files is None:
        return URLENCODED, urlencode(fields).encode("ascii")
    parts = files.items() if isinstance(files, Mapping) else files
    texts = [(name, (None, text.encode())) for name, text in fields.items()]
    ranks = {name: rank for rank, name in enumerate(order)}
    together = sorted((*texts, *parts), key=lambda part: ranks.get(part[0], len(ranks)))
    body = encode_multipart(BOUNDARY, (_written_part(name, part) for name, part in together))
    return f"multipart/form-data; boundary={BOUNDARY.decode()}", body


def _written_part(name: str, part: Part) -> bytes:
    file_name, content, *kind = part
    if file_name is None:
        return build_part(BOUNDARY, name_field(name), content)
    return build_file_part(BOUNDARY, name, file_name, content, *kind)
