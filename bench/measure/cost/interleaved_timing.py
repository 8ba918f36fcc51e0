"""How long does every page take under every framework, all in turns?

Every framework's application is called in a process of its own, with no server. All processes are
alive at once and take turns in slices of a few milliseconds, in an order that is shuffled every
cycle, so that what the machine does meanwhile hits all alike. A page is timed only after the reply
to it was found right, and one more is looked at in every launch while it is timed. The baseline
enters twice, under two names: what tells the twins apart is noise.
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
        self.entries = {one.name: one for one in testbed.build_entries()}
        self.times: Times = {page.name: {} for page in pages}
        self.launches = first_launch  # elsewhere, the earlier ones
        self.last_timing = LaunchTiming()  # by the last launch
        self.failed: dict[WorkerKey, str] = {}
        self._expected_replies: dict[str, Reply] = {}
        self._random = random.Random(f"{seed} {first_launch}")

    def run_launch(self, cycles: int, on_progress: ProgressCallback = lambda what: None) -> None:
        """Start every worker anew, under a hash seed of its own, and time all pages in turns.

        A launch that does not come to its end leaves no times.
        """
        fresh: Slices = {page.name: {} for page in self.pages}
        began = time.monotonic()
        with (
            closing(WalCheckpointer(self.testbed.database_url)) as checkpoints,
            closing(open_larder(self.testbed.database_url, self.testbed.photos_folder)) as larder,
            self.running_workers(on_progress) as workers_by_key,
        ):
            started = time.monotonic()
            for cycle in range(cycles):
                reset_stock(larder)
                pin_to_core(workers_by_key.values(), cycle)
                on_progress(f"cycle {cycle + 1} of {cycles}")
                for page, name in self.schedule():
                    checkpoints.run_if_due()
                    self._time_slice(workers_by_key, name, page, fresh, sample=cycle == cycles - 1)
            self.last_timing = LaunchTiming(started - began, time.monotonic() - started, cycles)
        self.launches += 1
        for of_page, times in fresh.items():
            for name, taken in times.items():
                self.times[of_page].setdefault(name, []).append(taken)

    def schedule(self) -> Iterator[tuple[Page, str]]:
        """Yield who is to be timed: page by page, both in a new order.

        What is compared is timed close together: a core's speed changes slowly.
        """
        for page in self._random.sample(self.pages, len(self.pages)):
            names = [name for served_page, name in self.iter_page_entries() if served_page is page]
            for name in self._random.sample(names, len(names)):
                yield page, name

    def iter_page_entries(self) -> Iterator[tuple[Page, str]]:
        """Yield each page with the name of everybody who answers it."""
        for page in self.pages:
            yield from ((page, name) for name, one in self.entries.items() if one.serves_page(page))

    def _time_slice(
        self,
        workers_by_key: dict[WorkerKey, Worker],
        name: str,
        page: Page,
        fresh: Slices,
        sample: bool,
    ) -> None:
        key = name, page.module
        if key in self.failed:
            return
        try:
            taken = workers_by_key[key].time_slice(page.name, SLICE_SECONDS, sample)
            if taken.sample:
                self.check_reply(page, taken.sample, workers_by_key[key])
        except CookoffError as error:
            self.record_failure(key, error, fresh)
        else:
            fresh[page.name].setdefault(name, []).append(taken.nanoseconds)

    @contextmanager
    def running_workers(self, on_progress: ProgressCallback) -> Iterator[dict[WorkerKey, Worker]]:
        """Give a worker for each application, its pages kept ready; all end afterwards.

        They start in a new order, too: who comes first finds another machine than who comes last.
        """
        keys = list(dict.fromkeys((name, page.module) for page, name in self.iter_page_entries()))
        keys = [key for key in keys if key not in self.failed]
        replies: dict[WorkerKey, Replies] = {}
        workers: dict[WorkerKey, Worker] = {}

        def begin(key: WorkerKey) -> None:
            try:
                workers[key], replies[key] = self._start_worker(self.entries[key[0]], key[1], stack)
            except CookoffError as error:
                self.record_failure(key, error)

        with ExitStack() as stack:
            on_progress("starting the workers")
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                list(pool.map(begin, self._random.sample(keys, len(keys))))
            # The baseline's replies are what the others' have to equal: they come first.
            for key in sorted(replies, key=lambda key: key[0] != self.testbed.baseline):
                try:
                    for page, reply in replies[key]:
                        self.check_reply(page, reply, workers[key])
                except CookoffError as error:
                    self.record_failure(key, error)
            yield workers

    def _start_worker(self, entry: Entry, module: str, stack: ExitStack) -> tuple[Worker, Replies]:
        """Return the worker of an application, and its first replies."""
        replies: Replies = []
        order = entry.launch_specs[module]
        seed = str(1000 * self.seed + self.launches)
        log = self.testbed.paths.prepare_log_path(f"worker-{order.name}-{module}")
        worker = start_worker(replace(order, environ={"PYTHONHASHSEED": seed}), log)
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
        """Raise Broken unless a reply is the page's: the baseline's first one is."""
        if reply.status != page.status or page.marker not in reply.body:
            raise WorkerError(
                f"{worker.launch_spec.name}: {page.name} answered {reply.status} wrongly"
            )
        if not is_valid(page.check, reply, self._expected_replies.setdefault(page.name, reply)):
            raise WorkerError(f"{worker.launch_spec.name}: {page.name} answered with another body")

    def record_failure(
        self, key: WorkerKey, error: CookoffError, fresh: Slices | None = None
    ) -> None:
        """Leave an application out from here on, with what it measured, and keep the reason."""
        if key[0] in (self.testbed.baseline, self.testbed.control):
            raise error
        self.exclude_entry(key, str(error))
        for page in self.pages:
            if page.module == key[1]:
                (fresh or {}).get(page.name, {}).pop(key[0], None)

    def exclude_entry(self, key: WorkerKey, reason: str) -> None:
        """Forget what an application measured so far, and keep the reason."""
        self.failed[key] = reason
        for page in self.pages:
            if page.module == key[1]:
                self.times[page.name].pop(key[0], None)


def pin_to_core(workers: Iterable[Worker], cycle: int) -> None:
    """Keep all workers on one core for a cycle, and on another one for the next.

    For seconds a core may be slower than its neighbour; who happened to live there would seem to
    be. Each works while the others wait, so that one core is enough.
    """
    if not hasattr(os, "sched_setaffinity"):  # Linux has it
        return
    cores = list_allowed_cores()
    for worker in workers:
        with suppress(ProcessLookupError):  # its next slice will tell that it is gone
            os.sched_setaffinity(worker.pid, {cores[cycle % len(cores)]})
