"""Start sites again when their code changes, so that an edit shows on stage and in all panels."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from watchfiles import awatch

from bench.core.errors import CookoffError
from bench.core.paths import ROOT
from bench.workbench.site import Site
from bench.workbench.workbench import Workbench

CONCURRENT_REPLACEMENTS = 2
DEBOUNCE_MILLISECONDS = 200  # an editor writes a file in several steps
SHARED_DB = ROOT / "shared_db"


async def follow_edits(workbench: Workbench) -> None:
    """Replace the hosts that an edit concerns, until this task is cancelled."""
    folders = [site.environment.framework.folder for site in workbench.sites.values()]
    shared = [workbench.paths.pages, SHARED_DB]
    watched = [folder for folder in (*folders, *shared) if folder.is_dir()]
    async for changes in awatch(*watched, debounce=DEBOUNCE_MILLISECONDS, step=20):
        changed = {Path(name) for _, name in changes}
        await replace_concerned(workbench, find_concerned(workbench, changed))


def find_concerned(workbench: Workbench, changed: Iterable[Path]) -> list[Site]:
    """Return the sites that use a changed file, the site on stage first."""
    files = list(changed)
    shared = (workbench.paths.pages, SHARED_DB)
    is_shared = any(file.is_relative_to(folder) for file in files for folder in shared)
    sites = [
        site
        for site in workbench.sites.values()
        if is_shared
        or any(file.is_relative_to(site.environment.framework.folder) for file in files)
    ]
    return sorted(sites, key=lambda site: site is not workbench.stage)


async def replace_concerned(workbench: Workbench, sites: Iterable[Site]) -> None:
    """Start new hosts; a site whose new code does not start keeps its host."""
    limit = asyncio.Semaphore(CONCURRENT_REPLACEMENTS)

    async def replace_one(site: Site) -> None:
        async with limit:
            with suppress(CookoffError):  # the site has the reason as its problem
                site.fault = ""
                await workbench.replace(site)
        workbench.broadcaster.publish("sites")

    await asyncio.gather(*(replace_one(site) for site in sites))
