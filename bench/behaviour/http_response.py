"""What did the bytes that came back say: status, header fields, body, and was it all there?"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

STATUS_LINE = re.compile(rb"HTTP/(\d\.\d) (\d{3})(?: ([^\r\n]*))?\r?\n")
STATUSES_WITHOUT_CONTENT = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


@dataclass(frozen=True)
class Reply:
    """One reply. Status 0 stands for none: the connection closed, or a host hung or crashed."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""  # decoded; also what should not be there, as after 204
    reason: str = ""
    complete: bool = True  # whether a client can know that it has the whole body
    interim: tuple[int, ...] = ()  # the 1xx that came before
    raw: bytes = b""

    def get(self, name: str) -> str | None:
        """Return a header field's value, the last where there are several, or None."""
        return next((value for value in reversed(self.get_all(name))), None)

    def get_all(self, name: str) -> list[str]:
        """Return every value of a header field."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def is_framed(self) -> bool:
        """Whether the reply says itself where it ends."""
        return self.status < 200 or bool(
            self.get("Content-Length") or self.get("Transfer-Encoding")
        )

    @property
    def text(self) -> str:
        """The body as text; bytes that are no UTF-8 are written out."""
        return self.body.decode("utf-8", "backslashreplace")

    @property
    def media_type(self) -> str:
        """The media type, in lower case and without parameters; "" where none is given."""
        return (self.get("Content-Type") or "").partition(";")[0].strip().lower()


def parse_reply(raw: bytes, head: bool = False) -> Reply:
    """Return the reply in the bytes that came until the connection closed; status 0 for none."""
    interim: list[int] = []
    rest = raw
    while match := STATUS_LINE.match(rest):
        fields, body = split_head(rest[match.end() :])
        status = int(match[2])
        if status >= 200:
            body, complete = read_content(status, fields, body, head)
            reason = (match[3] or b"").decode("latin-1")
            return Reply(status, fields, body, reason, complete, tuple(interim), raw)
        interim.append(status)
        rest = body
    return Reply(0, body=rest, complete=False, interim=tuple(interim), raw=raw)


def split_head(rest: bytes) -> tuple[tuple[tuple[str, str], ...], bytes]:
    """Return the header fields, and what comes after the empty line."""
    end = re.search(rb"(?:^|\r?\n)\r?\n", rest)
    head, body = (rest[: end.start()], rest[end.end() :]) if end else (rest, b"")
    lines = re.split(r"\r?\n", head.decode("latin-1")) if head else []
    pairs = (line.partition(":") for line in lines)
    return tuple((name, value.strip(" \t")) for name, _, value in pairs), body


def read_content(
    status: int, fields: Sequence[tuple[str, str]], body: bytes, head: bool
) -> tuple[bytes, bool]:
    """Return the content, and whether the framing says that it is all there."""
    said = {name.lower(): value for name, value in fields}
    if head or status in STATUSES_WITHOUT_CONTENT:
        return body, True
    if said.get("transfer-encoding", "").lower() == "chunked":
        return decode_chunks(body)
    length = said.get("content-length", "")
    return body, not length.isdecimal() or len(body) == int(length)


def decode_chunks(body: bytes) -> tuple[bytes, bool]:
    """Return what a chunked body holds, and whether its end came."""
    found = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        try:
            length = int(size.partition(b";")[0], 16)
        except ValueError:
            return found, False
        if not length:
            return found, True
        found, body = found + body[:length], body[length + 2 :]
    return found, False


def reply_from_wsgi(
    status: str, headers: Iterable[Sequence[str]], body: bytes, complete: bool
) -> Reply:
    """Return the reply of an application that was called without a server."""
    fields = tuple((name, value) for name, value in headers)
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    raw = f"{status}\r\n{head}\r\n".encode("utf-8", "backslashreplace") + body
    code, _, reason = status.partition(" ")
    number = int(code) if re.fullmatch(r"\d{3}", code) else 0
    return Reply(number, fields, body, reason, complete, raw=raw)
