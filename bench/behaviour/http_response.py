"""Parse replies: status, header fields, body, and whether the body is complete."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from bench.agent.chunked import decode_chunks

STATUS_LINE = re.compile(rb"HTTP/(\d\.\d) (\d{3})(?: ([^\r\n]*))?\r?\n")
STATUSES_WITHOUT_CONTENT = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


@dataclass(frozen=True)
class Reply:
    """One reply; status 0 means no reply: the connection closed, or a host hung or crashed."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""  # decoded; includes bytes that must not be there, such as after 204
    reason: str = ""
    complete: bool = True  # whether a client can know that the body is whole
    interim: tuple[int, ...] = ()  # the 1xx statuses before this reply
    raw: bytes = b""

    def get(self, name: str) -> str | None:
        """Return the last value of a header field, None if the field is missing."""
        return next((value for value in reversed(self.get_all(name))), None)

    def get_all(self, name: str) -> list[str]:
        """Return every value of a header field."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def is_framed(self) -> bool:
        """Whether the reply itself marks where it ends."""
        return self.status < 200 or bool(
            self.get("Content-Length") or self.get("Transfer-Encoding")
        )

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 become escapes."""
        return self.body.decode("utf-8", "backslashreplace")

    @property
    def media_type(self) -> str:
        """The media type, in lower case and without parameters; "" if there is none."""
        return (self.get("Content-Type") or "").partition(";")[0].strip().lower()


def parse_reply(raw: bytes, head: bool = False) -> Reply:
    """Return the reply in the received bytes; status 0 if they hold no reply."""
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
    """Return the header fields, and the bytes after the empty line."""
    end = re.search(rb"(?:^|\r?\n)\r?\n", rest)
    head, body = (rest[: end.start()], rest[end.end() :]) if end else (rest, b"")
    lines = re.split(r"\r?\n", head.decode("latin-1")) if head else []
    pairs = (line.partition(":") for line in lines)
    return tuple((name, value.strip(" \t")) for name, _, value in pairs), body


def read_content(
    status: int, fields: Sequence[tuple[str, str]], body: bytes, head: bool
) -> tuple[bytes, bool]:
    """Return the content, and whether it is complete according to the framing."""
    by_name = {name.lower(): value for name, value in fields}
    if head or status in STATUSES_WITHOUT_CONTENT:
        return body, True
    if by_name.get("transfer-encoding", "").lower() == "chunked":
        return decode_chunks(body)
    length = by_name.get("content-length", "")
    return body, not length.isdecimal() or len(body) == int(length)


def reply_from_wsgi(
    status: str, headers: Iterable[Sequence[str]], body: bytes, complete: bool
) -> Reply:
    """Return the reply of an application that was called without a server.

    `status` is WSGI's status line, such as "200 OK".
    """
    fields = tuple((name, value) for name, value in headers)
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    raw = f"{status}\r\n{head}\r\n".encode("utf-8", "backslashreplace") + body
    code, _, reason = status.partition(" ")
    number = int(code) if re.fullmatch(r"\d{3}", code) else 0
    return Reply(number, fields, body, reason, complete, raw=raw)
