"""Measure the throughput of the same site on several WSGI servers.

The part "servers" of results.json:

    {"page", "rounds", "pinned", "failed": {"framework on server": why}, "skipped": the same,
     "frameworks": {framework: {server: {"rps", "cpu_microseconds", "ratio", "low", "high"}}}}

A ratio divides requests a second by waitress's: 2 is twice as many. Without waitress's rate, ratio,
low and high are null. Each server runs in its own environment next to the framework's, with one
worker process and, where the server has threads, four threads. A server that cannot be installed on
this machine is skipped by name.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

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
    summarize_rates,
)
from bench.measure.load.pace import LoadProgress, announce_duration
from bench.measure.load.targets import Failures, Target, record_failure, validate_targets
from bench.measure.workload.entries import Entry, Testbed
from bench.measure.workload.scenarios import Page
from bench.results.schema import Servers, ServerThroughput
from bench.runtime.process import EXCLUDED_VARIABLES
from bench.stats.intervals import confidence_interval

DEFAULT_FRAMEWORKS = ("bare", "flask")  # measured on every server when no framework is named
BASELINE_SERVER = SERVERS[0].name
START_TIMEOUT_SECONDS = 30.0


def measure(testbed: Testbed, page: Page, rounds: int, progress: Progress) -> Servers:
    """Return the part; raise DependencyError without wrk, CookoffError when every server fails."""
    wrk.require_wrk()
    skipped: dict[str, str] = {}
    failed: Failures = {}
    entries = {entry.name: entry for entry in testbed.build_entries()}
    summaries = {}
    announce_duration(progress, len(SERVERS) * len(testbed.environments), rounds, SLICE_SECONDS)
    for environment in testbed.environments:
        name = environment.framework.name
        with ExitStack() as stack:
            targets = start_servers(
                environment, entries[name], page, testbed, progress, stack, skipped, failed
            )
            try:
                summaries[name] = measure_framework(name, targets, page, rounds, failed, progress)
            except CookoffError as error:  # the next framework is measured all the same
                record_failure(failed, name, str(error))
    if not summaries:
        raise CookoffError("no server handled the load; see the reasons above")
    return Servers(page.name, rounds, can_pin_cores(), failed, skipped, summaries)


def measure_framework(
    framework: str,
    targets: Mapping[str, Target],
    page: Page,
    rounds: int,
    failed: Failures,
    progress: Progress,
) -> dict[str, ServerThroughput]:
    """Return the summary of one framework by server; raise CookoffError when every server fails."""
    first = format_target_name(framework, BASELINE_SERVER)
    _, valid = validate_targets(targets, page, first, failed)
    load_progress = LoadProgress(progress, len(valid) * rounds * SLICE_SECONDS)
    slices = measure_interleaved(
        {n: targets[n] for n in valid}, page, CONNECTIONS[0], rounds, failed, load_progress
    )
    _, valid = validate_targets({n: targets[n] for n in valid}, page, first, failed)
    return summarize_servers(framework, select_slices(slices, valid))


def format_target_name(framework: str, server: str) -> str:
    """Return the name of a framework's site on a server."""
    return f"{framework} on {server}"


def start_servers(
    environment: Environment,
    entry: Entry,
    page: Page,
    testbed: Testbed,
    progress: Progress,
    stack: ExitStack,
    skipped: dict[str, str],
    failed: Failures,
) -> dict[str, Target]:
    """Return the servers that started, and record why the others did not start."""
    targets = {}
    for server in SERVERS:
        name = format_target_name(entry.name, server.name)
        progress.start_step(f"{name}: starting")
        try:
            folder = ensure_server_environment(environment, server, testbed.paths)
            process = running_server(
                server, folder, entry, page, testbed.paths.prepare_log_path(f"server-{name}")
            )
            targets[name] = stack.enter_context(process)
        except EnvironmentBuildError as error:
            reason = (
                f"not built; the build needs {server.build_requirements}"
                if server.build_requirements
                else str(error)
            )
            skipped[name] = reason.removeprefix(f"{name}: ")
        except CookoffError as error:
            record_failure(failed, name, str(error))
    return targets


@contextmanager
def running_server(
    server: Server, folder: Path, entry: Entry, page: Page, log: Path
) -> Iterator[Target]:
    """Start a server, yield it as a target, and end the server afterwards.

    Raise CookoffError when the server does not listen in time.
    """
    launch_spec, port = entry.launch_specs[page.module], find_free_port()
    inherited = {k: v for k, v in os.environ.items() if k not in EXCLUDED_VARIABLES}
    command = [part.format(port=port, environment=folder) for part in server.command]
    environ = {
        **inherited,
        "PYTHONPATH": str(ROOT),
        "COOKOFF_LAUNCH_SPEC": launch_spec.encode_message(-1).decode(),
    }
    with guarded_process(command, environ, log) as process:
        wait_until_listening(port, process, server, log)
        root = psutil.Process(process.pid)
        for child in list_server_processes(root):
            with suppress(psutil.NoSuchProcess):  # a helper process that ended in the meantime
                pin_server(child.pid)
        name, url = format_target_name(entry.name, server.name), f"http://127.0.0.1:{port}"
        yield Target(name, url, lambda: list_server_processes(root))


@contextmanager
def guarded_process(
    command: Sequence[str], environ: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command under a guard, yield the guard, and end both and all their children afterwards.

    The guard, bench/measure/load/guard.py, ends when this process ends, for whatever reason.
    """
    with open(log, "ab", opener=open_private) as errors:
        pipes = {"stdin": subprocess.PIPE, "stdout": errors, "stderr": errors}
        guard_command = [sys.executable, "-m", entrypoints.PROCESS_GUARD, *command]
        process_tree = ProcessTree(guard_command, environ, {"cwd": ROOT, **pipes})
    try:
        yield process_tree.process
    finally:
        try:
            process_tree.kill()
        finally:
            assert process_tree.process.stdin
            process_tree.process.stdin.close()


def list_server_processes(guard: psutil.Process) -> list[psutil.Process]:
    """Return the processes of a server, which are all descendants of its guard."""
    try:
        return guard.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def wait_until_listening(
    port: int, process: subprocess.Popen[bytes], server: Server, log: Path
) -> None:
    """Wait until a server accepts connections; raise CookoffError if it ends or takes too long."""
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
            return
        except OSError:
            time.sleep(0.05)
    reason = find_last_line(log.read_text(encoding="utf-8", errors="replace"))
    raise CookoffError(f"{server.name} did not start: {reason} (log: {log})")


def find_free_port() -> int:
    """Return a port that is free now, because these servers accept no listening socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def summarize_servers(framework: str, slices: SlicesByTarget) -> dict[str, ServerThroughput]:
    """Return the summary of each server, compared with waitress if waitress handled the load."""
    first = slices.get(format_target_name(framework, BASELINE_SERVER), [])
    return {
        name.removeprefix(format_target_name(framework, "")): summarize_server(of_server, first)
        for name, of_server in slices.items()
    }


def summarize_server(
    slices: Sequence[wrk.Slice], baseline: Sequence[wrk.Slice]
) -> ServerThroughput:
    """Return the medians of one server, and the ratio of the rates, unless the baseline failed."""
    rates = summarize_rates(slices)
    if not baseline:
        return ServerThroughput(**rates, ratio=None, low=None, high=None)
    ratios = [[server.rps / base.rps] for server, base in zip(slices, baseline, strict=True)]
    return ServerThroughput(**rates, **confidence_interval(ratios).as_dict())
