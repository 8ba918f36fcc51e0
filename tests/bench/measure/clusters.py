"""A Dask scheduler and its workers on this machine, each in its own process."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

from distributed import Client

from bench.core.paths import ROOT

HERE = ("--host", "127.0.0.1", "--no-dashboard", "--dashboard-address", "127.0.0.1:0")
WAIT_SECONDS = 120  # for steps that take a second or two on an idle machine


class Cluster:
    """One scheduler and a changing set of workers."""

    def __init__(self, folder, allowed_failures=3):
        self.folder, self.workers = folder, {}
        file = folder / "scheduler.json"
        # The scheduler ends by itself, also when pytest is killed.
        options = ("--port", "0", "--scheduler-file", file, "--idle-timeout", "600")
        environ = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(allowed_failures)}
        self.scheduler = self._dask("scheduler", *options, **environ)
        until(file.exists)
        self.address = until(lambda: address_in(file))

    def add_workers(self, count, root=ROOT, **environ):
        """Start workers; two threads each, so that only the resource separates tasks."""
        options = ("--no-nanny", "--nthreads", "2", "--resources", "bench=1")
        options += ("--local-directory", self.folder, "--death-timeout", "60")
        for _ in range(count):
            process = self._dask("worker", self.address, *options, root=root, **environ)
            self.workers[process.pid] = process

    def kill(self, pid):
        """End a worker without any shutdown."""
        self.workers[pid].send_signal(signal.SIGKILL)
        self.workers[pid].wait()

    def end(self):
        for process in [*self.workers.values(), self.scheduler]:
            process.kill()
            process.wait()

    def _dask(self, what, *options, root=ROOT, **environ):
        with (self.folder / f"{what}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", what, *options, *HERE],
                cwd=root,
                env={**os.environ, "COOKOFF_STATE": str(self.folder / "state"), **environ},
                stdout=subprocess.DEVNULL,
                stderr=log,
            )


@contextmanager
def cluster(folder, workers=2, **options):
    """Start a cluster with workers, yield the cluster, and end all its processes."""
    dask_cluster = Cluster(folder, **options)
    try:
        dask_cluster.add_workers(workers)
        yield dask_cluster
    finally:
        dask_cluster.end()


def wait_for(dask_cluster, workers):
    """Wait until this number of workers has connected."""
    with Client(dask_cluster.address, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=WAIT_SECONDS)


def address_in(file):
    """Return a scheduler's address, None while the scheduler's file is incomplete."""
    try:
        return json.loads(file.read_text())["address"]
    except ValueError:
        return None


def until(condition):
    """Wait until a condition returns a true value, and return the value."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not (value := condition()):
        assert time.monotonic() < deadline, "the condition never became true"
        time.sleep(0.02)
    return value
