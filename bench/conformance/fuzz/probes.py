"""A probe: one hostile request, regenerated from its seed and number or read from a file.

A file holds a comment line for each fact, then the request's template. Bytes outside printable
ASCII and backslashes are escaped as in Python; a line ends after each escaped line feed.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from bench.core.errors import UsageError

GUEST, CART, STAFF = "guest", "cart", "staff"
CLIENTS = (GUEST, CART, STAFF)
ESCAPE_PATTERN = re.compile(r"\\(x[0-9a-fA-F]{2}|[rnt\\])")
NAMED_ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "\\": b"\\"}
ESCAPES_BY_BYTE = {value[0]: f"\\{name}" for name, value in NAMED_ESCAPES.items()}


@dataclass(frozen=True)
class Probe:
    """One hostile request, sent to every site."""

    template: bytes
    client: str = GUEST  # whose cookies and form tokens the markers stand for
    labels: tuple[str, ...] = ()  # the valid request it began as, and what was done to it
    number: int = -1  # of the seed; -1 where it comes from elsewhere
    facts: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    @property
    def changes_state(self) -> bool:
        """Return whether a site may answer this request by changing its database."""
        return not self.template.lstrip().startswith((b"GET ", b"HEAD ")) or self.client != GUEST


def escape(template: bytes) -> str:
    """Return bytes as readable text, a line for each line feed."""
    text = "".join(
        ESCAPES_BY_BYTE.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}")
        for byte in template
    )
    return text.replace("\\n", "\\n\n")


def unescape(text: str) -> bytes:
    """Return the bytes that `escape` wrote as this text."""
    pieces, end = [], 0
    text = text.replace("\n", "")
    for found in ESCAPE_PATTERN.finditer(text):
        pieces.append(text[end : found.start()].encode("latin-1"))
        code = found[1]
        pieces.append(bytes([int(code[1:], 16)]) if code[0] == "x" else NAMED_ESCAPES[code])
        end = found.end()
    return b"".join(pieces) + text[end:].encode("latin-1")


def format_probe(probe: Probe) -> str:
    """Return the text of a probe's file."""
    facts = [("client", probe.client), *probe.facts]
    lines = [f"# {name}: {' '.join(value.split())}" for name, value in facts]
    return "\n".join(lines) + "\n" + escape(probe.template).rstrip("\n") + "\n"


def parse_probe(text: str, name: str) -> Probe:
    """Return the probe of a file's text; raise Misuse where the text is none."""
    lines = text.splitlines()
    heads = [line for line in lines if line.startswith("# ")]
    facts = tuple((key, value) for key, _, value in (one[2:].partition(": ") for one in heads))
    client = dict(facts).get("client", GUEST)
    if client not in CLIENTS:
        raise UsageError(f"{name}: the client is one of {', '.join(CLIENTS)}, not {client!r}")
    try:
        template = unescape("\n".join(line for line in lines if line not in heads))
    except UnicodeEncodeError as error:
        raise UsageError(f"{name}: write bytes outside ASCII as \\xNN") from error
    if not template:
        raise UsageError(f"{name}: holds no request")
    others = tuple(fact for fact in facts if fact[0] != "client")
    return Probe(template, client, (name,), facts=others)


def read_probe(file: Path) -> Probe:
    """Return the probe of a file; raise Misuse where there is none."""
    try:
        return parse_probe(file.read_text(encoding="utf-8"), file.name)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: cannot be read as a request: {error}") from error
