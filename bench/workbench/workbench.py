"""Keep all sites in step with the site on stage, and compare what they reply.

The site on stage answers at once. Each other site reads the same requests from the journal, in the
same order, at its own pace; a late or dead site never delays the stage.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TypeVar

from bench.conformance.differential.http_client import Request
from bench.conformance.differential.sites import create_seed
from bench.core.errors import CookoffError, UsageError, suggest_names
from bench.core.paths import Paths
from bench.frameworks.environments import Environment
from bench.runtime.process import ProcessStartError
from bench.workbench.comparison import compare_outcomes
from bench.workbench.events import Broadcaster
from bench.workbench.exchanges import Exchange, ExchangeStore, FoundDifference
from bench.workbench.journal import Journal, JournalEntry
from bench.workbench.live_site import LiveSite, start_live_site
from bench.workbench.outcomes import Outcome
from bench.workbench.reply_values import read_values
from bench.workbench.shared_requests import share_requests
from bench.workbench.site import Site
from bench.workbench.upstream import Upstream, prepare_headers

CONCURRENT_STARTS = 2
SWITCH_SECONDS = 10.0  # until a site that is behind has answered all requests
LATE_SWITCH_SECONDS = 2.0  # until a site that does not answer is refused, or ended
POLL_SECONDS = 0.25
Result = TypeVar("Result")


class Workbench:
    """All sites, the journal, the exchanges, and the name of the site on stage."""

    def __init__(
        self,
        environments: Sequence[Environment],
        paths: Paths,
        folder: Path,
        settings: Mapping[str, object],
        seed: Path | None = None,
    ) -> None:
        self.paths, self.folder, self.settings = paths, folder, settings
        self.sites = {each.framework.name: Site(each) for each in environments}
        self.stage_name = environments[0].framework.name
        self.seed = seed or create_seed(folder)
        self.journal = Journal(folder / "journal")
        self.exchanges = ExchangeStore(folder / "exchanges")
        self.broadcaster = Broadcaster()
        self.upstream = Upstream()
        self.records_code = True
        self.page_target = "/"  # the newest page on stage
        self.tickets = count(1)
        self._numbers = count(1)
        # Two threads: a site on stage must not wait until a page of another request is compared.
        self._rows_pool = ThreadPoolExecutor(1, "rows")
        self._compare_pool = ThreadPoolExecutor(1, "compare")
        self._tasks: list[asyncio.Task[None]] = []
        self._launches: set[asyncio.Task[LiveSite]] = set()
        self._statuses: dict[str, str] = {}

    @property
    def stage(self) -> Site:
        """Return the site on stage."""
        return self.sites[self.stage_name]

    async def start(self) -> None:
        """Start the site on stage, then the others beside it; raise ProcessStartError."""
        await self.start_site(self.stage)
        if self.stage.problem:
            raise ProcessStartError(self.stage.problem)
        starts = asyncio.Semaphore(CONCURRENT_STARTS)

        async def start_mirror(site: Site) -> None:
            async with starts:
                await self.start_site(site)

        others = [site for site in self.sites.values() if site is not self.stage]
        self._tasks += [asyncio.create_task(start_mirror(site)) for site in others]
        self._tasks += [asyncio.create_task(self._follow(site)) for site in self.sites.values()]
        self._tasks.append(asyncio.create_task(self._watch_sites()))

    async def start_site(self, site: Site) -> None:
        """Start the first host of a site; a failure becomes the site's problem."""
        try:
            site.live = await self.launch(site)
            site.problem = ""
        except CookoffError as error:
            site.problem = str(error)
        site.wake.set()

    async def launch(self, site: Site, project: Path | None = None) -> LiveSite:
        """Start a host of a site on a new database; raise ProcessStartError."""
        start = asyncio.to_thread(
            start_live_site, site.environment, self.paths, self.seed, self.folder,
            next(self._numbers), self.settings, project,
        )  # fmt: skip
        task = asyncio.create_task(start)
        self._launches.add(task)  # close() ends the host even if nobody waits for it any more
        return await asyncio.shield(task)

    async def stop(self, live: LiveSite) -> None:
        """End a live site."""
        self._launches = {task for task in self._launches if not is_launch_of(task, live)}
        await asyncio.to_thread(live.stop)

    async def replace(self, site: Site, project: Path | None = None) -> None:
        """Start a new host of a site, replay the journal into it, and then use it.

        The old host answers until then, and stays if the new one does not start: raise
        ProcessStartError.
        """
        async with site.replacing:
            try:
                live = await self.launch(site, project)
            except ProcessStartError as error:
                site.problem = str(error)
                raise
            while live.position < self.journal.count and live.host.is_running:
                await self.answer_next(site, live)
            await self.take_over(site)
            try:
                while live.position < self.journal.count and live.host.is_running:
                    await self.answer_next(site, live)
                old, site.live, site.problem = site.live, live, ""
            finally:
                site.lock.release()
        if old:
            await self.stop(old)
        self.broadcaster.publish("replaced", on_stage=site is self.stage, target=self.page_target)

    async def take_over(self, site: Site) -> None:
        """Acquire the lock of a site; end its host if the host does not finish its request."""
        try:
            await asyncio.wait_for(site.lock.acquire(), LATE_SWITCH_SECONDS)
        except TimeoutError:
            if site.live:
                site.live.is_retired = True
                await asyncio.to_thread(site.live.host.kill)
            await site.lock.acquire()

    async def _follow(self, site: Site) -> None:
        """Answer the entries of the journal with a site, one after another."""
        while True:
            await site.wake.wait()
            site.wake.clear()
            while site.answers and site.live and site.live.position < self.journal.count:
                async with site.lock:
                    if site.live.position < self.journal.count:
                        await self.answer_next(site, site.live)

    async def answer_next(self, site: Site, live: LiveSite) -> None:
        """Answer the next entry of the journal; a site skips what it answered on stage."""
        index = live.position
        entry = self.journal.read(index)
        live.position += 1
        if entry.is_cut or (entry.stage, entry.live_number) == (site.name, live.number):
            return
        is_current = site.live is live
        site.waiting_since = time.monotonic() if is_current else site.waiting_since
        try:
            outcome = await self.answer(live, entry)
        finally:
            site.waiting_since = 0.0 if is_current else site.waiting_since
        if not live.is_retired:  # else the next live site has answered this entry, too
            await self.store_outcome(index + 1, site, outcome)

    async def answer(self, live: LiveSite, entry: JournalEntry) -> Outcome:
        """Send an entry to a live site, with the site's own values; return the outcome."""
        translator, ticket = live.translator, next(self.tickets)
        content_type = entry.get_header("content-type")
        body = translator.translate_body(entry.path, content_type, entry.body)
        target = translator.translate_text(entry.target)
        cookie = "" if entry.is_program else live.build_cookie_header()
        headers = translator.translate_headers(entry.path, entry.headers)
        headers = prepare_headers(headers, cookie, len(body), self.format_ticket(ticket, entry))
        url = live.host.url
        outcome = await self.upstream.exchange(url, entry.method, target, headers, body)
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
        await run_in(self._rows_pool, lambda: live.add_changes(outcome))

    def format_ticket(self, ticket: int, entry: JournalEntry) -> str:
        """Return the value of the header that asks a host to observe a request."""
        return f"{ticket} code" if self.records_code and not entry.is_file else str(ticket)

    async def finish_on_stage(self, site: Site, entry: JournalEntry, outcome: Outcome) -> None:
        """Store an answered request in the journal, and let the other sites answer it."""
        index = self.journal.append(entry)
        exchange = self.exchanges.add(index, entry, outcome.status, time.monotonic())
        await self.store_outcome(exchange.number, site, outcome)
        for each in self.sites.values():
            each.wake.set()

    async def store_outcome(self, number: int, site: Site, outcome: Outcome) -> None:
        """Store what a site replied; compare when no site is still expected to answer."""
        exchange = self.exchanges.exchanges.get(number)
        if exchange is None:
            return
        await run_in(
            self._rows_pool, lambda: self.exchanges.add_outcome(exchange, site.name, outcome)
        )
        if self.is_settled(exchange):
            await self.compare(exchange)
        elif len(exchange.finished) == 1:
            self.publish_exchange(exchange)

    def is_settled(self, exchange: Exchange) -> bool:
        """Return whether every site that answers in time has answered."""
        expected = {name for name, site in self.sites.items() if site.answers and not site.is_late}
        return expected <= set(exchange.finished) or not exchange.is_mirrored

    async def compare(self, exchange: Exchange) -> None:
        """Compare the outcomes of an exchange."""
        entry = self.journal.read(exchange.number - 1)

        def find() -> list[FoundDifference]:
            outcomes = self.exchanges.read_outcomes(exchange.number)
            return [
                FoundDifference(difference.kind, list(difference.sites), difference.details)
                for difference in compare_outcomes(entry, outcomes)
            ]

        exchange.lag_ms = (time.monotonic() - exchange.started) * 1000
        exchange.compared = list(exchange.finished)
        exchange.differences = await run_in(self._compare_pool, find)
        self.publish_exchange(exchange)

    def publish_exchange(self, exchange: Exchange) -> None:
        """Tell the open pages about an exchange."""
        self.broadcaster.publish("exchange", number=exchange.number)

    async def _watch_sites(self) -> None:
        """Name sites that are late or ended, and compare what the others replied."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            statuses = {name: site.status for name, site in self.sites.items()}
            if statuses != self._statuses:
                self._statuses = statuses
                self.broadcaster.publish("sites")
            for exchange in list(self.exchanges.exchanges.values())[-50:]:
                if self.is_settled(exchange) and set(exchange.compared) != set(exchange.finished):
                    await self.compare(exchange)

    async def switch(self, name: str) -> None:
        """Put another site on stage when it has answered all requests; raise UsageError."""
        site = self.get_site(name)
        start = time.monotonic()
        with suppress(TimeoutError):  # the site on stage does not answer
            patience = LATE_SWITCH_SECONDS if self.stage.is_late else SWITCH_SECONDS
            await asyncio.wait_for(self.wait_until_stored(), patience)
        while site.answers and site.is_behind(self.journal.count):
            waited = time.monotonic() - start
            if waited > (LATE_SWITCH_SECONDS if site.is_late else SWITCH_SECONDS):
                state = site.status or "wait, then switch again"
                raise UsageError(f"{name} is behind the stage: {state}")
            await asyncio.sleep(0.005)
        if not site.answers:
            raise UsageError(f"{name} does not answer: {site.status}")
        self.stage_name = name
        self.broadcaster.publish("stage", name=name, target=self.page_target)

    async def wait_until_stored(self) -> None:
        """Wait until the journal has the requests whose replies the stage has sent."""
        async with self.stage.lock:
            pass

    def get_site(self, name: str) -> Site:
        """Return a site; raise UsageError for an unknown name."""
        if name not in self.sites:
            hint = suggest_names(name, self.sites, f"there are {', '.join(self.sites)}")
            raise UsageError(f"no framework is called {name!r}; {hint}")
        return self.sites[name]

    def share_requests(self) -> list[Request]:
        """Return the requests so far in a form that any site understands. Reads files."""
        lives = [site.live for site in self.sites.values() if site.live]
        return share_requests(self.journal, [live.codes for live in lives])

    async def wait_until_settled(self) -> None:
        """Wait until every site whose host runs has answered all requests, also a late one."""
        while not all(map(self._is_final, list(self.exchanges.exchanges.values()))):
            await asyncio.sleep(0.01)

    def _is_final(self, exchange: Exchange) -> bool:
        # A host that ends during a request is known to be dead before its outcome is stored.
        expected = {name for name, site in self.sites.items() if site.answers or site.lock.locked()}
        is_answered = expected <= set(exchange.finished) or not exchange.is_mirrored
        return is_answered and set(exchange.compared) == set(exchange.finished)

    async def close(self) -> None:
        """End all hosts and connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        launches = await asyncio.gather(*self._launches, return_exceptions=True)
        lives = [live for live in launches if isinstance(live, LiveSite)]
        await asyncio.gather(*(asyncio.to_thread(live.stop) for live in lives))
        await self.upstream.close()
        self._rows_pool.shutdown()
        self._compare_pool.shutdown()
        self.journal.close()


async def run_in(pool: ThreadPoolExecutor, function: Callable[[], Result]) -> Result:
    """Return the result of a function that runs in a pool's thread."""
    return await asyncio.get_running_loop().run_in_executor(pool, function)


def is_launch_of(task: asyncio.Task[LiveSite], live: LiveSite) -> bool:
    """Return whether a task started a live site."""
    return task.done() and not task.exception() and task.result() is live
