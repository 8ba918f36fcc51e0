"""What does a framework take before and beside its requests? The part "starts".

{name: {"import_seconds", "create_seconds",     in the process, medians over the runs
"first_reply_seconds",                  from the start of the process to a right reply
"runs", "spread",                       largest over smallest first reply
"rss_mib",                              after the first request
"rss_mib_after", "requests",            after so many requests
"still_grows",                          the second half of them took memory, too
"blocks_a_request"}}                    blocks kept for each request of the second half

Quickly, as many frameworks start at once as there are cores; in full, one alone.
"""

import itertools
import os
import socket
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import click

from bench.core.errors import CookoffError, collapse_whitespace
from bench.core.progress import Progress
from bench.measure.workload.entries import Entry, Testbed
from bench.measure.workload.scenarios import PAGES, SITE
from bench.measure.workload.worker import START_TIMEOUT_SECONDS, Worker, WorkerError, start_worker
from bench.results.views import MIN_GROWTH_BLOCKS, MIN_GROWTH_BYTES
from bench.runtime.host import Host, listen

MIB = 2**20
REPEAT_TIMEOUT_SECONDS = 300.0
MENU_PAGE = next(page for page in PAGES if page.name == "menu")


@dataclass(frozen=True)
class StartupPlan:
    """How often to start, and how many requests to answer before memory is looked at again."""

    runs: int
    requests: int
    parallel: int = 1  # frameworks, of which each has a core


QUICK_PLAN = StartupPlan(runs=1, requests=200, parallel=os.cpu_count() or 1)
FULL_PLAN = StartupPlan(runs=9, requests=10_000)


def measure_startup(ground: Testbed, starts: StartupPlan, progress: Progress) -> dict[str, Any]:
    """Return the part for every framework that starts; say of the others why not."""
    frameworks = [one.framework.name for one in ground.environments]
    entries = [one for one in ground.build_entries() if one.name in frameworks]

    def found_of(number: int, entry: Entry) -> dict[str, Any]:
        progress.start_step(f"start and memory: {entry.name}", f"{number} of {len(entries)}")
        try:
            return {entry.name: measure_entry(ground, entry, starts)}
        except CookoffError as error:
            click.echo(f"cookoff: {error}", err=True)
            return {}

    with ThreadPoolExecutor(starts.parallel) as pool:
        found = list(pool.map(found_of, itertools.count(1), entries))
    return {"starts": {name: told for each in found for name, told in each.items()}}


def measure_entry(ground: Testbed, entry: Entry, starts: StartupPlan) -> dict[str, Any]:
    """Return what one framework takes."""
    log = ground.paths.prepare_log_path(f"start-{entry.name}")
    firsts = [measure_first_reply(entry, ground) for _ in range(starts.runs)]
    inside: list[dict[str, float]] = []
    for _ in range(starts.runs):
        worker = start_worker(entry.launch_specs[SITE], log)
        try:
            inside.append(worker.call("start"))
            last = measure_memory(worker, starts.requests) if len(inside) == starts.runs else {}
        finally:
            worker.kill()
    return {
        "import_seconds": round(median_of_key(inside, "import_seconds"), 4),
        "create_seconds": round(median_of_key(inside, "create_seconds"), 4),
        "first_reply_seconds": round(statistics.median(firsts), 4),
        "runs": starts.runs,
        "spread": round(max(firsts) / min(firsts), 3),
        **last,
    }


def median_of_key(found: Sequence[dict[str, float]], key: str) -> float:
    """Return the median of one of the values."""
    return statistics.median(one[key] for one in found)


def measure_memory(worker: Worker, requests: int) -> dict[str, Any]:
    """Return the memory after the first request, and after so many."""
    worker.prepare_request(MENU_PAGE.name, MENU_PAGE.build_request(worker))
    second = requests - requests // 2
    at_first, half, end = (
        worker.call("repeat", REPEAT_TIMEOUT_SECONDS, page=MENU_PAGE.name, count=count)
        for count in (1, requests // 2, second)
    )
    more_bytes = end["rss_bytes"] - half["rss_bytes"]
    kept = (end["blocks"] - half["blocks"]) / second
    return {
        "rss_mib": round(at_first["rss_bytes"] / MIB, 1),
        "rss_mib_after": round(end["rss_bytes"] / MIB, 1),
        "requests": requests,
        "still_grows": more_bytes > MIN_GROWTH_BYTES or kept > MIN_GROWTH_BLOCKS,
        "blocks_a_request": round(kept, 2),
    }


def measure_first_reply(entry: Entry, ground: Testbed) -> float:
    """Return the seconds from the start of a host to its first right reply over HTTP."""
    log = ground.paths.prepare_log_path(f"start-{entry.name}")
    began = time.perf_counter()
    # The request waits in the kernel's queue until the application is ready.
    with (
        listen() as listener,
        socket.create_connection(listener.getsockname(), START_TIMEOUT_SECONDS) as client,
    ):
        host = Host(entry.launch_specs[SITE], listener, log)
        try:
            client.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            head = client.recv(65536)
            seconds = time.perf_counter() - began
        except OSError as error:
            raise WorkerError(
                f"{entry.name}: no first reply: {collapse_whitespace(error)} (log: {log})"
            ) from error
        finally:
            host.kill()
    if b" 200 " not in head.partition(b"\r\n")[0]:
        raise WorkerError(f"{entry.name}: the first reply was not a right one (log: {log})")
    return seconds
