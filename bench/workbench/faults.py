"""Put a known fault into the site of one framework, and take it out again."""

import asyncio
from contextlib import ExitStack

from bench.conformance.mutants import Mutant, copy_project, find_mutant_files, read_mutants
from bench.core.errors import UsageError
from bench.workbench.site import Site
from bench.workbench.workbench import Workbench

SHARED_DB = "shared_db"


def list_faults(workbench: Workbench) -> dict[str, list[Mutant]]:
    """Return the declared faults of each framework of the workbench, and of shared_db."""
    files = find_mutant_files()
    names = [name for name in (*workbench.sites, SHARED_DB) if name in files]
    return {name: read_mutants(name, files[name]) for name in names}


def find_fault(workbench: Workbench, site: str, declared_in: str, fault_id: str) -> Mutant:
    """Return a fault for a site; raise UsageError."""
    if declared_in not in (site, SHARED_DB):
        raise UsageError(f"a fault of {declared_in} cannot be put into {site}")
    known = list_faults(workbench).get(declared_in, [])
    fault = next((each for each in known if each.id == fault_id), None)
    if fault is None:
        raise UsageError(f"{declared_in} has no fault {fault_id[:80]!r}")
    return fault


async def put_in(workbench: Workbench, site: Site, fault: Mutant) -> None:
    """Start a site again with a fault, in a copy of the project; raise CookoffError."""
    with ExitStack() as stack:
        copying = copy_project(share_databases=False, parent=workbench.folder)
        project = await asyncio.to_thread(stack.enter_context, copying)
        fault.apply(project)
        await workbench.replace(site, project)
        site.fault = f"{fault.site}: {fault.id}"
        assert site.live
        site.live.cleanup = stack.pop_all()  # the copy stays until the site starts again
    workbench.broadcaster.publish("sites")


async def take_out(workbench: Workbench, site: Site) -> None:
    """Start a site again without a fault; raise CookoffError."""
    await workbench.replace(site)
    site.fault = ""
    workbench.broadcaster.publish("sites")
