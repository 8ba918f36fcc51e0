"""Start and end the hosts of all sites, each with a new copy of one database."""

import asyncio
from collections.abc import Mapping
from itertools import count
from pathlib import Path

from bench.core.paths import Paths
from bench.workbench.live_site import LiveSite, start_live_site
from bench.workbench.site import Site


class Hosts:
    """The live sites that were started and have not been ended."""

    def __init__(
        self, paths: Paths, folder: Path, settings: Mapping[str, object], seed: Path
    ) -> None:
        self._paths, self._folder, self._settings, self._seed = paths, folder, settings, seed
        self._numbers = count(1)
        self._launches: set[asyncio.Task[LiveSite]] = set()

    async def launch(self, site: Site, project: Path | None = None) -> LiveSite:
        """Start a host of a site on a new database; raise ProcessStartError.

        `project` is the root of a changed copy of the project whose app is started instead.
        """
        start = asyncio.to_thread(
            start_live_site, site.environment, self._paths, self._seed, self._folder,
            next(self._numbers), self._settings, project,
        )  # fmt: skip
        task = asyncio.create_task(start)
        self._launches.add(task)  # close() ends the host even if nobody waits for it any more
        return await asyncio.shield(task)

    async def stop(self, live: LiveSite) -> None:
        """End a live site."""
        self._launches = {task for task in self._launches if not is_launch_of(task, live)}
        await asyncio.to_thread(live.stop)

    async def close(self) -> None:
        """End all live sites, also those that are starting."""
        launches = await asyncio.gather(*self._launches, return_exceptions=True)
        lives = [live for live in launches if isinstance(live, LiveSite)]
        await asyncio.gather(*(asyncio.to_thread(live.stop) for live in lives))


def is_launch_of(task: asyncio.Task[LiveSite], live: LiveSite) -> bool:
    """Return whether a task started a live site."""
    return task.done() and not task.exception() and task.result() is live
