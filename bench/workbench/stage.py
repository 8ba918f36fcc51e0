"""The address of the site on stage: a proxy that streams, and keeps the cookies on its own side."""

import time
from collections.abc import AsyncIterator
from html import escape

import httpx
from starlette.types import Receive, Scope, Send

from bench.workbench.access import find_refusal
from bench.workbench.journal import MAX_BODY_BYTES, JournalEntry
from bench.workbench.journal_sender import format_ticket
from bench.workbench.live_site import LiveSite
from bench.workbench.outcomes import Outcome
from bench.workbench.reply_values import Bounded, Fields, ReplyValues, read_values
from bench.workbench.site import Site
from bench.workbench.upstream import (
    HOP_HEADERS,
    BodyReader,
    describe_error,
    iterate_bytes,
    prepare_headers,
    read_headers,
)
from bench.workbench.workbench import Workbench

READ_FIRST_BYTES = 64 * 1024  # of a body: a longer one is passed on while it arrives
CONDITIONS = ("if-none-match", "if-modified-since")
PROGRAM_HEADER = "x-cookoff-program"


class ClientDisconnect(Exception):
    """The browser went away before it had sent the whole request."""


class RequestBody:
    """The body of a request, passed on while it arrives; a copy is kept for the other sites."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._kept = receive, bytearray()
        self.is_complete = self.is_cut = False

    async def _read_piece(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        self.is_complete = not message.get("more_body", False)
        piece: bytes = message.get("body", b"")
        self.is_cut = self.is_cut or len(self._kept) + len(piece) > MAX_BODY_BYTES
        if not self.is_cut:
            self._kept += piece
        return piece

    async def read_first(self, size: int = READ_FIRST_BYTES) -> bytes:
        """Return the beginning of the body, at least `size` bytes if it is so long."""
        while not self.is_complete and not self.is_cut and len(self._kept) < size:
            await self._read_piece()
        return bytes(self._kept)

    async def iterate(self) -> AsyncIterator[bytes]:
        """Yield what was read, and then the rest as it arrives."""
        if self._kept:
            yield bytes(self._kept)
        while not self.is_complete:
            yield await self._read_piece()

    @property
    def content(self) -> bytes:
        """Return the body, b"" if it was too long to be kept."""
        return b"" if self.is_cut else bytes(self._kept)


class Stage:
    """The ASGI application at the address of the stage."""

    def __init__(self, workbench: Workbench, authority: str) -> None:
        self.workbench, self.authority = workbench, authority
        # Which live site sent a validator: a page of another framework is not "not modified".
        self._senders: Bounded[tuple[str, str], tuple[str, int]] = Bounded()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request with the site on stage, or refuse it."""
        if scope["type"] != "http":
            return
        if refusal := find_refusal(scope, self.authority):
            await send_error(send, 403, refusal)
            return
        site = self.workbench.stage
        try:
            await self._answer(site, scope, RequestBody(receive), send)
        except ClientDisconnect:
            return

    async def _answer(self, site: Site, scope: Scope, body: RequestBody, send: Send) -> None:
        await body.read_first()
        async with site.lock:
            live = site.live
            if live:
                await self.workbench.sender.catch_up(site, live)
            if not site.answers or not live:
                await send_error(send, 502, f"{site.name} does not answer: {site.status}")
                return
            exchange = StageExchange(self, site, live, scope, body)
            site.waiting_since = time.monotonic()
            try:
                await exchange.run(send)
            finally:
                site.waiting_since = 0.0
            await exchange.finish()
        if exchange.is_broken:
            raise ConnectionAbortedError  # uvicorn closes the connection

    def remember_sender(self, live: LiveSite, path: str, values: ReplyValues) -> None:
        """Remember who sent the validators of a reply."""
        for validator in filter(None, (values.etag, values.modified)):
            self._senders[path, validator] = (live.name, live.number)

    def is_condition_of(self, live: LiveSite, path: str, validator: str) -> bool:
        """Return whether a validator is this site's own, or no site's."""
        own = (live.name, live.number)
        return self._senders.get((path, validator), own) == own


