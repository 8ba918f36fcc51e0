"""Define a probe, one hostile request, and the format of its file.

A file holds a comment line for each fact, then the template of the request. Backslashes and bytes
outside printable ASCII are escaped as in Python; a line ends after each escaped line feed.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from bench.core.errors import UsageError

GUEST, CART, STAFF = "guest", "cart", "staff"
Client = Literal["guest", "cart", "staff"]
CLIENTS: tuple[Client, ...] = get_args(Client)
ESCAPE_PATTERN = re.compile(r"\\(x[0-9a-fA-F]{2}|[rnt\\])")
NAMED_ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "\\": b"\\"}
ESCAPES_BY_BYTE = {value[0]: f"\\{name}" for name, value in NAMED_ESCAPES.items()}


@dataclass(frozen=True)
class Probe:
    """One hostile request, sent to every site."""

    template: bytes
    client: str = GUEST  # the client whose cookies and form tokens replace the markers
    labels: tuple[str, ...] = ()  # the original valid request, and the rules that were applied
    number: int = -1  # the number of the request of the seed; -1 for a request of a file
    facts: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    @property
    def changes_state(self) -> bool:
        """Return whether a site may change its database when it answers this request."""
        return not self.template.lstrip().startswith((b"GET ", b"HEAD ")) or self.client != GUEST


def escape(template: bytes) -> str:
    """Return bytes as readable text with a line for each line feed."""
    text = "".join(
        ESCAPES_BY_BYTE.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}")
        for byte in template
    )
    return text.replace("\\n", "\\n\n")


def unescape(text: str) -> bytes:
    """Return the bytes from which `escape` made this text."""
    pieces, end = [], 0
    text = text.replace("\n", "")
    for match in ESCAPE_PATTERN.finditer(text):
        pieces.append(text[end : match.start()].encode("latin-1"))
        code = match[1]
        pieces.append(bytes([int(code[1:], 16)]) if code[0] == "x" else NAMED_ESCAPES[code])
        end = match.end()
    return b"".join(pieces) + text[end:].encode("latin-1")


def format_probe(probe: Probe) -> str:
    """Return the text of a probe's file."""
    facts = [("client", probe.client), *probe.facts]
    lines = [f"# {name}: {' '.join(value.split())}" for name, value in facts]
    return "\n".join(lines) + "\n" + escape(probe.template).rstrip("\n") + "\n"


def parse_probe(text: str, name: str) -> Probe:
    """Return the probe of a file's text; raise UsageError for a text without a request."""
    lines = text.splitlines()
    heads = [line for line in lines if line.startswith("# ")]
    facts = tuple((key, value) for key, _, value in (line[2:].partition(": ") for line in heads))
    client = dict(facts).get("client", GUEST)
    if client not in CLIENTS:
        raise UsageError(f"{name}: unknown client {client!r}; choose from {', '.join(CLIENTS)}")
    try:
        template = unescape("\n".join(line for line in lines if line not in heads))
    except UnicodeEncodeError as error:
        raise UsageError(f"{name}: write bytes outside ASCII as \\xNN") from error
    if not template:
        raise UsageError(f"{name}: the file holds no request; add the lines of a request")
    others = tuple(fact for fact in facts if fact[0] != "client")
    return Probe(template, client, (name,), facts=others)


def read_probe(file: Path) -> Probe:
    """Return the probe of a file; raise UsageError if the file does not hold one."""
    try:
        return parse_probe(file.read_text(encoding="utf-8"), file.name)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: the request cannot be read: {error}") from error
