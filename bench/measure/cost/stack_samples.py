"""Sample the call stacks of a page's warm requests in a process of one framework."""

from pathlib import Path
from typing import Any, NamedTuple

from bench.agent.code_owner import APP
from bench.core import entrypoints
from bench.frameworks.environments import Environment
from bench.measure.workload.entries import Entry, Testbed
from bench.measure.workload.layers import build_path_aliases
from bench.measure.workload.scenarios import Page
from bench.measure.workload.worker import START_TIMEOUT_SECONDS, Worker
from bench.runtime.launch_spec import LaunchSpec
from bench.runtime.process import ManagedProcess, start_process

TIMED_SECONDS, SAMPLES = 1.0, 4000
SAMPLING_TIMEOUT_SECONDS = 120.0
SERVER, DATABASE, MEASUREMENT = "waitress", "shared_db", "bench"


class Frame(NamedTuple):
    """One line that ran."""

    owner: str  # "app", "shared_db", "bench", "Python" or the name of a distribution
    file: str  # short, below apps/ for the app
    line: int  # 0 when unknown
    function: str
    is_template: bool

    @property
    def is_own(self) -> bool:
        """Return whether this is a line of the app or of one of its templates."""
        return self.owner == APP or self.is_template


Stack = tuple[Frame, ...]  # the innermost frame first


class BlameWorkerClient(Worker):
    """A process that calls one application and samples its requests."""

    def __init__(self, launch_spec: LaunchSpec, log: Path):
        ManagedProcess.__init__(self, entrypoints.BLAME_WORKER, launch_spec, log)


def sample_page(
    testbed: Testbed,
    environment: Environment,
    entry: Entry,
    page: Page,
    samples: int,
    timed_seconds: float = TIMED_SECONDS,
) -> dict[str, Any]:
    """Return the reply of a worker: see bench/agent/blame_worker.py."""
    launch_spec = entry.launch_specs[page.module]
    log = testbed.paths.prepare_log_path(f"blame-{launch_spec.name}")
    worker: Worker = start_process(
        lambda: BlameWorkerClient(launch_spec, log), launch_spec.name, START_TIMEOUT_SECONDS
    )
    try:
        first = worker.prepare_request(
            page.name, page.build_request(worker), page.status, page.marker
        )
        if first.status != page.status or page.marker not in first.body:
            raise worker.build_error(f"{page.name} answered {first.status}, not {page.status}")
        return worker.call(
            "blame",
            SAMPLING_TIMEOUT_SECONDS,
            page=page.name,
            seconds=timed_seconds,
            samples=samples,
            roots=build_path_aliases(environment),
        )
    finally:
        worker.kill()
