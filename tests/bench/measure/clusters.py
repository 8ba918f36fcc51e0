"""A Dask scheduler and its workers on this machine, each in its own process."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from distributed import Client

from bench.core.paths import ROOT

HERE = ("--host", "127.0.0.1", "--no-dashboard", "--dashboard-address", "127.0.0.1:0")
WAIT_SECONDS = 120  # for steps that take a second or two on an idle machine
Value = TypeVar("Value")


class Cluster:
    """One scheduler and a changing set of workers."""

    def __init__(self, folder: Path, allowed_failures: int = 3) -> None:
        self.folder = folder
        self.workers: dict[int, subprocess.Popen[bytes]] = {}
        file = folder / "scheduler.json"
        # The scheduler ends by itself, also when pytest is killed.
        options = ("--port", "0", "--scheduler-file", file, "--idle-timeout", "600")
        self.scheduler = self._dask(
            "scheduler",
            *options,
            DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES=str(allowed_failures),
        )
        until(file.exists)
        self.address = until(lambda: address_in(file))

    def add_workers(self, count: int, root: Path = ROOT, **environ: str) -> None:
        """Start workers; two threads each, so that only the resource separates tasks."""
        options: list[str | Path] = ["--no-nanny", "--nthreads", "2", "--resources", "bench=1"]
        options += ("--local-directory", self.folder, "--death-timeout", "60")
        for _ in range(count):
            process = self._dask("worker", self.address, *options, root=root, **environ)
            self.workers[process.pid] = process

    def kill(self, pid: int) -> None:
        """End a worker without any shutdown."""
        self.workers[pid].send_signal(signal.SIGKILL)
        self.workers[pid].wait()

    def end(self) -> None:
        for process in [*self.workers.values(), self.scheduler]:
            process.kill()
            process.wait()

    def _dask(
        self, what: str, *options: str | Path, root: Path = ROOT, **environ: str
    ) -> subprocess.Popen[bytes]:
        with (self.folder / f"{what}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", what, *options, *HERE],
                cwd=root,
                env={**os.environ, "COOKOFF_STATE": str(self.folder / "state"), **environ},
                stdout=subprocess.DEVNULL,
                stderr=log,
            )


@contextmanager
def cluster(folder: Path, workers: int = 2, **options: int) -> Iterator[Cluster]:
    """Start a cluster with workers, yield the cluster, and end all its processes."""
    dask_cluster = Cluster(folder, **options)
    try:
        dask_cluster.add_workers(workers)
        yield dask_cluster
    finally:
        dask_cluster.end()


def wait_for(dask_cluster: Cluster, workers: int) -> None:
    """Wait until this number of workers has connected."""
    with Client(dask_cluster.address, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=WAIT_SECONDS)


def address_in(file: Path) -> str | None:
    """Return a scheduler's address, None while the scheduler's file is incomplete."""
    try:
        address: str = json.loads(file.read_text())["address"]
    except ValueError:
        return None
    return address


def until(condition: Callable[[], Value | None]) -> Value:
    """Wait until a condition returns a true value, and return the value."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not (value := condition()):
        assert time.monotonic() < deadline, "the condition never became true"
        time.sleep(0.02)
    return value
