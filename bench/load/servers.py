"""How much does the server matter? The part "servers".

    {"page", "rounds", "pinned", "failed": {"framework on server": why}, "skipped": the same,
     "frameworks": {framework: {server: {"rps", "cpu_microseconds", "ratio", "low", "high"}}}}

A ratio is of requests a second to waitress's: 2 is twice as many. Each server stands in an
environment of its own beside the framework, with one worker process and, where it has threads,
four of them. One that cannot be installed here is skipped by name.
"""

import os
import socket
import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil

from bench.cost.entries import Entry, Ground
from bench.cost.pages import Page
from bench.cost.progress import Progress
from bench.environments import Environment, NotBuilt
from bench.hosting import NOT_INHERITED
from bench.intervals import of_launches
from bench.load import wrk
from bench.load.closed import CONNECTIONS, Slices, in_turns, without
from bench.load.cores import pin_server, pinned
from bench.load.server_environments import SERVERS, Server, environment_with
from bench.load.targets import Target, sound
from bench.places import ROOT
from bench.troubles import Trouble, last_line

NAMES = ("bare", "flask")  # whose sites are put on every server where none is named
FIRST = SERVERS[0].name
START_SECONDS = 30.0


def measure(ground: Ground, page: Page, rounds: int, progress: Progress) -> dict[str, Any]:
    """Return the part; raise Missing without wrk."""
    wrk.require_wrk()
    skipped: dict[str, str] = {}
    failed: dict[str, str] = {}
    entries = {one.name: one for one in ground.entries()}
    found = {}
    for one in ground.environments:
        name = one.framework.name
        with ExitStack() as stack:
            targets = started(one, entries[name], page, ground, progress, stack, skipped, failed)
            progress.step(f"{name} on {len(targets)} servers")
            well, wrong = sound(targets, page, FIRST)
            slices = in_turns({s: targets[s] for s in well}, page, CONNECTIONS[0], rounds, wrong)
            failed |= {f"{name} on {server}": reason for server, reason in wrong.items()}
            found[name] = rows(without(slices, wrong))
    told = {"page": page.name, "rounds": rounds, "pinned": pinned()}
    return {**told, "failed": failed, "skipped": skipped, "frameworks": found}


def started(
    one: Environment,
    entry: Entry,
    page: Page,
    ground: Ground,
    progress: Progress,
    stack: ExitStack,
    skipped: dict[str, str],
    failed: dict[str, str],
) -> dict[str, Target]:
    """Return the servers that stand, and note why others do not."""
    targets = {}
    for server in SERVERS:
        name = f"{entry.name} on {server.name}"
        progress.step(f"{name}: starting")
        try:
            folder = environment_with(one, server, ground.places)
            process = served(server, folder, entry, page, ground.places.log(f"server-{name}"))
            targets[server.name] = stack.enter_context(process)
        except NotBuilt as error:
            needed = f"not built; it needs {server.needs}" if server.needs else str(error)
            skipped[name] = needed.removeprefix(f"{name}: ")
        except Trouble as error:
            failed[name] = str(error)
    return targets


@contextmanager
def served(server: Server, folder: Path, entry: Entry, page: Page, log: Path) -> Iterator[Target]:
    """Give a server that answers, ended afterwards; raise Trouble when it does not."""
    order, port = entry.orders[page.module], free_port()
    inherited = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED}
    command = [part.format(port=port, environment=folder) for part in server.command]
    with log.open("ab") as errors:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**inherited, "PYTHONPATH": str(ROOT), "COOKOFF_ORDER": order.line(-1).decode()},
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            start_new_session=True,
        )
    root = psutil.Process(process.pid)
    try:
        wait_for(port, process, server, log)
        for one in family(root):
            pin_server(one.pid)
        yield Target(server.name, f"http://127.0.0.1:{port}", lambda: family(root))
    finally:
        for one in family(root):
            one.kill()
        process.wait()


def family(root: psutil.Process) -> list[psutil.Process]:
    """Return a process and all that came of it."""
    try:
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def wait_for(port: int, process: subprocess.Popen[bytes], server: Server, log: Path) -> None:
    """Wait until a server answers; raise Trouble when it ends, or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
            return
        except OSError:
            time.sleep(0.05)
    said = last_line(log.read_text(encoding="utf-8", errors="replace"))
    raise Trouble(f"{server.name} did not start: {said} (log: {log})")


def free_port() -> int:
    """Return a port that was free just now; these servers take no socket that listens already."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def rows(slices: Slices) -> Mapping[str, Any]:
    """Return what each server did, as against waitress."""
    return {
        server: {
            "rps": round(statistics.median(one.rps for one in taken), 1),
            "cpu_microseconds": round(statistics.median(one.cpu_microseconds for one in taken), 1),
            **of_launches(
                [[mine.rps / first.rps] for mine, first in zip(taken, slices[FIRST], strict=True)]
            ).as_dict(),
        }
        for server, taken in slices.items()
    }
