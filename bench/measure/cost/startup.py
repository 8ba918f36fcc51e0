"""Measure the start and the memory of each framework: the part "startup".

    {name: {"import_seconds", "create_seconds",     in the process, medians over the runs
    "first_reply_seconds",                  from the start of the process to a valid reply
    "runs", "first_reply_spread",           largest over smallest first reply
    "rss_mib",                              after the first request
    "rss_mib_after", "requests",            after so many requests
    "memory_grows",                         memory grew in the second half of them, too
    "blocks_per_request"}}                  blocks that each request of the second half leaves

A quick run starts as many frameworks at once as there are cores; a full run starts one framework at
a time.
"""

import itertools
import os
import random
import socket
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from msgspec.structs import asdict

from bench.core.errors import CookoffError, collapse_whitespace
from bench.core.hints import print_error
from bench.core.progress import Progress
from bench.measure.workload.entries import Entry, Testbed
from bench.measure.workload.scenarios import PAGES, SITE
from bench.measure.workload.worker import START_TIMEOUT_SECONDS, Worker, WorkerError, start_worker
from bench.results.schema import Ratio, Results, Startup, VersionStart
from bench.results.views import MIN_GROWTH_BLOCKS, MIN_GROWTH_BYTES
from bench.runtime.host import Host, listen
from bench.stats.pairwise import compare_launches

MIB = 2**20
MEDIAN_KEYS = (
    "import_seconds", "create_seconds", "first_reply_seconds", "rss_mib", "rss_mib_after",
    "blocks_per_request",
)  # fmt: skip
REPEAT_TIMEOUT_SECONDS = 300.0
MENU_PAGE = next(page for page in PAGES if page.name == "menu")


@dataclass(frozen=True)
class StartupPlan:
    """The number of starts, and the number of requests between two readings of the memory."""

    runs: int
    requests: int
    parallel: int = 1  # frameworks that start at once, each on a core


QUICK_PLAN = StartupPlan(runs=1, requests=200, parallel=os.cpu_count() or 1)
FULL_PLAN = StartupPlan(runs=9, requests=10_000)


def measure_startup(testbed: Testbed, plan: StartupPlan, progress: Progress) -> Results:
    """Return the part for every framework that starts; print the error of each other framework."""
    names = [environment.framework.name for environment in testbed.environments]
    entries = [entry for entry in testbed.build_entries() if entry.name in names]

    def measure_one(number: int, entry: Entry) -> dict[str, Startup]:
        progress.start_step(f"start and memory: {entry.name}", f"{number} of {len(entries)}")
        try:
            return {entry.name: measure_entry(testbed, entry, plan)}
        except CookoffError as error:
            print_error(error)
            return {}

    with ThreadPoolExecutor(plan.parallel) as pool:
        results = list(pool.map(measure_one, itertools.count(1), entries))
    return Results(startup={name: start for result in results for name, start in result.items()})


def measure_entry(testbed: Testbed, entry: Entry, plan: StartupPlan) -> Startup:
    """Return the start times and the memory of one framework."""
    log = testbed.paths.prepare_log_path(f"start-{entry.name}")
    first_replies = [measure_first_reply(entry, testbed) for _ in range(plan.runs)]
    start_times: list[dict[str, float]] = []
    memory: dict[str, Any] = {}
    for _ in range(plan.runs):
        worker = start_worker(entry.launch_specs[SITE], log)
        try:
            start_times.append(worker.call("start"))
            if len(start_times) == plan.runs:
                memory = measure_memory(worker, plan.requests)
        finally:
            worker.kill()
    return Startup(
        import_seconds=round(median_of_key(start_times, "import_seconds"), 4),
        create_seconds=round(median_of_key(start_times, "create_seconds"), 4),
        first_reply_seconds=round(statistics.median(first_replies), 4),
        runs=plan.runs,
        first_reply_spread=round(max(first_replies) / min(first_replies), 3),
        **memory,
    )


