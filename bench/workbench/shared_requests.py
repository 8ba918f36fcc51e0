"""Turn the requests of a journal into requests that any site understands.

They have no token, no order code and no name of a photo of one site: {order 1} and {photo} stand
for the values of the site that answers, as in the scripts of differential testing.
"""

import base64
import binascii
import zlib
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import parse_qsl

import msgspec

from bench.conformance.canonical_dom import PHOTO_NAME
from bench.conformance.differential.http_client import Request
from bench.core.errors import UsageError
from bench.workbench.form_parts import read_boundary, read_field_name, split_parts
from bench.workbench.journal import Journal, JournalEntry
from bench.workbench.reply_values import FORM_TYPE, KEY_FIELD, MULTIPART_TYPE, ORDER_CODE

SENT_HEADERS = {"authorization", "if-match", "idempotency-key", "range", "accept", "content-type"}
MAX_PHOTO_BYTES = 64 * 1024  # of a photo that is shared as it is
PHOTO_START_BYTES = 256  # of a larger photo; zeros follow
MAX_SHARED_BYTES = 4 * 1024 * 1024  # of the requests behind an address, decoded
MAX_SHARED_REQUESTS = 2000


def share_requests(journal: Journal, codes: Iterable[list[str]]) -> list[Request]:
    """Return the requests of a journal, without those for static files.

    `codes` are the codes of orders at each site, in the order of the orders.
    """
    numbers = {code: number for own in codes for number, code in enumerate(own, start=1)}
    token_names: set[str] = set()
    requests = []
    for index in range(journal.count):
        entry = journal.read(index)
        token_names |= {name for form in entry.values.forms for name, _ in form.tokens}
        if not entry.is_file:
            requests.append(RequestSharer(numbers, token_names).share(entry))
    return requests


class RequestSharer:
    """Replaces the values of one site in a request."""

    def __init__(self, numbers: Mapping[str, int], token_names: set[str]) -> None:
        self._numbers, self._token_names = numbers, token_names

    def share(self, entry: JournalEntry) -> Request:
        """Return an entry of the journal as a request for any site."""
        kind = entry.get_header("content-type").partition(";")[0].strip().lower()
        user, path = "program" if entry.is_program else "guest", self._replace(entry.target)
        if kind == FORM_TYPE:
            pairs = parse_qsl(entry.body.decode("utf-8", "replace"), keep_blank_values=True)
            return self._share_form(user, entry, path, dict(pairs))
        if kind == MULTIPART_TYPE:
            return self._share_upload(user, entry, path)
        headers = tuple(
            (name, text)
            for name, text in entry.headers
            if name in SENT_HEADERS and not (name == "accept" and text.startswith("text/html,"))
        )
        return Request(user, entry.method, path, headers, body=entry.body)

    def _share_form(
        self, user: str, entry: JournalEntry, path: str, fields: dict[str, str]
    ) -> Request:
        own = {name: text for name, text in fields.items() if not self._is_generated(name)}
        has_token = any(self._is_generated(name) for name in fields)
        return Request(user, entry.method, path, fields=own, with_csrf=has_token)

    def _share_upload(self, user: str, entry: JournalEntry, path: str) -> Request:
        parts = split_parts(read_boundary(entry.get_header("content-type")), entry.body)
        fields, photo = {}, b""
        for part in parts:
            if b"filename=" in part[0].lower():
                photo = shorten_photo(part[1])
            else:
                fields[read_field_name(part)] = part[1].decode("utf-8", "replace")
        return self._share_form(user, entry, path, fields)._replace(photo=photo)

    def _is_generated(self, name: str) -> bool:
        return name in self._token_names or name == KEY_FIELD

    def _replace(self, text: str) -> str:
        text = PHOTO_NAME.sub("{photo}", text)
        return ORDER_CODE.sub(lambda match: self._name_order(match[0]), text)

    def _name_order(self, code: str) -> str:
        return f"{{order {self._numbers[code]}}}" if code in self._numbers else code


def shorten_photo(photo: bytes) -> bytes:
    """Return a photo; of a large one the beginning, and zeros to the same size."""
    if len(photo) <= MAX_PHOTO_BYTES:
        return photo
    return photo[:PHOTO_START_BYTES].ljust(len(photo), b"\0")


def encode_requests(requests: list[Request]) -> str:
    """Return requests as a text for an address."""
    data = zlib.compress(msgspec.msgpack.encode([list(request) for request in requests]), 9)
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode_requests(text: str) -> list[Request]:
    """Return the requests of an address; raise UsageError for any other text."""
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(packed, MAX_SHARED_BYTES)
        requests = msgspec.msgpack.decode(data, type=list[Request])
    except (binascii.Error, ValueError, zlib.error, msgspec.MsgspecError) as error:
        raise UsageError("this address has no requests; copy it again") from error
    return list(check_requests(requests))


def check_requests(requests: list[Request]) -> Iterator[Request]:
    """Yield the requests; raise UsageError for one that is not for the site on stage."""
    if len(requests) > MAX_SHARED_REQUESTS:
        raise UsageError(f"more than {MAX_SHARED_REQUESTS} requests; replay them as a script")
    for request in requests:
        check_target(request.path)
        yield request


def check_target(target: str) -> None:
    """Raise UsageError unless a target is a path of the site."""
    if not target.startswith("/") or target.startswith("//") or not target.isprintable():
        raise UsageError(f"{target[:80]!r} is no path of the site; a path begins with /")
