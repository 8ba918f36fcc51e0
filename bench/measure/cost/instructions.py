"""How many instructions of the processor does a request take, how many blocks of memory?

The part "instructions":

    {"valgrind": version, "pages": {page: {name: {"instructions": n, "spread": n,
                                                  "allocations": n, or null}}}}

Counted by Valgrind's callgrind under a fixed hash seed, without garbage collection: the smallest of
a few requests, what is left of the largest over it as spread. Allocations are the blocks asked of
Python's allocator: neither what its free lists held, nor what compiled libraries take from C's;
null where the interpreter was stripped of its names. The application is started without counting.
Counts tell a change of 1 % from none, but never name a winner: instructions differ in what they
cost. See https://valgrind.org/docs/manual/cl-manual.html and cl-format.html beside it.
"""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from bench.core.errors import CookoffError, DependencyError
from bench.core.processes import run_command
from bench.core.progress import Progress
from bench.measure.workload.entries import Entry, Testbed
from bench.measure.workload.scenarios import Page
from bench.measure.workload.worker import Worker, start_worker
from bench.results.schema import FLOOR
from bench.runtime.launch_spec import LaunchSpec

MEASURED_REQUESTS = 3
START_TIMEOUT_SECONDS = PAGE_TIMEOUT_SECONDS = 300.0  # under Valgrind all takes fifty times as long
TOOL_TIMEOUT_SECONDS = 120.0
TOTAL_PATTERN = re.compile(r"^(?:totals|summary): (\d+)", re.MULTILINE)
# A name stands beside its number the first time: "cfn=(12) malloc", "cfn=(12)".
NAME_PATTERN = re.compile(r"^c?fn=(\(\d+\)) (.+)", re.MULTILINE)
CALLS_PATTERN = re.compile(r"^cfn=(\(\d+\)).*\ncalls=(\d+) ", re.MULTILINE)
# Both of the interpreter's own kinds of memory, objects' and others', come to these two.
ALLOCATORS = ("_PyObject_Malloc", "_PyObject_Calloc")


def count_instructions(
    ground: Testbed, progress: Progress, pages: Sequence[Page]
) -> dict[str, Any]:
    """Return the part for all frameworks; raise Missing without Valgrind."""
    version = valgrind_version()
    found: dict[str, dict[str, Any]] = {page.name: {} for page in pages}
    entries = [one for one in ground.build_entries() if one.name not in (ground.control, FLOOR)]

    def one(entry: Entry) -> None:
        its = [page for page in pages if entry.serves_page(page)]
        for module in sorted({page.module for page in its}):
            mine = [page for page in its if page.module == module]
            try:
                for name, counted in measure_pages(entry.launch_specs[module], ground, mine):
                    found[name][entry.name] = counted
            except CookoffError as error:
                click.echo(f"cookoff: {error}", err=True)
            progress.start_step(f"instructions: {entry.name}, {module}: done")

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, entries))
    ordered = {page: dict(sorted(by_name.items())) for page, by_name in found.items()}
    return {"instructions": {"valgrind": version, "pages": ordered}}


def valgrind_version() -> str:
    """Return Valgrind's version; raise Missing where it, or its control, is not installed."""
    for program in ("valgrind", "callgrind_control"):
        if not shutil.which(program):
            raise DependencyError(
                f"{program} is missing; install it (Debian: apt-get install valgrind)"
            )
    done = run_valgrind_tool(["valgrind", "--version"])
    return done.stdout.strip().removeprefix("valgrind-")


def measure_pages(
    order: LaunchSpec, ground: Testbed, pages: Sequence[Page]
) -> Iterator[tuple[str, dict[str, int | None]]]:
    """Yield each page's name and what a request for it takes under one application."""
    log = ground.paths.prepare_log_path(f"callgrind-{order.name}-{order.module}")
    with wrap_in_valgrind(order) as (wrapped, folder):
        worker = start_worker(wrapped, log, START_TIMEOUT_SECONDS)
        try:
            for page in pages:
                request = page.build_request(worker)
                worker.prepare_request(page.name, request, page.status, page.marker)
            start_counting(worker)
            for page in pages:
                for file in folder.glob("out.*"):
                    file.unlink()
                worker.call(
                    "phases", PAGE_TIMEOUT_SECONDS, page=page.name, requests=MEASURED_REQUESTS
                )
                yield page.name, read_dumps(folder)
        finally:
            worker.kill()


@contextmanager
def wrap_in_valgrind(order: LaunchSpec) -> Iterator[tuple[LaunchSpec, Path]]:
    """Give the order with its interpreter under callgrind, and the folder the counts go to."""
    with tempfile.TemporaryDirectory() as name:
        folder, script = Path(name), Path(name, "python")
        command = [
            "valgrind",
            "--tool=callgrind",
            "--instr-atstart=no",
            # The worker calls getsid(2), which nothing else does, between two phases.
            "--dump-before=getsid",
            f"--callgrind-out-file={folder / 'out'}",
            str(order.python),
        ]
        script.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
        script.chmod(0o700)
        yield replace(order, python=script, environ={"PYTHONHASHSEED": "0"}), folder


def run_valgrind_tool(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run one of Valgrind's commands that end soon."""
    return run_command(command, TOOL_TIMEOUT_SECONDS, command[0], "see whether Valgrind works here")


def start_counting(worker: Worker) -> None:
    """Begin to count; raise Missing when callgrind cannot be told."""
    done = run_valgrind_tool(["callgrind_control", "-i", "on", str(worker.pid)])
    if done.returncode:
        raise DependencyError(
            f"callgrind_control failed: {done.stdout.strip()} {done.stderr.strip()}"
        )


def read_dumps(folder: Path) -> dict[str, int | None]:
    """Return what a request took, from the dumps: phase by phase, an empty one first.

    Each phase ends with a dump; the first one is of what came before all phases.
    """
    files = sorted(folder.glob("out.*"), key=lambda file: int(file.suffix[1:]))
    phases = files[1 : 2 * (MEASURED_REQUESTS + 1) : 2]  # what is between two phases is not counted
    texts = [file.read_text(encoding="utf-8") for file in phases]
    empty, *requests = (int(TOTAL_PATTERN.findall(text)[-1]) for text in texts)
    idle, *blocks = map(count_allocations, texts)
    return {
        "instructions": min(requests) - empty,
        "spread": max(requests) - min(requests),
        "allocations": min(blocks) - idle if any(blocks) else None,
    }


def count_allocations(dump: str) -> int:
    """Return how often Python's allocator was called for a block, by one dump."""
    numbers = {number for number, name in NAME_PATTERN.findall(dump) if name in ALLOCATORS}
    return sum(int(calls) for number, calls in CALLS_PATTERN.findall(dump) if number in numbers)
