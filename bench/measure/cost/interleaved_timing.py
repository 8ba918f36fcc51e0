"""Time every page of every entry in interleaved slices.

Each application runs in a worker process, without a server. All workers run at once and take turns
in slices of a few milliseconds. The order of the slices is shuffled in every cycle, so that a
change in the machine's speed affects all entries alike. A page is timed only after its first reply
was validated, and each launch validates one more reply during timing. The baseline enters twice,
under two names: a difference between baseline and control is noise.
"""

import os
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace

from bench.core.cpu_affinity import list_allowed_cores
from bench.core.errors import CookoffError
from bench.measure.cost.budget import LaunchTiming
from bench.measure.cost.wal_checkpoints import WalCheckpointer
from bench.measure.workload.entries import Entry, Testbed
from bench.measure.workload.reply_checks import is_valid
from bench.measure.workload.scenarios import Page, reset_stock
from bench.measure.workload.worker import Reply, Worker, WorkerError, start_worker
from shared_db import open_larder

SLICE_SECONDS = 0.004
WorkerKey = tuple[str, str]  # an entry's name and one of its modules
Times = dict[str, dict[str, list[list[float]]]]  # page: name: launch: nanoseconds of each cycle
Slices = dict[str, dict[str, list[float]]]  # page: name: nanoseconds of each cycle
Replies = list[tuple[Page, Reply]]
ProgressCallback = Callable[[str], None]


