"""Replace the parts of an exchange that differ from run to run with markers.

Markers replace dates, random tokens, ports, addresses of objects, folders of this machine, and the
lengths that depend on them, so that two runs with equal outcomes give equal results.
"""

import re
import sys

from bench.core.paths import ROOT

MAX_SHOWN_CHARACTERS = 500  # of a message's head, and of its body
INSPECTED_BYTES = 2000  # of a body; differences after them stay unseen
DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*, \d\d[ -]\w{3}[ -]\d{2,4} \d\d:\d\d:\d\d GMT"
)
MARKERS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(re.escape(str(ROOT))), "[project]"),
    (re.compile(re.escape(sys.base_prefix) + r"(?=/lib)"), "[python]"),
    (DATE, "[date]"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?"), "[time]"),
    (re.compile(r"(?<=\.)\d{4}-\d\d-\d\d\.\d\d-\d\d-\d\d(?=\.)"), "[time]"),  # web2py's tickets
    (re.compile(r"\b0x[0-9a-f]{6,}"), "[address]"),
    (re.compile(r"(?<=127\.0\.0\.1:)\d+"), "[port]"),
    (re.compile(r"(?<=waitress\.invalid:)\d+"), "[port]"),  # the name of a server that has none
    (re.compile(r"(?i)(?<=\netag: )(W/)?(\"?)[^\r\n\"]+(\"?)"), r"\1\2[tag]\3"),
    (re.compile(r"(?i)(?<=\nset-cookie: )([^=;\r\n]+)=[^;\r\n]{12,}"), r"\1=[token]"),
    (re.compile(r"(?i)(?<=cookie: )([^=;\r\n]+)=(?=[^;\r\n]*\d)[^;\r\n]{20,}"), r"\1=[token]"),
    (re.compile(r"={8,}\d{9,}=="), "[boundary]"),  # from Python's email package
    # Zope puts the random part into the name.
    (re.compile(r"(?<=_)(?=[a-f]*\d)[0-9a-f]{6,12}(?==\[token\])"), "[random]"),
    # A long word of letters and digits is a token; plain words and runs of one letter stay.
    (re.compile(r"\b(?=[A-Za-z_-]*\d)(?=\d*[A-Za-z_-])[\w-]{24,}(?:\.[\w-]+)*"), "[token]"),
)  # fmt: skip
CONTENT_LENGTH = re.compile(r"(?i)(?<=\ncontent-length: )\d+")


def normalize_text(text: str) -> str:
    """Return a text with markers for the parts that differ from run to run."""
    for pattern, marker in MARKERS:
        text = pattern.sub(marker, text)
    return text


def normalize_outcome(words: str) -> str:
    """Return an outcome that is the same in every run."""
    return normalize_text(words)


def normalize_message(raw: bytes) -> str:
    """Return a request or reply as text, equal in every run and truncated to a readable length."""
    head, gap, body = raw.partition(b"\r\n\r\n")
    fields = normalize_text(escape_bytes(head))
    content = escape_bytes(body[:INSPECTED_BYTES])
    normalized = normalize_text(content)
    if normalized != content or len(body) > INSPECTED_BYTES:
        fields = CONTENT_LENGTH.sub("[length]", fields)
    return truncate(fields) + escape_bytes(gap) + truncate(normalized)


def truncate(text: str) -> str:
    """Return a text, truncated to MAX_SHOWN_CHARACTERS."""
    return text if len(text) <= MAX_SHOWN_CHARACTERS else f"{text[:MAX_SHOWN_CHARACTERS]}[...]"


def escape_bytes(raw: bytes) -> str:
    """Return bytes as text; invalid UTF-8 and control characters become escapes."""
    text = raw.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() or c in "\r\n\t" else ascii(c)[1:-1] for c in text)
