"""Send the requests of the journal to the sites, each with the site's own values."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice

from bench.workbench.exchange_comparison import ExchangeComparer
from bench.workbench.exchanges import ExchangeStore
from bench.workbench.journal import Journal, JournalEntry
from bench.workbench.live_site import LiveSite
from bench.workbench.outcomes import Outcome
from bench.workbench.reply_values import read_values
from bench.workbench.site import Site
from bench.workbench.threads import run_in
from bench.workbench.upstream import Upstream, prepare_headers

# Recorded requests are slow: a new host records only the newest ones, and as many that were shown.
RECORDED_AGAIN = 1


class JournalSender:
    """Sends the entries of the journal to live sites, and stores what they reply."""

    def __init__(
        self,
        journal: Journal,
        exchanges: ExchangeStore,
        comparer: ExchangeComparer,
        files_pool: ThreadPoolExecutor,
    ) -> None:
        self._journal, self._exchanges, self._comparer = journal, exchanges, comparer
        self._files_pool = files_pool
        self.upstream = Upstream()
        self.records_code = True
        self._shown: list[int] = []  # requests whose code or calls were shown last
        self.tickets = count(1)

    def has_more(self, live: LiveSite) -> bool:
        """Return whether a live site can answer and has not answered all requests."""
        return live.host.is_running and live.position < self._journal.count

    async def catch_up(self, site: Site, live: LiveSite) -> None:
        """Answer all entries of the journal with a live site."""
        while self.has_more(live):
            await self.answer_next(site, live)

    async def answer_next(self, site: Site, live: LiveSite) -> None:
        """Answer the next entry of the journal; a site skips what it answered on stage."""
        index, is_current = live.position, site.live is live
        entry = self._journal.read(index)
        live.position += 1
        if (entry.stage, entry.live_number) == (site.name, live.number) or entry.is_cut:
            return
        if not is_current and entry.is_file and self._exchanges.has_outcome(index + 1, site.name):
            return  # no request changes a file, and an edit should soon be seen
        records = self.records_code and (is_current or self._is_shown(index + 1))
        site.waiting_since = time.monotonic() if is_current else site.waiting_since
        try:
            outcome = await self._answer(live, entry, records)
        finally:
            site.waiting_since = 0.0 if is_current else site.waiting_since
        if not live.is_retired:  # else the next live site has answered this entry, too
            await self._comparer.add_outcome(index + 1, site, outcome)

    def note_shown(self, number: int) -> None:
        """Remember that a page shows the code or the calls of a request."""
        others = [other for other in self._shown if other != number]
        self._shown = [*others, number][-RECORDED_AGAIN:]

    def _is_shown(self, number: int) -> bool:
        """Return whether the pages may show the code of a request: the newest, and shown ones."""
        exchanges = reversed(self._exchanges.exchanges.items())
        pages = (newer for newer, exchange in exchanges if not exchange.is_file)
        return number in self._shown or number in islice(pages, RECORDED_AGAIN)

    async def _answer(self, live: LiveSite, entry: JournalEntry, records: bool) -> Outcome:
        """Send an entry to a live site, with the site's own values; return the outcome."""
        translator, ticket = live.translator, next(self.tickets)
        content_type = entry.get_header("content-type")
        body = translator.translate_body(entry.path, content_type, entry.body)
        target = translator.translate_text(entry.target)
        cookie = "" if entry.is_program else live.build_cookie_header()
        headers = translator.translate_headers(entry.path, entry.headers)
        observed = format_ticket(ticket, records and not entry.is_file)
        headers = prepare_headers(headers, cookie, len(body), observed)
        outcome = await self.upstream.exchange(live.host.url, entry.method, target, headers, body)
        await self.complete(live, outcome, entry.is_program, ticket)
        translator.learn(entry.path, entry.values, read_values(outcome.reply))
        return outcome

    async def complete(
        self, live: LiveSite, outcome: Outcome, is_program: bool, ticket: int
    ) -> None:
        """Add to an outcome what the host observed and which rows changed."""
        live.remember(outcome, is_program)
        if outcome.status:
            outcome.observation = await live.read_observation(ticket)
        await run_in(self._files_pool, lambda: live.add_changes(outcome))


def format_ticket(ticket: int, records_code: bool) -> str:
    """Return the value of the header that asks a host to observe a request."""
    return f"{ticket} code" if records_code else str(ticket)