class Measurement:
    """Times of all entries on all pages, gathered launch by launch."""

    def __init__(
        self, testbed: Testbed, pages: Sequence[Page], seed: int = 1, first_launch: int = 0
    ):
        self.testbed, self.pages, self.seed = testbed, pages, seed
        self.entries = {entry.name: entry for entry in testbed.build_entries()}
        self.times: Times = {page.name: {} for page in pages}
        self.launches = first_launch  # above 0 in a cluster: earlier launches ran on other workers
        self.last_timing = LaunchTiming()  # of the last launch
        self.failed: dict[WorkerKey, str] = {}
        self._expected_replies: dict[str, Reply] = {}
        self._random = random.Random(f"{seed} {first_launch}")

    def run_launch(self, cycles: int, on_progress: ProgressCallback = lambda text: None) -> None:
        """Start all workers under a new hash seed, and time all pages in interleaved slices.

        An interrupted launch adds no times.
        """
        slices: Slices = {page.name: {} for page in self.pages}
        start = time.monotonic()
        with (
            closing(WalCheckpointer(self.testbed.database_url)) as checkpointer,
            closing(open_larder(self.testbed.database_url, self.testbed.photos_folder)) as larder,
            self.running_workers(on_progress) as workers_by_key,
        ):
            ready = time.monotonic()
            for cycle in range(cycles):
                reset_stock(larder)
                pin_to_core(workers_by_key.values(), cycle)
                on_progress(f"cycle {cycle + 1} of {cycles}")
                for page, name in self.schedule():
                    checkpointer.run_if_due()
                    is_last = cycle == cycles - 1
                    self._time_slice(workers_by_key, name, page, slices, sample=is_last)
            self.last_timing = LaunchTiming(ready - start, time.monotonic() - ready, cycles)
        self.launches += 1
        for page_name, by_name in slices.items():
            for name, nanoseconds in by_name.items():
                self.times[page_name].setdefault(name, []).append(nanoseconds)

    def schedule(self) -> Iterator[tuple[Page, str]]:
        """Yield the slices of a cycle: the pages in random order, and for each page its entries.

        The entries of a page are timed close together, because a core's speed changes slowly.
        """
        for page in self._random.sample(self.pages, len(self.pages)):
            names = [name for served_page, name in self.iter_page_entries() if served_page is page]
            for name in self._random.sample(names, len(names)):
                yield page, name

    def iter_page_entries(self) -> Iterator[tuple[Page, str]]:
        """Yield each page with the name of each entry that serves the page."""
        for page in self.pages:
            for name, entry in self.entries.items():
                if entry.serves_page(page):
                    yield page, name

    def _time_slice(
        self,
        workers_by_key: dict[WorkerKey, Worker],
        name: str,
        page: Page,
        slices: Slices,
        sample: bool,
    ) -> None:
        """Time one slice and add its nanoseconds to `slices`; record a failure."""
        key = name, page.module
        if key in self.failed:
            return
        try:
            timed = workers_by_key[key].time_slice(page.name, SLICE_SECONDS, sample)
            if timed.sample:
                self.check_reply(page, timed.sample, workers_by_key[key])
        except CookoffError as error:
            self.record_failure(key, error, slices)
        else:
            slices[page.name].setdefault(name, []).append(timed.nanoseconds)

    @contextmanager
    def running_workers(self, on_progress: ProgressCallback) -> Iterator[dict[WorkerKey, Worker]]:
        """Yield a worker with prepared requests for each application; kill the workers afterwards.

        The workers start in random order, because the order of starting affects their speed.
        """
        keys = list(dict.fromkeys((name, page.module) for page, name in self.iter_page_entries()))
        keys = [key for key in keys if key not in self.failed]
        replies: dict[WorkerKey, Replies] = {}
        workers: dict[WorkerKey, Worker] = {}

        def start_one(key: WorkerKey) -> None:
            try:
                workers[key], replies[key] = self._start_worker(self.entries[key[0]], key[1], stack)
            except CookoffError as error:
                self.record_failure(key, error)

        with ExitStack() as stack:
            on_progress("starting the workers")
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                list(pool.map(start_one, self._random.sample(keys, len(keys))))
            # The baseline comes first: the other replies are compared with its replies.
            for key in sorted(replies, key=lambda key: key[0] != self.testbed.baseline):
                try:
                    for page, reply in replies[key]:
                        self.check_reply(page, reply, workers[key])
                except CookoffError as error:
                    self.record_failure(key, error)
            yield workers

    def _start_worker(self, entry: Entry, module: str, stack: ExitStack) -> tuple[Worker, Replies]:
        """Start the worker of an application; return it and the first reply to each page."""
        replies: Replies = []
        hash_seed = str(1000 * self.seed + self.launches)
        launch_spec = replace(entry.launch_specs[module], environ={"PYTHONHASHSEED": hash_seed})
        log = self.testbed.paths.prepare_log_path(f"worker-{launch_spec.name}-{module}")
        worker = start_worker(launch_spec, log)
        stack.callback(worker.kill)
        for page in self.pages:
            if page.module == module and entry.serves_page(page):
                request = page.build_request(worker)
                reply = worker.prepare_request(page.name, request, page.status, page.marker)
                replies.append((page, reply))
                if entry.slowdown_percent:
                    worker.request_slowdown(page.name, entry.slowdown_percent)
        return worker, replies

    def check_reply(self, page: Page, reply: Reply, worker: Worker) -> None:
        """Raise WorkerError unless the reply matches the page and the first reply of the baseline.

        The first reply that is checked for a page is the expected reply of all later checks.
        """
        name = worker.launch_spec.name
        if reply.status != page.status:
            raise WorkerError(f"{name}: {page.name} answered {reply.status}, not {page.status}")
        if page.marker not in reply.body:
            raise WorkerError(f"{name}: {page.name} answered {reply.status} with the wrong page")
        if not is_valid(page.check, reply, self._expected_replies.setdefault(page.name, reply)):
            raise WorkerError(f"{name}: the body of {page.name} differs from the baseline's")

    def record_failure(
        self, key: WorkerKey, error: CookoffError, slices: Slices | None = None
    ) -> None:
        """Exclude an application and drop its times, also those in `slices`.

        Raises the error when the application belongs to the baseline or to the control.
        """
        if key[0] in (self.testbed.baseline, self.testbed.control):
            raise error
        self.exclude_entry(key, str(error))
        for page in self.pages:
            if page.module == key[1]:
                (slices or {}).get(page.name, {}).pop(key[0], None)

    def exclude_entry(self, key: WorkerKey, reason: str) -> None:
        """Drop the times of an application, and store the reason."""
        self.failed[key] = reason
        for page in self.pages:
            if page.module == key[1]:
                self.times[page.name].pop(key[0], None)


def pin_to_core(workers: Iterable[Worker], cycle: int) -> None:
    """Pin all workers to one core for this cycle; the next cycle takes the next core.

    A core may be slower than another core for seconds, and would make its workers seem slow. One
    core is enough, because only one worker runs at a time. Without sched_setaffinity(2), as on
    macOS, this function does nothing.
    """
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = list_allowed_cores()
    for worker in workers:
        with suppress(ProcessLookupError):  # its next slice reports that the worker has ended
            os.sched_setaffinity(worker.pid, {cores[cycle % len(cores)]})
