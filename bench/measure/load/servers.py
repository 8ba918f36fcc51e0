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
from bench.core.cpu_affinity import can_pin_cores, pin_server
from bench.core.errors import CookoffError, find_last_line
from bench.core.paths import ROOT
from bench.core.private_files import open_private
from bench.core.processes import ProcessTree
from bench.core.progress import Progress
from bench.frameworks.environments import Environment, EnvironmentBuildError
from bench.frameworks.server_environments import SERVERS, Server, ensure_server_environment
from bench.measure.load import wrk
from bench.measure.load.closed_loop import (
    CONNECTIONS,
    SLICE_SECONDS,
    SlicesByTarget,
    measure_interleaved,
    select_slices,
)
from bench.measure.load.pace import LoadProgress, announce_duration
from bench.measure.load.targets import Failures, Target, record_failure, validate_targets
from bench.measure.workload.entries import Entry, Testbed
from bench.measure.workload.scenarios import Page
from bench.runtime.process import EXCLUDED_VARIABLES
from bench.stats.intervals import confidence_interval

DEFAULT_FRAMEWORKS = ("bare", "flask")  # whose sites are put on every server where none is named
BASELINE_SERVER = SERVERS[0].name
START_TIMEOUT_SECONDS = 30.0


def measure(ground: Testbed, page: Page, rounds: int, progress: Progress) -> dict[str, Any]:
    """Return the part; raise Missing without wrk, Trouble where no server bears the load."""
    wrk.require_wrk()
    skipped: dict[str, str] = {}
    failed: Failures = {}
    entries = {one.name: one for one in ground.build_entries()}
    found = {}
    announce_duration(progress, len(SERVERS) * len(ground.environments), rounds, SLICE_SECONDS)
    for one in ground.environments:
        name = one.framework.name
        with ExitStack() as stack:
            targets = start_servers(
                one, entries[name], page, ground, progress, stack, skipped, failed
            )
            try:
                found[name] = measure_framework(name, targets, page, rounds, failed, progress)
            except CookoffError as error:  # the other frameworks go on
                record_failure(failed, name, str(error))
    if not found:
        raise CookoffError("no server bore the load; the reasons stand above")
    told = {"page": page.name, "rounds": rounds, "pinned": can_pin_cores()}
    return {**told, "failed": failed, "skipped": skipped, "frameworks": found}


def measure_framework(
    framework: str,
    targets: Mapping[str, Target],
    page: Page,
    rounds: int,
    failed: Failures,
    progress: Progress,
) -> dict[str, Any]:
    """Return what each server of one framework did; raise Trouble where none bears the load."""
    first = format_target_name(framework, BASELINE_SERVER)
    _, well = validate_targets(targets, page, first, failed)
    pace = LoadProgress(progress, len(well) * rounds * SLICE_SECONDS)
    slices = measure_interleaved(
        {n: targets[n] for n in well}, page, CONNECTIONS[0], rounds, failed, pace
    )
    _, well = validate_targets({n: targets[n] for n in well}, page, first, failed)
    return summarize_servers(framework, select_slices(slices, well))


def format_target_name(framework: str, server: str) -> str:
    """Return the name of a framework's site on a server."""
    return f"{framework} on {server}"


def start_servers(
    one: Environment,
    entry: Entry,
    page: Page,
    ground: Testbed,
    progress: Progress,
    stack: ExitStack,
    skipped: dict[str, str],
    failed: Failures,
) -> dict[str, Target]:
    """Return the servers that stand, and note why others do not."""
    targets = {}
    for server in SERVERS:
        name = format_target_name(entry.name, server.name)
        progress.start_step(f"{name}: starting")
        try:
            folder = ensure_server_environment(one, server, ground.paths)
            process = running_server(
                server, folder, entry, page, ground.paths.prepare_log_path(f"server-{name}")
            )
            targets[name] = stack.enter_context(process)
        except EnvironmentBuildError as error:
            needed = (
                f"not built; it needs {server.build_requirements}"
                if server.build_requirements
                else str(error)
            )
            skipped[name] = needed.removeprefix(f"{name}: ")
        except CookoffError as error:
            record_failure(failed, name, str(error))
    return targets


@contextmanager
def running_server(
    server: Server, folder: Path, entry: Entry, page: Page, log: Path
) -> Iterator[Target]:
    """Give a server that answers, ended afterwards; raise Trouble when it does not."""
    order, port = entry.launch_specs[page.module], find_free_port()
    inherited = {k: v for k, v in os.environ.items() if k not in EXCLUDED_VARIABLES}
    command = [part.format(port=port, environment=folder) for part in server.command]
    environ = {
        **inherited,
        "PYTHONPATH": str(ROOT),
        "COOKOFF_LAUNCH_SPEC": order.encode_message(-1).decode(),
    }
    with guarded_process(command, environ, log) as process:
        wait_until_listening(port, process, server, log)
        root = psutil.Process(process.pid)
        for one in list_server_processes(root):
            with suppress(psutil.NoSuchProcess):  # a helper that has ended meanwhile
                pin_server(one.pid)
        name, url = format_target_name(entry.name, server.name), f"http://127.0.0.1:{port}"
        yield Target(name, url, lambda: list_server_processes(root))


@contextmanager
def guarded_process(
    command: Sequence[str], environ: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Give a guard under which a command runs; the command and all that came of it end with it.

    The guard, bench/measure/load/guard.py, ends when this process does, however that ends.
    """
    with open(log, "ab", opener=open_private) as errors:
        pipes = {"stdin": subprocess.PIPE, "stdout": errors, "stderr": errors}
        line = [sys.executable, "-m", entrypoints.PROCESS_GUARD, *command]
        family = ProcessTree(line, environ, {"cwd": ROOT, **pipes})
    try:
        yield family.process
    finally:
        try:
            family.kill()
        finally:
            assert family.process.stdin
            family.process.stdin.close()


def list_server_processes(guard: psutil.Process) -> list[psutil.Process]:
    """Return the processes of a server: all that came of its guard."""
    try:
        return guard.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def wait_until_listening(
    port: int, process: subprocess.Popen[bytes], server: Server, log: Path
) -> None:
    """Wait until a server answers; raise Trouble when it ends, or takes too long."""
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
            return
        except OSError:
            time.sleep(0.05)
    said = find_last_line(log.read_text(encoding="utf-8", errors="replace"))
    raise CookoffError(f"{server.name} did not start: {said} (log: {log})")


def find_free_port() -> int:
    """Return a port that was free just now; these servers take no socket that listens already."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def summarize_servers(framework: str, slices: SlicesByTarget) -> dict[str, Any]:
    """Return what each server did, as against waitress where that bore the load."""
    first = slices.get(format_target_name(framework, BASELINE_SERVER), [])
    return {
        name.removeprefix(format_target_name(framework, "")): {
            "rps": round(statistics.median(one.rps for one in taken), 1),
            "cpu_microseconds": round(statistics.median(one.cpu_microseconds for one in taken), 1),
            **compute_ratio(first, taken),
        }
        for name, taken in slices.items()
    }


def compute_ratio(
    first: Sequence[wrk.Slice], taken: Sequence[wrk.Slice]
) -> Mapping[str, float | None]:
    """Return the ratio of the rates with its interval, of None where there is no first server."""
    if not first:
        return dict.fromkeys(("ratio", "low", "high"))
    ratios = [[mine.rps / other.rps] for mine, other in zip(taken, first, strict=True)]
    return confidence_interval(ratios).as_dict()