def measure_rounds(
    testbed: Testbed, rounds: int, requests: int, progress: Progress
) -> dict[str, VersionStart]:
    """Return start and memory of versions of a framework, in the testbed's order.

    In each round each version starts once, in random order. The ratios are those of a version to
    the one before it, with intervals over the rounds. A version that fails once is left out.
    """
    names = [environment.framework.name for environment in testbed.environments]
    entries = {entry.name: entry for entry in testbed.build_entries() if entry.name in names}
    starts: dict[str, list[Startup]] = {name: [] for name in names}
    order, plan = random.Random(rounds), StartupPlan(runs=1, requests=requests)
    for number in range(rounds):
        progress.start_step(f"start and memory: round {number + 1} of {rounds}")
        for name in order.sample(names, len(names)):
            if len(starts[name]) == number:
                try:
                    starts[name].append(measure_entry(testbed, entries[name], plan))
                except CookoffError as error:
                    print_error(error)
    complete = [name for name in names if len(starts[name]) == rounds]
    return {
        name: summarize_rounds(starts[name], starts[before] if before else None)
        for before, name in zip(["", *complete], complete, strict=False)
    }


def summarize_rounds(starts: Sequence[Startup], before: Sequence[Startup] | None) -> VersionStart:
    """Return the medians over rounds, and the ratios to the version before if there is one."""
    first_replies = [start.first_reply_seconds for start in starts]
    middle = {
        key: round(statistics.median(getattr(start, key) for start in starts), 4)
        for key in MEDIAN_KEYS
    }
    last = asdict(starts[-1]) | middle
    last |= {"runs": len(starts)}
    last |= {"first_reply_spread": round(max(first_replies) / min(first_replies), 3)}
    return VersionStart(
        **last,
        start_ratio=compare_rounds(starts, before, "first_reply_seconds"),
        memory_ratio=compare_rounds(starts, before, "rss_mib_after"),
    )


def compare_rounds(
    starts: Sequence[Startup], before: Sequence[Startup] | None, key: str
) -> Ratio | None:
    """Return the ratio of a figure to that of the version before, paired within each round."""
    if before is None:
        return None
    times, reference = ([[getattr(start, key)] for start in each] for each in (starts, before))
    return Ratio(**compare_launches(times, reference).as_dict())


def median_of_key(rows: Sequence[dict[str, float]], key: str) -> float:
    """Return the median of the values under a key."""
    return statistics.median(row[key] for row in rows)


def measure_memory(worker: Worker, requests: int) -> dict[str, Any]:
    """Return the memory after the first request, and after so many requests."""
    worker.prepare_request(MENU_PAGE.name, MENU_PAGE.build_request(worker))
    second_half = requests - requests // 2
    first, half, end = (
        worker.call("repeat", REPEAT_TIMEOUT_SECONDS, page=MENU_PAGE.name, count=count)
        for count in (1, requests // 2, second_half)
    )
    growth_bytes = end["rss_bytes"] - half["rss_bytes"]
    growth_blocks = (end["blocks"] - half["blocks"]) / second_half
    return {
        "rss_mib": round(first["rss_bytes"] / MIB, 1),
        "rss_mib_after": round(end["rss_bytes"] / MIB, 1),
        "requests": requests,
        "memory_grows": growth_bytes > MIN_GROWTH_BYTES or growth_blocks > MIN_GROWTH_BLOCKS,
        "blocks_per_request": round(growth_blocks, 2),
    }


def measure_first_reply(entry: Entry, testbed: Testbed) -> float:
    """Return the seconds from the start of a host to its first valid reply over HTTP."""
    log = testbed.paths.prepare_log_path(f"start-{entry.name}")
    start = time.perf_counter()
    # The request waits in the kernel's queue until the application is ready.
    with (
        listen() as listener,
        socket.create_connection(listener.getsockname(), START_TIMEOUT_SECONDS) as client,
    ):
        host = Host(entry.launch_specs[SITE], listener, log)
        try:
            client.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            head = client.recv(65536)
            seconds = time.perf_counter() - start
        except OSError as error:
            raise WorkerError(
                f"{entry.name}: no first reply: {collapse_whitespace(error)} (log: {log})"
            ) from error
        finally:
            host.kill()
    if b" 200 " not in head.partition(b"\r\n")[0]:
        raise WorkerError(f"{entry.name}: the status of the first reply was not 200 (log: {log})")
    return seconds
