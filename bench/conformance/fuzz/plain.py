"""Recognise a multipart form as browsers, .NET and curl write it.

Each site must read such a form.
"""

import re

from bench.conformance.fuzz.templates import BLANK_LINE

TYPE = rb"Content-Type: (?:text/plain|image/\w+|application/octet-stream)(?:; charset=utf-8)?"
PART = re.compile(
    rb"(?:"
    + TYPE
    + rb'\r\n)?Content-Disposition: form-data; name=(?:"(?!\{\{fill \d{4})[ !#-\[\]-~]+"|\w+)'
    rb'(?:; filename=(?P<file>"[ !#-\[\]-~]*"|[\w.]+))?(?:\r\n' + TYPE + rb")?",
    re.IGNORECASE,
)
FORM = re.compile(rb'multipart/form-data; ?boundary=("?)([!#-+\--~]{1,70})\1', re.IGNORECASE)


def is_plain_form(template: bytes) -> bool:
    """Return whether a template is complete and its body a multipart form without oddities.

    The fields may have any value, and any name of less than about 1,000 bytes.
    """
    head, _, body = template.partition(BLANK_LINE)
    lines = head.split(b"\r\n")[1:]
    kinds = find_values(lines, b"content-type")
    form = FORM.fullmatch(kinds[0]) if len(kinds) == 1 else None
    is_complete = find_values(lines, b"content-length") == [b"{{length}}"]
    if form is None or not is_complete or find_values(lines, b"transfer-encoding"):
        return False
    boundary = form[2]
    body = body.replace(b"{{csrf-parts %s}}" % boundary, b"")
    first, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if first or not parts or parts.pop() not in (b"--", b"--\r\n"):
        return False
    return all(is_plain_part(part) for part in parts)


def find_values(lines: list[bytes], name: bytes) -> list[bytes]:
    """Return the values of the headers with a name in lower case."""
    pairs = (line.partition(b":") for line in lines)
    return [value.strip(b" \t") for known, _, value in pairs if known.strip().lower() == name]


def is_plain_part(part: bytes) -> bool:
    """Return whether the bytes between two boundaries are a field in UTF-8 or a file."""
    start, (head, blank, content) = part[:2], part[2:].partition(BLANK_LINE)
    match = PART.fullmatch(head)
    if start != b"\r\n" or not blank or not match:
        return False
    if match["file"] is not None:  # "" if no file was chosen
        return not content if match["file"] == b'""' else True
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
