"""What of an exchange is the same in every run?

Dates, random tokens, ports, addresses of objects, folders of this machine, and lengths that follow
from them are replaced by markers, so that two runs with equal outcomes are equal.
"""

import re
import sys

from bench.core.paths import ROOT

MAX_SHOWN_CHARACTERS = 500  # of a head, and of a body
INSPECTED_BYTES = 2000  # of a body: what comes after them may vary unseen
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
    (re.compile(r"(?<=waitress\.invalid:)\d+"), "[port]"),  # the name where nobody gave one
    (re.compile(r"(?i)(?<=\netag: )(W/)?(\"?)[^\r\n\"]+(\"?)"), r"\1\2[tag]\3"),
    (re.compile(r"(?i)(?<=\nset-cookie: )([^=;\r\n]+)=[^;\r\n]{12,}"), r"\1=[token]"),
    (re.compile(r"(?i)(?<=cookie: )([^=;\r\n]+)=(?=[^;\r\n]*\d)[^;\r\n]{20,}"), r"\1=[token]"),
    (re.compile(r"={8,}\d{9,}=="), "[boundary]"),  # as Python's email package makes them
    # Zope has its random part in the name.
    (re.compile(r"(?<=_)(?=[a-f]*\d)[0-9a-f]{6,12}(?==\[token\])"), "[random]"),
    # A long word with letters and digits, as tokens are; words and runs of one letter stay.
    (re.compile(r"\b(?=[A-Za-z_-]*\d)(?=\d*[A-Za-z_-])[\w-]{24,}(?:\.[\w-]+)*"), "[token]"),
)  # fmt: skip
CONTENT_LENGTH = re.compile(r"(?i)(?<=\ncontent-length: )\d+")


def normalize_text(text: str) -> str:
    """Return a text with markers in the place of what differs from run to run."""
    for pattern, marker in MARKERS:
        text = pattern.sub(marker, text)
    return text


def normalize_outcome(words: str) -> str:
    """Return the words of an outcome, the same in every run."""
    return normalize_text(words)


def normalize_message(raw: bytes) -> str:
    """Return the bytes of a request or a reply as text, the same in every run, and not too long."""
    head, gap, body = raw.partition(b"\r\n\r\n")
    written = normalize_text(escape_bytes(head))
    content = escape_bytes(body[:INSPECTED_BYTES])
    if (same := normalize_text(content)) != content or len(body) > INSPECTED_BYTES:
        written = CONTENT_LENGTH.sub("[length]", written)
    return truncate(written) + escape_bytes(gap) + truncate(same)


def truncate(text: str) -> str:
    """Return a text, shortened where it is long."""
    return text if len(text) <= MAX_SHOWN_CHARACTERS else f"{text[:MAX_SHOWN_CHARACTERS]}[...]"


def escape_bytes(raw: bytes) -> str:
    """Return bytes as text; what is no UTF-8, and control characters, are written out."""
    text = raw.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() or c in "\r\n\t" else ascii(c)[1:-1] for c in text)
