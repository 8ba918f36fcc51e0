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

from bench.core.errors import Trouble, one_line
from bench.core.progress import Progress
from bench.measure.workload.entries import Entry, Ground
from bench.measure.workload.scenarios import PAGES, SITE
from bench.measure.workload.worker import START_SECONDS, Broken, Worker, start
from bench.results.views import GROWS_BLOCKS, GROWS_BYTES
from bench.runtime.host import Host, listen

MIB = 2**20
REPEAT_SECONDS = 300.0
MENU = next(page for page in PAGES if page.name == "menu")


@dataclass(frozen=True)
class Starts:
    """How often to start, and how many requests to answer before memory is looked at again."""

    runs: int
    requests: int
    at_once: int = 1  # frameworks, of which each has a core


QUICK = Starts(runs=1, requests=200, at_once=os.cpu_count() or 1)
FULL = Starts(runs=9, requests=10_000)


def measure(ground: Ground, starts: Starts, progress: Progress) -> dict[str, Any]:
    """Return the part for every framework that starts; say of the others why not."""
    frameworks = [one.framework.name for one in ground.environments]
    entries = [one for one in ground.entries() if one.name in frameworks]

    def found_of(number: int, entry: Entry) -> dict[str, Any]:
        progress.step(f"start and memory: {entry.name}", f"{number} of {len(entries)}")
        try:
            return {entry.name: one(ground, entry, starts)}
        except Trouble as error:
            click.echo(f"cookoff: {error}", err=True)
            return {}

    with ThreadPoolExecutor(starts.at_once) as pool:
        found = list(pool.map(found_of, itertools.count(1), entries))
    return {"starts": {name: told for each in found for name, told in each.items()}}


def one(ground: Ground, entry: Entry, starts: Starts) -> dict[str, Any]:
    """Return what one framework takes."""
    log = ground.places.log(f"start-{entry.name}")
    firsts = [first_reply_seconds(entry, ground) for _ in range(starts.runs)]
    inside: list[dict[str, float]] = []
    for _ in range(starts.runs):
        worker = start(entry.orders[SITE], log)
        try:
            inside.append(worker.ask("start"))
            last = memory(worker, starts.requests) if len(inside) == starts.runs else {}
        finally:
            worker.kill()
    return {
        "import_seconds": round(middle(inside, "import_seconds"), 4),
        "create_seconds": round(middle(inside, "create_seconds"), 4),
        "first_reply_seconds": round(statistics.median(firsts), 4),
        "runs": starts.runs,
        "spread": round(max(firsts) / min(firsts), 3),
        **last,
    }


def middle(found: Sequence[dict[str, float]], key: str) -> float:
    """Return the median of one of the values."""
    return statistics.median(one[key] for one in found)


def memory(worker: Worker, requests: int) -> dict[str, Any]:
    """Return the memory after the first request, and after so many."""
    worker.keep(MENU.name, MENU.request_for(worker))
    second = requests - requests // 2
    at_first, half, end = (
        worker.ask("repeat", REPEAT_SECONDS, page=MENU.name, count=count)
        for count in (1, requests // 2, second)
    )
    more_bytes = end["rss_bytes"] - half["rss_bytes"]
    kept = (end["blocks"] - half["blocks"]) / second
    return {
        "rss_mib": round(at_first["rss_bytes"] / MIB, 1),
        "rss_mib_after": round(end["rss_bytes"] / MIB, 1),
        "requests": requests,
        "still_grows": more_bytes > GROWS_BYTES or kept > GROWS_BLOCKS,
        "blocks_a_request": round(kept, 2),
    }


def first_reply_seconds(entry: Entry, ground: Ground) -> float:
    """Return the seconds from the start of a host to its first right reply over HTTP."""
    log = ground.places.log(f"start-{entry.name}")
    began = time.perf_counter()
    # The request waits in the kernel's queue until the application is ready.
    with (
        listen() as listener,
        socket.create_connection(listener.getsockname(), START_SECONDS) as client,
    ):
        host = Host(entry.orders[SITE], listener, log)
        try:
            client.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            head = client.recv(65536)
            seconds = time.perf_counter() - began
        except OSError as error:
            raise Broken(f"{entry.name}: no first reply: {one_line(error)} (log: {log})") from error
        finally:
            host.kill()
    if b" 200 " not in head.partition(b"\r\n")[0]:
        raise Broken(f"{entry.name}: the first reply was not a right one (log: {log})")
    return seconds