class StageExchange:
    """One request to the site on stage."""

    def __init__(
        self, stage: Stage, site: Site, live: LiveSite, scope: Scope, body: RequestBody
    ) -> None:
        self.stage, self.site, self.live, self.body = stage, site, live, body
        query = scope["query_string"].decode("latin-1")
        target = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
        headers = [
            (name.decode("latin-1"), text.decode("latin-1")) for name, text in scope["headers"]
        ]
        self.entry = JournalEntry(
            scope["method"], target, [], b"", site.name, live.number, ReplyValues(),
            is_program=any(name == PROGRAM_HEADER for name, _ in headers),
        )  # fmt: skip
        self.sent_headers = headers
        self.entry.headers = [pair for pair in headers if self._is_kept(*pair)]
        self.outcome = Outcome(0)
        self.reader = BodyReader(self.outcome)
        self.is_broken = False  # the reply ended too early

    def _is_kept(self, name: str, text: str) -> bool:
        if name in CONDITIONS:
            return self.stage.is_condition_of(self.live, self.entry.path, text)
        return name not in {*HOP_HEADERS, "cookie", "content-length", PROGRAM_HEADER}

    async def run(self, send: Send) -> None:
        """Send the request to the host, and its reply to the browser."""
        sender, live, entry = self.stage.workbench.sender, self.live, self.entry
        self.ticket = next(sender.tickets)
        body, length = await self._prepare_body()
        cookie = "" if entry.is_program else live.build_cookie_header()
        headers = live.translator.translate_headers(entry.path, entry.headers)
        if length is None:
            names = ("content-length", "transfer-encoding")
            headers = headers + [pair for pair in self.sent_headers if pair[0] in names]
        observed = format_ticket(self.ticket, sender.records_code and not entry.is_file)
        headers = prepare_headers(headers, cookie, length, observed)
        self.outcome.target = live.translator.translate_text(entry.target)
        start, is_started = time.perf_counter(), False
        try:
            reply = await sender.upstream.open(
                live.host.url, entry.method, self.outcome.target, headers, body
            )
            try:
                self.outcome.headers = read_headers(reply)
                await send_head(send, reply.status_code, self.outcome.headers)
                is_started = True
                async for piece in reply.aiter_raw():
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                    self.reader.feed(piece)
                self.outcome.status = reply.status_code
                await send({"type": "http.response.body", "body": b""})
            finally:
                await reply.aclose()
        except httpx.TransportError as error:
            self.outcome.reason = describe_error(error)
            self.is_broken = is_started
            if not is_started:
                await send_error(send, 502, f"{live.name} sent no reply: {self.outcome.reason}")
        finally:
            self.reader.finish()
            self.outcome.milliseconds = (time.perf_counter() - start) * 1000

    async def _prepare_body(self) -> tuple[AsyncIterator[bytes], int | None]:
        """Return the body for the host and its length, None for that of the request.

        A form of a page that another framework sent has that framework's tokens: it is read as a
        whole. Every other body is passed on while it arrives.
        """
        kind, path = self.entry.get_header("content-type"), self.entry.path
        first = await self.body.read_first()
        translate = self.live.translator.translate_body
        if not self.body.is_complete and translate(path, kind, first) != first:
            first = await self.body.read_first(MAX_BODY_BYTES)
        if not self.body.is_complete:
            return self.body.iterate(), None
        whole = translate(path, kind, first)
        return iterate_bytes(whole), len(whole)

    async def finish(self) -> None:
        """Store the request and the outcome, so that the other sites answer the request."""
        workbench, entry = self.stage.workbench, self.entry
        entry.body, entry.is_cut = self.body.content, self.body.is_cut
        entry.status = self.outcome.status
        entry.values = read_values(self.outcome.reply)
        self.stage.remember_sender(self.live, entry.path, entry.values)
        await workbench.sender.complete(self.live, self.outcome, entry.is_program, self.ticket)
        if is_page(entry, self.outcome):
            workbench.page_target = entry.target
        await workbench.finish_on_stage(self.site, entry, self.outcome)


def is_page(entry: JournalEntry, outcome: Outcome) -> bool:
    """Return whether a request showed a page that can be shown again at its address."""
    kind = outcome.reply.get_first("content-type")
    is_shown = entry.get_header("sec-fetch-dest") in ("iframe", "document", "")
    return entry.method == "GET" and kind.startswith("text/html") and is_shown


async def send_head(send: Send, status: int, headers: Fields) -> None:
    """Send the status and the headers of a host, without its cookies."""
    dropped = HOP_HEADERS | {"set-cookie"}
    passed = [
        (name.encode("latin-1"), text.encode("latin-1"))
        for name, text in headers
        if name.lower() not in dropped
    ]
    await send({"type": "http.response.start", "status": status, "headers": passed})


async def send_error(send: Send, status: int, sentence: str) -> None:
    """Send a page of the workbench's own in place of a page of the site."""
    page = f"<!doctype html><html lang=en><title>Workbench</title><p>{escape(sentence)}</p>"
    headers = [("content-type", "text/html; charset=utf-8"), ("cache-control", "no-store")]
    await send_head(send, status, headers)
    await send({"type": "http.response.body", "body": page.encode()})
