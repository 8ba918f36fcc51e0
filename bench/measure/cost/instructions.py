"""Count the processor instructions and the memory allocations of a request.

The part "instructions":

    {"valgrind_version", "pages": {page: {name: {"instructions": n, "spread": n,
                                                 "allocations": n, or null}}}}

Valgrind's callgrind counts under a fixed hash seed, without garbage collection and without the
start of the application. "instructions" is the smallest count of a few requests, "spread" the
difference between the largest and the smallest. "allocations" are the calls of Python's allocator:
blocks from its free lists and blocks that compiled libraries get from the C library do not count.
"allocations" is null when the interpreter has no symbol names.
The counts show a change of 1 %. They never name a faster framework, because instructions differ in
what they cost. See https://valgrind.org/docs/manual/cl-manual.html and cl-format.html beside it.
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

from bench.core.errors import CookoffError, DependencyError, collapse_whitespace
from bench.core.hints import print_error
from bench.core.processes import run_command
from bench.core.progress import Progress
from bench.measure.cost.call_counts import sort_by_name
from bench.measure.workload.entries import Entry, Testbed
from bench.measure.workload.scenarios import Page
from bench.measure.workload.worker import Worker, start_worker
from bench.results.schema import FLOOR, InstructionCount, Instructions, Results
from bench.runtime.launch_spec import LaunchSpec

MEASURED_REQUESTS = 3
START_TIMEOUT_SECONDS = PAGE_TIMEOUT_SECONDS = 300.0  # Valgrind slows down 50 times
TOOL_TIMEOUT_SECONDS = 120.0
TOTAL_PATTERN = re.compile(r"^(?:totals|summary): (\d+)", re.MULTILINE)
# Only the first use of a number has the name, too: "cfn=(12) malloc", then "cfn=(12)".
NAME_PATTERN = re.compile(r"^c?fn=(\(\d+\)) (.+)", re.MULTILINE)
CALLS_PATTERN = re.compile(r"^cfn=(\(\d+\)).*\ncalls=(\d+) ", re.MULTILINE)
# The interpreter allocates memory for objects, and other memory, with these two functions.
ALLOCATORS = ("_PyObject_Malloc", "_PyObject_Calloc")


def count_instructions(testbed: Testbed, progress: Progress, pages: Sequence[Page]) -> Results:
    """Return the part for all frameworks; raise DependencyError without Valgrind."""
    version = valgrind_version()
    counts: dict[str, dict[str, InstructionCount]] = {page.name: {} for page in pages}
    excluded = (testbed.control, FLOOR)
    entries = [entry for entry in testbed.build_entries() if entry.name not in excluded]

    def count_entry(entry: Entry) -> None:
        entry_pages = [page for page in pages if entry.serves_page(page)]
        for module in sorted({page.module for page in entry_pages}):
            module_pages = [page for page in entry_pages if page.module == module]
            try:
                launch_spec = entry.launch_specs[module]
                for name, page_counts in measure_pages(launch_spec, testbed, module_pages):
                    counts[name][entry.name] = page_counts
            except CookoffError as error:
                print_error(error)
            progress.start_step(f"instructions: {entry.name}, {module}: done")

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(count_entry, entries))
    return Results(instructions=Instructions(version, sort_by_name(counts)))


def valgrind_version() -> str:
    """Return Valgrind's version; raise DependencyError when one of its programs is missing."""
    for program in ("valgrind", "callgrind_control"):
        if not shutil.which(program):
            raise DependencyError(
                f"{program} is missing; install it (Debian: apt-get install valgrind)"
            )
    completed = run_valgrind_tool(["valgrind", "--version"])
    return completed.stdout.strip().removeprefix("valgrind-")


def measure_pages(
    launch_spec: LaunchSpec, testbed: Testbed, pages: Sequence[Page]
) -> Iterator[tuple[str, InstructionCount]]:
    """Yield each page's name with the counts of a request to one application."""
    log = testbed.paths.prepare_log_path(f"callgrind-{launch_spec.name}-{launch_spec.module}")
    with wrap_in_valgrind(launch_spec) as (wrapped, folder):
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
def wrap_in_valgrind(launch_spec: LaunchSpec) -> Iterator[tuple[LaunchSpec, Path]]:
    """Yield a launch spec that runs the interpreter under callgrind, and the folder of dumps."""
    with tempfile.TemporaryDirectory() as name:
        folder, script = Path(name), Path(name, "python")
        command = [
            "valgrind",
            "--tool=callgrind",
            "--instr-atstart=no",
            # The worker, and no other code, calls getsid(2): between two phases.
            "--dump-before=getsid",
            f"--callgrind-out-file={folder / 'out'}",
            str(launch_spec.python),
        ]
        script.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
        script.chmod(0o700)
        yield replace(launch_spec, python=script, environ={"PYTHONHASHSEED": "0"}), folder


def run_valgrind_tool(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run one of Valgrind's short commands and return the completed process."""
    return run_command(command, TOOL_TIMEOUT_SECONDS, command[0], "check that Valgrind works")


def start_counting(worker: Worker) -> None:
    """Switch callgrind's counting on; raise DependencyError when callgrind_control fails."""
    completed = run_valgrind_tool(["callgrind_control", "-i", "on", str(worker.pid)])
    if completed.returncode:
        output = collapse_whitespace(f"{completed.stdout} {completed.stderr}")
        raise DependencyError(f"callgrind_control failed: {output}; check that Valgrind works")


def read_dumps(folder: Path) -> InstructionCount:
    """Return the counts of a request, from the dumps of an empty phase and of each request.

    Each phase ends with a dump. The first dump has the counts before all phases; then the dumps of
    phases alternate with the dumps between two phases, which are not counted.
    """
    files = sorted(folder.glob("out.*"), key=lambda file: int(file.suffix[1:]))
    phases = files[1 : 2 * (MEASURED_REQUESTS + 1) : 2]
    texts = [file.read_text(encoding="utf-8") for file in phases]
    empty, *requests = (int(TOTAL_PATTERN.findall(text)[-1]) for text in texts)
    empty_blocks, *blocks = map(count_allocations, texts)
    return InstructionCount(
        instructions=min(requests) - empty,
        spread=max(requests) - min(requests),
        allocations=min(blocks) - empty_blocks if any(blocks) else None,
    )


def count_allocations(dump: str) -> int:
    """Return the number of calls of Python's allocator in a dump."""
    numbers = {number for number, name in NAME_PATTERN.findall(dump) if name in ALLOCATORS}
    return sum(int(calls) for number, calls in CALLS_PATTERN.findall(dump) if number in numbers)
