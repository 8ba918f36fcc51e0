"""How much does the server matter? The part "servers".

    {"page", "rounds", "pinned", "failed": {"framework on server": why}, "skipped": the same,
     "frameworks": {framework: {server: {"rps", "cpu_microseconds", "ratio", "low", "high"}}}}

A ratio is of requests a second to waitress's: 2 is twice as many; without waitress's rate, ratio,
low and high are null. Each server stands in an
environment of its own beside the framework, with one worker process and, where it has threads,
four of them. One that cannot be installed here is skipped by name.
"""

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from bench.core import entrypoints
from bench.core.cpu_affinity import pin_server, pinned
from bench.core.errors import Trouble, last_line
from bench.core.paths import ROOT
from bench.core.private_files import opener
from bench.core.processes import Family
from bench.core.progress import Progress
from bench.frameworks.environments import Environment, NotBuilt
from bench.frameworks.server_environments import SERVERS, Server, environment_with
from bench.measure.load import wrk
from bench.measure.load.closed_loop import CONNECTIONS, SLICE_SECONDS, Slices, in_turns, only
from bench.measure.load.pace import Pace, announce
from bench.measure.load.targets import Failed, Target, fail, sound
from bench.measure.workload.entries import Entry, Ground
from bench.measure.workload.scenarios import Page
from bench.runtime.process import NOT_INHERITED
from bench.stats.intervals import of_launches

NAMES = ("bare", "flask")  # whose sites are put on every server where none is named
FIRST = SERVERS[0].name
START_SECONDS = 30.0


def measure(ground: Ground, page: Page, rounds: int, progress: Progress) -> dict[str, Any]:
    """Return the part; raise Missing without wrk, Trouble where no server bears the load."""
    wrk.require_wrk()
    skipped: dict[str, str] = {}
    failed: Failed = {}
    entries = {one.name: one for one in ground.entries()}
    found = {}
    announce(progress, len(SERVERS) * len(ground.environments), rounds, SLICE_SECONDS)
    for one in ground.environments:
        name = one.framework.name
        with ExitStack() as stack:
            targets = started(one, entries[name], page, ground, progress, stack, skipped, failed)
            try:
                found[name] = under_load(name, targets, page, rounds, failed, progress)
            except Trouble as error:  # the other frameworks go on
                fail(failed, name, str(error))
    if not found:
        raise Trouble("no server bore the load; the reasons stand above")
    told = {"page": page.name, "rounds": rounds, "pinned": pinned()}
    return {**told, "failed": failed, "skipped": skipped, "frameworks": found}


def under_load(
    framework: str,
    targets: Mapping[str, Target],
    page: Page,
    rounds: int,
    failed: Failed,
    progress: Progress,
) -> dict[str, Any]:
    """Return what each server of one framework did; raise Trouble where none bears the load."""
    first = on(framework, FIRST)
    _, well = sound(targets, page, first, failed)
    pace = Pace(progress, len(well) * rounds * SLICE_SECONDS)
    slices = in_turns({n: targets[n] for n in well}, page, CONNECTIONS[0], rounds, failed, pace)
    _, well = sound({n: targets[n] for n in well}, page, first, failed)
    return rows(framework, only(slices, well))


def on(framework: str, server: str) -> str:
    """Return the name of a framework's site on a server."""
    return f"{framework} on {server}"


def started(
    one: Environment,
    entry: Entry,
    page: Page,
    ground: Ground,
    progress: Progress,
    stack: ExitStack,
    skipped: dict[str, str],
    failed: Failed,
) -> dict[str, Target]:
    """Return the servers that stand, and note why others do not."""
    targets = {}
    for server in SERVERS:
        name = on(entry.name, server.name)
        progress.step(f"{name}: starting")
        try:
            folder = environment_with(one, server, ground.places)
            process = served(server, folder, entry, page, ground.places.log(f"server-{name}"))
            targets[name] = stack.enter_context(process)
        except NotBuilt as error:
            needed = f"not built; it needs {server.needs}" if server.needs else str(error)
            skipped[name] = needed.removeprefix(f"{name}: ")
        except Trouble as error:
            fail(failed, name, str(error))
    return targets


@contextmanager
def served(server: Server, folder: Path, entry: Entry, page: Page, log: Path) -> Iterator[Target]:
    """Give a server that answers, ended afterwards; raise Trouble when it does not."""
    order, port = entry.orders[page.module], free_port()
    inherited = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED}
    command = [part.format(port=port, environment=folder) for part in server.command]
    environ = {**inherited, "PYTHONPATH": str(ROOT), "COOKOFF_ORDER": order.line(-1).decode()}
    with guarded(command, environ, log) as process:
        wait_for(port, process, server, log)
        root = psutil.Process(process.pid)
        for one in servers_of(root):
            with suppress(psutil.NoSuchProcess):  # a helper that has ended meanwhile
                pin_server(one.pid)
        name, url = on(entry.name, server.name), f"http://127.0.0.1:{port}"
        yield Target(name, url, lambda: servers_of(root))


@contextmanager
def guarded(
    command: Sequence[str], environ: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Give a guard under which a command runs; the command and all that came of it end with it.

    The guard, bench/measure/load/guard.py, ends when this process does, however that ends.
    """
    with open(log, "ab", opener=opener) as errors:
        pipes = {"stdin": subprocess.PIPE, "stdout": errors, "stderr": errors}
        line = [sys.executable, "-m", entrypoints.PROCESS_GUARD, *command]
        family = Family(line, environ, {"cwd": ROOT, **pipes})
    try:
        yield family.process
    finally:
        try:
            family.end()
        finally:
            assert family.process.stdin
            family.process.stdin.close()


def servers_of(guard: psutil.Process) -> list[psutil.Process]:
    """Return the processes of a server: all that came of its guard."""
    try:
        return guard.children(recursive=True)
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


def rows(framework: str, slices: Slices) -> dict[str, Any]:
    """Return what each server did, as against waitress where that bore the load."""
    first = slices.get(on(framework, FIRST), [])
    return {
        name.removeprefix(on(framework, "")): {
            "rps": round(statistics.median(one.rps for one in taken), 1),
            "cpu_microseconds": round(statistics.median(one.cpu_microseconds for one in taken), 1),
            **ratio_to(first, taken),
        }
        for name, taken in slices.items()
    }


def ratio_to(first: Sequence[wrk.Slice], taken: Sequence[wrk.Slice]) -> Mapping[str, float | None]:
    """Return the ratio of the rates with its interval, of None where there is no first server."""
    if not first:
        return dict.fromkeys(("ratio", "low", "high"))
    ratios = [[mine.rps / other.rps] for mine, other in zip(taken, first, strict=True)]
    return of_launches(ratios).as_dict()
