"""Define a draft: a request in its parts, which rules corrupt before it becomes bytes."""

from dataclasses import dataclass, field, replace
from random import Random
from urllib.parse import quote_plus

from bench.agent.multipart import build_file_part, build_part, encode_multipart
from bench.conformance.fuzz.probes import GUEST

FORM_TYPE = b"application/x-www-form-urlencoded"
JSON_TYPE = b"application/json"
BOUNDARY = b"----fuzz-5f2b7c"

Pairs = list[tuple[bytes, bytes]]


@dataclass
class Draft:
    """The parts of one request."""

    method: bytes
    target: bytes
    headers: Pairs = field(default_factory=list)
    fields: Pairs | None = None  # of a form
    file: bytes | None = None  # sent with the fields in a multipart body
    body: bytes = b""  # of a request without a form
    content_type: bytes = b""  # the Content-Type
    length: bytes | None = b"{{length}}"
    version: bytes = b"HTTP/1.1"
    client: str = GUEST
    with_csrf: bool = True
    with_host: bool = True
    boundary: bytes = BOUNDARY
    is_multipart: bool = False
    raw_body: bytes | None = None  # the body that a rule has written
    labels: list[str] = field(default_factory=list)

    def copy(self) -> "Draft":
        """Return a copy that can be corrupted without changing this draft."""
        fields = None if self.fields is None else [*self.fields]
        return replace(self, headers=[*self.headers], fields=fields, labels=[*self.labels])

    def add_header(self, name: bytes, value: bytes) -> None:
        """Add a header."""
        self.headers.append((name, value))

    def build_body(self) -> bytes:
        """Return the body."""
        if self.raw_body is not None:
            return self.raw_body
        if self.fields is None:
            return self.body
        if self.is_multipart or self.file is not None:
            return self.build_multipart()
        pairs = [b"%s=%s" % (name, quote_value(value)) for name, value in self.fields]
        return b"&".join(([b"{{csrf}}"] if self.with_csrf else []) + pairs)

    def build_multipart(self) -> bytes:
        """Return the form as a multipart body."""
        parts = [b"{{csrf-parts %s}}" % self.boundary] if self.with_csrf else []
        for name, value in self.fields or []:
            parts.append(build_part(self.boundary, b'name="%s"' % name, value))
        if self.file is not None:
            parts.append(build_file_part(self.boundary, "photo", "p.png", self.file))
        return encode_multipart(self.boundary, parts)

    def build_content_type(self) -> bytes:
        """Return the Content-Type."""
        if self.content_type or self.fields is None:
            return self.content_type
        if self.is_multipart or self.file is not None:
            return b"multipart/form-data; boundary=" + self.boundary
        return FORM_TYPE

    def build_template(self, random: Random) -> bytes:
        """Return the request's template."""
        named = any(name == b"Host" for name, _ in self.headers)
        headers: Pairs = [(b"Host", b"{{host}}")] if self.with_host and not named else []
        body, kind = self.build_body(), self.build_content_type()
        if self.client != GUEST and not any(name == b"Cookie" for name, _ in self.headers):
            headers.append((b"Cookie", b"{{cookies}}"))
        if self.fields is not None:
            headers.append((b"Origin", b"{{origin}}"))
        if kind:
            headers.append((b"Content-Type", kind))
        if self.length is not None and (body or kind):
            headers.append((b"Content-Length", self.length))
        headers += self.headers
        if random.random() < 0.2:
            random.shuffle(headers)
        lines = b"".join(b"%s: %s\r\n" % pair for pair in headers)
        return b"%s %s %s\r\n%s\r\n%s" % (self.method, self.target, self.version, lines, body)


def quote_value(value: bytes) -> bytes:
    """Return a form's value as a browser writes it; a value with markers does not change."""
    return value if b"{{" in value else quote_plus(value).encode()
