"""Store what each site replied, and compare the replies when all expected sites have answered."""

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from bench.workbench.comparison import compare_outcomes
from bench.workbench.events import Broadcaster
from bench.workbench.exchanges import Exchange, ExchangeStore, FoundDifference
from bench.workbench.journal import Journal
from bench.workbench.outcomes import Outcome
from bench.workbench.site import Site
from bench.workbench.threads import run_in

NEWEST_EXCHANGES = 50  # that are compared again when a late site has answered


class ExchangeComparer:
    """Compares the outcomes of the exchanges, and tells the open pages."""

    def __init__(
        self,
        sites: Mapping[str, Site],
        journal: Journal,
        exchanges: ExchangeStore,
        broadcaster: Broadcaster,
        files_pool: ThreadPoolExecutor,
    ) -> None:
        self._sites, self._journal, self._exchanges = sites, journal, exchanges
        self._broadcaster, self._files_pool = broadcaster, files_pool
        # Its own thread: a site on stage must not wait until another page is compared.
        self._pool = ThreadPoolExecutor(1, "compare")

    async def add_outcome(self, number: int, site: Site, outcome: Outcome) -> None:
        """Store what a site replied; compare when no site is still expected to answer."""
        exchange = self._exchanges.exchanges.get(number)
        if exchange is None:
            return
        await run_in(
            self._files_pool, lambda: self._exchanges.add_outcome(exchange, site.name, outcome)
        )
        if self.is_settled(exchange):
            await self.compare(exchange)
        elif len(exchange.finished) == 1:
            self.publish(exchange)

    def is_settled(self, exchange: Exchange) -> bool:
        """Return whether every site that answers in time has answered."""
        expected = {name for name, site in self._sites.items() if site.answers and not site.is_late}
        return expected <= set(exchange.finished) or not exchange.is_mirrored

    async def compare(self, exchange: Exchange) -> None:
        """Compare the outcomes of an exchange."""
        entry = self._journal.read(exchange.number - 1)

        def find() -> list[FoundDifference]:
            outcomes = self._exchanges.read_outcomes(exchange.number)
            return [
                FoundDifference(difference.kind, list(difference.sites), difference.details)
                for difference in compare_outcomes(entry, outcomes)
            ]

        exchange.lag_ms = (time.monotonic() - exchange.started) * 1000
        finished = list(exchange.finished)
        differences = await run_in(self._pool, find)
        exchange.compared, exchange.differences = finished, differences
        self.publish(exchange)

    async def compare_late(self) -> None:
        """Compare the newest exchanges again that a late site has answered since."""
        for exchange in list(self._exchanges.exchanges.values())[-NEWEST_EXCHANGES:]:
            if self.is_settled(exchange) and not is_compared(exchange):
                await self.compare(exchange)

    def publish(self, exchange: Exchange) -> None:
        """Tell the open pages about an exchange."""
        self._broadcaster.publish("exchange", number=exchange.number)

    async def wait_until_settled(self) -> None:
        """Wait until every site whose host runs has answered all requests, also a late one."""
        while not all(map(self._is_final, list(self._exchanges.exchanges.values()))):
            await asyncio.sleep(0.01)

    def _is_final(self, exchange: Exchange) -> bool:
        # A host that ends during a request is known to be dead before its outcome is stored.
        expected = {
            name for name, site in self._sites.items() if site.answers or site.lock.locked()
        }
        is_answered = expected <= set(exchange.finished) or not exchange.is_mirrored
        return is_answered and is_compared(exchange)

    def close(self) -> None:
        """End the thread that compares."""
        self._pool.shutdown()


def is_compared(exchange: Exchange) -> bool:
    """Return whether all stored outcomes of an exchange were compared."""
    return set(exchange.compared) == set(exchange.finished)
