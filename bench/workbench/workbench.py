"""Keep all sites in step with the site on stage, and compare what they reply.

The site on stage answers at once. Each other site reads the same requests from the journal, in the
same order, at its own pace; a late or dead site never delays the stage.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from bench.conformance.differential.http_client import Request
from bench.conformance.differential.sites import create_seed
from bench.core.errors import CookoffError, UsageError, suggest_names
from bench.core.paths import Paths
from bench.frameworks.environments import Environment
from bench.runtime.process import ProcessStartError
from bench.workbench.events import Broadcaster
from bench.workbench.exchange_comparison import ExchangeComparer
from bench.workbench.exchanges import ExchangeStore
from bench.workbench.hosts import Hosts
from bench.workbench.journal import Journal, JournalEntry
from bench.workbench.journal_sender import JournalSender
from bench.workbench.outcomes import Outcome
from bench.workbench.shared_requests import share_requests
from bench.workbench.site import Site

CONCURRENT_STARTS = 2
SWITCH_SECONDS = 10.0  # until a site that is behind has answered all requests
LATE_SWITCH_SECONDS = 2.0  # until a site that does not answer is refused, or ended
POLL_SECONDS = 0.25


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
        self.paths, self.folder = paths, folder
        self.hosts = Hosts(paths, folder, settings, seed or create_seed(folder))
        self.sites = {each.framework.name: Site(each) for each in environments}
        self.stage_name = environments[0].framework.name
        self.journal = Journal(folder / "journal")
        self.exchanges = ExchangeStore(folder / "exchanges")
        self.broadcaster = Broadcaster()
        self.page_target = "/"  # the newest page on stage
        self._files_pool = ThreadPoolExecutor(1, "files")
        self.comparer = ExchangeComparer(
            self.sites, self.journal, self.exchanges, self.broadcaster, self._files_pool
        )
        self.sender = JournalSender(self.journal, self.exchanges, self.comparer, self._files_pool)
        self._tasks: list[asyncio.Task[None]] = []
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
        work = [*map(start_mirror, others), *map(self._follow, self.sites.values())]
        self._tasks = [asyncio.create_task(run) for run in (*work, self._watch_sites())]
        for task in self._tasks:
            task.add_done_callback(report_failure)

    async def start_site(self, site: Site) -> None:
        """Start the first host of a site; a failure becomes the site's problem."""
        try:
            site.live = await self.hosts.launch(site)
            site.problem = ""
        except CookoffError as error:
            site.problem = str(error)
        site.wake.set()

    async def replace(self, site: Site, project: Path | None = None) -> None:
        """Start a new host of a site, replay the journal into it, and then use it.

        The old host answers until then, and stays if the new one does not start: raise
        ProcessStartError.
        """
        async with site.replacing:
            try:
                live = await self.hosts.launch(site, project)
            except ProcessStartError as error:
                site.problem = str(error)
                raise
            await self.sender.catch_up(site, live)
            await self.take_over(site)
            try:
                await self.sender.catch_up(site, live)
                old, site.live, site.problem = site.live, live, ""
            finally:
                site.lock.release()
        if old:
            await self.hosts.stop(old)
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
            while site.live and self.sender.has_more(site.live):
                async with site.lock:
                    if self.sender.has_more(site.live):
                        await self.sender.answer_next(site, site.live)

    async def finish_on_stage(self, site: Site, entry: JournalEntry, outcome: Outcome) -> None:
        """Store an answered request in the journal, and let the other sites answer it."""
        index = self.journal.append(entry)
        exchange = self.exchanges.add(index, entry, outcome.status, time.monotonic())
        await self.comparer.add_outcome(exchange.number, site, outcome)
        for each in self.sites.values():
            each.wake.set()

    async def _watch_sites(self) -> None:
        """Name sites that are late or ended, and compare what the others replied."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            statuses = {name: site.status for name, site in self.sites.items()}
            if statuses != self._statuses:
                self._statuses = statuses
                self.broadcaster.publish("sites")
            await self.comparer.compare_late()

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

    async def close(self) -> None:
        """End all hosts and connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.hosts.close()
        await self.sender.upstream.close()
        self.comparer.close()
        self._files_pool.shutdown()
        self.journal.close()


def report_failure(task: asyncio.Task[None]) -> None:
    """Print the traceback of a task that failed: a site would stay behind without a reason."""
    if not task.cancelled() and (error := task.exception()):
        context = {"message": "The workbench follows a site no longer.", "exception": error}
        task.get_loop().call_exception_handler(context)
