"""A scheduler of Dask and its workers on this machine, each in a process of its own."""

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
PATIENCE_SECONDS = 120  # for what takes a second or two on a machine with nothing else to do


class Cluster:
    """One scheduler; workers come and go."""

    def __init__(self, folder, allowed_failures=3):
        self.folder, self.workers = folder, {}
        file = folder / "scheduler.json"
        # Without pytest, should it be killed, nobody else would end them.
        options = ("--port", "0", "--scheduler-file", file, "--idle-timeout", "600")
        environ = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(allowed_failures)}
        self.scheduler = self._dask("scheduler", *options, **environ)
        until(file.exists)
        self.address = until(lambda: address_in(file))

    def add_workers(self, count, root=ROOT, **environ):
        """Start workers; two threads each, so that only the resource keeps cells apart."""
        options = ("--no-nanny", "--nthreads", "2", "--resources", "bench=1")
        options += ("--local-directory", self.folder, "--death-timeout", "60")
        for _ in range(count):
            process = self._dask("worker", self.address, *options, root=root, **environ)
            self.workers[process.pid] = process

    def kill(self, pid):
        """End a worker as a power cut does."""
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
    """Give a cluster whose workers are there; all of it ends afterwards."""
    made = Cluster(folder, **options)
    try:
        made.add_workers(workers)
        yield made
    finally:
        made.end()


def wait_for(made, workers):
    """Wait until so many workers are there."""
    with Client(made.address, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=PATIENCE_SECONDS)


def address_in(file):
    """Return a scheduler's address, None while its file is not whole."""
    try:
        return json.loads(file.read_text())["address"]
    except ValueError:
        return None


def until(happened):
    """Wait for something to be true, and return it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := happened()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
    return found
