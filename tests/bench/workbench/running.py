"""A workbench that runs in a thread of the tests, and clients of its two addresses."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from bench.core.paths import Paths
from bench.frameworks.environments import Environment
from bench.workbench.exchanges import Exchange
from bench.workbench.server import open_workbench
from bench.workbench.site import Site
from bench.workbench.workbench import Workbench

TIMEOUT_SECONDS = 60.0


class Running:
    """A running workbench."""

    def __init__(self, opened: open_workbench, loop: asyncio.AbstractEventLoop) -> None:
        self.opened, self.loop = opened, loop
        self.origin = f"http://{opened.authority}"
        self.stage_origin = f"http://{opened.stage_authority}"
        headers = {"X-Workbench-Token": opened.token}
        self.pages = httpx.Client(base_url=self.origin, headers=headers, timeout=TIMEOUT_SECONDS)
        self.stage = httpx.Client(base_url=self.stage_origin, timeout=TIMEOUT_SECONDS)

    @property
    def workbench(self) -> Workbench:
        """Return the workbench; its attributes change in another thread."""
        return self.opened.workbench

    def run(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """Run a coroutine in the loop of the workbench; return its result."""

        async def await_call() -> Any:
            return await call()

        future = asyncio.run_coroutine_threadsafe(await_call(), self.loop)
        return future.result(TIMEOUT_SECONDS)

    def settle(self, number: int = 0) -> None:
        """Wait until all sites have answered this many requests, and all are compared."""

        async def wait() -> None:
            while number not in self.workbench.exchanges.exchanges and number:
                await asyncio.sleep(0.005)
            await self.workbench.comparer.wait_until_settled()

        self.run(wait)

    @property
    def count(self) -> int:
        """Return how many requests were sent, also when the last has just been answered."""
        self.run(self.workbench.wait_until_stored)
        return self.workbench.journal.count

    def site(self, name: str) -> Site:
        """Return a site."""
        return self.workbench.sites[name]

    def act(self, path: str, **form: str) -> httpx.Response:
        """Press a button of the page; the reply has the error, if any."""
        return self.pages.post(path, data=form, headers={"Accept": "application/json"})

    def request(self, target: str, method: str = "GET", **options: Any) -> Exchange:
        """Send a request to the stage; return its exchange when it is compared."""
        number = self.count + 1
        self.stage.request(method, target, **options)
        self.settle(number)
        return self.workbench.exchanges.exchanges[number]

    def found(self, exchange: Exchange) -> list[tuple[str, list[str]]]:
        """Return the kinds and the sites of an exchange's differences."""
        return [(difference.kind, difference.sites) for difference in exchange.differences]


@contextmanager
def running_workbench(
    environments: Sequence[Environment], paths: Paths, seed: Path | None = None
) -> Iterator[Running]:
    """Yield a workbench, all sites of which answer."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    opened = open_workbench(environments, paths, seed=seed)
    try:
        asyncio.run_coroutine_threadsafe(opened.__aenter__(), loop).result(TIMEOUT_SECONDS)
        try:
            running = Running(opened, loop)
            running.workbench.sender.records_code = False  # which needs most of the time
            running.run(lambda: wait_until_started(running))
            yield running
            running.pages.close()
            running.stage.close()
        finally:
            asyncio.run_coroutine_threadsafe(opened.__aexit__(), loop).result(TIMEOUT_SECONDS)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def wait_until_started(running: Running) -> None:
    """Wait until no site is starting."""
    while any(site.problem == "starting" for site in running.workbench.sites.values()):
        await asyncio.sleep(0.02)
