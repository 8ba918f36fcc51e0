"""Send one request to the host of a site, and read its reply piece by piece."""

import hashlib
import re
import time
from collections.abc import AsyncIterable, AsyncIterator

import httpx

from bench.conformance.canonical_dom import MINUTE, PHOTO_NAME
from bench.workbench.outcomes import MAX_TEXT_BYTES, Outcome
from bench.workbench.reply_values import ORDER_CODE, Fields

# Of one connection only (RFC 9110, 7.6.1).
HOP_HEADERS = {
    "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding",
    "upgrade", "expect",
}  # fmt: skip
CONNECT_SECONDS = 5.0
MAX_REPLY_BYTES = 256 * 1024 * 1024
OBSERVE_HEADER = "X-Cookoff-Observe"
# Longer bodies are compared by digest, without the values that differ from site to site.
VARYING = re.compile(
    "|".join((ORDER_CODE.pattern, PHOTO_NAME.pattern, MINUTE.pattern)).encode(), re.ASCII
)


class BodyStream(httpx.AsyncByteStream):
    """The body of a request, in pieces."""

    def __init__(self, pieces: AsyncIterable[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._pieces:
            yield piece


async def iterate_bytes(body: bytes) -> AsyncIterator[bytes]:
    """Yield a body, if it is not empty."""
    if body:
        yield body


class BodyReader:
    """Collects the body of a reply: its beginning, its size and, of a long one, a digest."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome, self._kept = outcome, bytearray()
        self._digest: BodyDigest | None = None

    def feed(self, piece: bytes) -> None:
        """Add the next piece."""
        self._outcome.body_bytes += len(piece)
        room = MAX_TEXT_BYTES - len(self._kept)
        self._kept += piece[:room]
        if len(piece) > room:
            if not self._digest:
                self._digest = BodyDigest()
                self._digest.feed(bytes(self._kept))
            self._digest.feed(piece[room:])

    def finish(self) -> None:
        """Store the body and the digest in the outcome."""
        self._outcome.body = bytes(self._kept)
        self._outcome.digest = self._digest.finish() if self._digest else ""


class BodyDigest:
    """The digest of a body without the values that differ from site to site."""

    def __init__(self) -> None:
        self._hash, self._line = hashlib.sha256(), b""

    def feed(self, piece: bytes) -> None:
        """Add the next piece: whole lines only, wherever the pieces end."""
        lines, newline, self._line = (self._line + piece).rpartition(b"\n")
        self._hash.update(VARYING.sub(b"[varies]", lines) + newline)
        while len(self._line) > MAX_TEXT_BYTES:  # a body without lines
            self._hash.update(self._line[:MAX_TEXT_BYTES])
            self._line = self._line[MAX_TEXT_BYTES:]

    def finish(self) -> str:
        """Return the digest."""
        self._hash.update(VARYING.sub(b"[varies]", self._line))
        return self._hash.hexdigest()


class Upstream:
    """Connections to the hosts of all sites."""

    def __init__(self) -> None:
        # Neither redirects, cookies nor proxies: what the host sends is what the workbench sees.
        limits = httpx.Limits(max_connections=200, keepalive_expiry=60.0)
        self._transport = httpx.AsyncHTTPTransport(limits=limits, trust_env=False)

    async def open(
        self, url: str, method: str, target: str, headers: Fields, body: AsyncIterable[bytes]
    ) -> httpx.Response:
        """Send a request and return the reply, whose body is still to be read.

        Raise httpx.TransportError.
        """
        timeout = {"connect": CONNECT_SECONDS, "pool": None, "read": None, "write": None}
        request = httpx.Request(
            method,
            url,
            headers=[(name.encode(), text.encode("latin-1")) for name, text in headers],
            stream=BodyStream(body),
            extensions={"target": target.encode("latin-1"), "timeout": timeout},
        )
        return await self._transport.handle_async_request(request)

    async def exchange(
        self, url: str, method: str, target: str, headers: Fields, body: bytes
    ) -> Outcome:
        """Send a request and return the outcome; without a reply, its status is 0."""
        outcome, start = Outcome(0, target=target), time.perf_counter()
        reader = BodyReader(outcome)
        try:
            response = await self.open(url, method, target, headers, iterate_bytes(body))
            try:
                outcome.headers = read_headers(response)
                async for piece in response.aiter_raw():
                    reader.feed(piece)
                    if outcome.body_bytes > MAX_REPLY_BYTES:
                        raise httpx.ReadError("the reply does not end")
                outcome.status = response.status_code
            finally:
                await response.aclose()
        except httpx.TransportError as error:
            outcome.reason = describe_error(error)
        reader.finish()
        outcome.milliseconds = (time.perf_counter() - start) * 1000
        return outcome

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.aclose()


def read_headers(response: httpx.Response) -> Fields:
    """Return the headers of a reply as sent."""
    return [(name.decode("latin-1"), text.decode("latin-1")) for name, text in response.headers.raw]


def describe_error(error: Exception) -> str:
    """Return why there is no reply, in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def prepare_headers(headers: Fields, cookie: str, body_bytes: int | None, ticket: str) -> Fields:
    """Return the headers of a request to a host: its own cookies, the length, the observation.

    Without `body_bytes` the length or the coding of the request is passed on.
    """
    dropped = HOP_HEADERS | {"cookie", OBSERVE_HEADER.lower()}
    dropped |= {"content-length"} if body_bytes is not None else set()
    chunked = body_bytes is None and any(name.lower() == "transfer-encoding" for name, _ in headers)
    sent = [(name, text) for name, text in headers if name.lower() not in dropped]
    sent += [("Transfer-Encoding", "chunked")] if chunked else []
    has_length = any(name.lower() == "content-length" for name, _ in headers)
    if body_bytes or (body_bytes is not None and has_length):
        sent.append(("Content-Length", str(body_bytes)))
    sent += [("Cookie", cookie)] if cookie else []
    return [*sent, (OBSERVE_HEADER, ticket)]
