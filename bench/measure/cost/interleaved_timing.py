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

from bench.core.cpu_affinity import allowed
from bench.core.errors import Trouble
from bench.measure.cost.budget import Taken
from bench.measure.cost.wal_checkpoints import Checkpoints
from bench.measure.workload.entries import Entry, Ground
from bench.measure.workload.reply_checks import is_valid
from bench.measure.workload.scenarios import Page, restock
from bench.measure.workload.worker import Broken, Reply, Worker, start
from shared_db import open_larder

SLICE_SECONDS = 0.004
Key = tuple[str, str]  # an entry's name and one of its modules
Times = dict[str, dict[str, list[list[float]]]]  # page: name: launch: nanoseconds of each cycle
Slices = dict[str, dict[str, list[float]]]  # page: name: nanoseconds of each cycle
Replies = list[tuple[Page, Reply]]
Told = Callable[[str], None]


class Measurement:
    """Times of all entries on all pages, gathered launch by launch."""

    def __init__(self, ground: Ground, pages: Sequence[Page], seed: int = 1, first_launch: int = 0):
        self.ground, self.pages, self.seed = ground, pages, seed
        self.entries = {one.name: one for one in ground.entries()}
        self.times: Times = {page.name: {} for page in pages}
        self.launches = first_launch  # elsewhere, the earlier ones
        self.last = Taken()  # by the last launch
        self.failed: dict[Key, str] = {}
        self._right: dict[str, Reply] = {}
        self._random = random.Random(f"{seed} {first_launch}")

    def launch(self, cycles: int, told: Told = lambda what: None) -> None:
        """Start every worker anew, under a hash seed of its own, and time all pages in turns.

        A launch that does not come to its end leaves no times.
        """
        fresh: Slices = {page.name: {} for page in self.pages}
        began = time.monotonic()
        with (
            closing(Checkpoints(self.ground.database)) as checkpoints,
            closing(open_larder(self.ground.database, self.ground.photos)) as larder,
            self.workers(told) as workers,
        ):
            started = time.monotonic()
            for cycle in range(cycles):
                restock(larder)
                put_on_one_core(workers.values(), cycle)
                told(f"cycle {cycle + 1} of {cycles}")
                for page, name in self.turns():
                    checkpoints.make()
                    self._time(workers, name, page, fresh, sample=cycle == cycles - 1)
            self.last = Taken(started - began, time.monotonic() - started, cycles)
        self.launches += 1
        for of_page, times in fresh.items():
            for name, taken in times.items():
                self.times[of_page].setdefault(name, []).append(taken)

    def turns(self) -> Iterator[tuple[Page, str]]:
        """Yield who is to be timed: page by page, both in a new order.

        What is compared is timed close together: a core's speed changes slowly.
        """
        for page in self._random.sample(self.pages, len(self.pages)):
            names = [name for asked, name in self.asked() if asked is page]
            for name in self._random.sample(names, len(names)):
                yield page, name

    def asked(self) -> Iterator[tuple[Page, str]]:
        """Yield each page with the name of everybody who answers it."""
        for page in self.pages:
            yield from ((page, name) for name, one in self.entries.items() if one.answers(page))

    def _time(
        self, workers: dict[Key, Worker], name: str, page: Page, fresh: Slices, sample: bool
    ) -> None:
        key = name, page.module
        if key in self.failed:
            return
        try:
            taken = workers[key].slice(page.name, SLICE_SECONDS, sample)
            if taken.sample:
                self.look_at(page, taken.sample, workers[key])
        except Trouble as error:
            self.fail(key, error, fresh)
        else:
            fresh[page.name].setdefault(name, []).append(taken.nanoseconds)

    @contextmanager
    def workers(self, told: Told) -> Iterator[dict[Key, Worker]]:
        """Give a worker for each application, its pages kept ready; all end afterwards.

        They start in a new order, too: who comes first finds another machine than who comes last.
        """
        keys = list(dict.fromkeys((name, page.module) for page, name in self.asked()))
        keys = [key for key in keys if key not in self.failed]
        replies: dict[Key, Replies] = {}
        workers: dict[Key, Worker] = {}

        def begin(key: Key) -> None:
            try:
                workers[key], replies[key] = self._started(self.entries[key[0]], key[1], stack)
            except Trouble as error:
                self.fail(key, error)

        with ExitStack() as stack:
            told("starting the workers")
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                list(pool.map(begin, self._random.sample(keys, len(keys))))
            # The baseline's replies are what the others' have to equal: they come first.
            for key in sorted(replies, key=lambda key: key[0] != self.ground.baseline):
                try:
                    for page, reply in replies[key]:
                        self.look_at(page, reply, workers[key])
                except Trouble as error:
                    self.fail(key, error)
            yield workers

    def _started(self, entry: Entry, module: str, stack: ExitStack) -> tuple[Worker, Replies]:
        """Return the worker of an application, and its first replies."""
        replies: Replies = []
        order = entry.orders[module]
        seed = str(1000 * self.seed + self.launches)
        log = self.ground.places.log(f"worker-{order.name}-{module}")
        worker = start(replace(order, environ={"PYTHONHASHSEED": seed}), log)
        stack.callback(worker.kill)
        for page in self.pages:
            if page.module == module and entry.answers(page):
                request = page.request_for(worker)
                reply = worker.keep(page.name, request, page.status, page.marker)
                replies.append((page, reply))
                if entry.slowed_percent:
                    worker.slow(page.name, entry.slowed_percent)
        return worker, replies

    def look_at(self, page: Page, reply: Reply, worker: Worker) -> None:
        """Raise Broken unless a reply is the page's: the baseline's first one is."""
        if reply.status != page.status or page.marker not in reply.body:
            raise Broken(f"{worker.order.name}: {page.name} answered {reply.status} wrongly")
        if not is_valid(page.check, reply, self._right.setdefault(page.name, reply)):
            raise Broken(f"{worker.order.name}: {page.name} answered with another body")

    def fail(self, key: Key, error: Trouble, fresh: Slices | None = None) -> None:
        """Leave an application out from here on, with what it measured, and keep the reason."""
        if key[0] in (self.ground.baseline, self.ground.twin):
            raise error
        self.leave_out(key, str(error))
        for page in self.pages:
            if page.module == key[1]:
                (fresh or {}).get(page.name, {}).pop(key[0], None)

    def leave_out(self, key: Key, reason: str) -> None:
        """Forget what an application measured so far, and keep the reason."""
        self.failed[key] = reason
        for page in self.pages:
            if page.module == key[1]:
                self.times[page.name].pop(key[0], None)


def put_on_one_core(workers: Iterable[Worker], cycle: int) -> None:
    """Keep all workers on one core for a cycle, and on another one for the next.

    For seconds a core may be slower than its neighbour; who happened to live there would seem to
    be. Each works while the others wait, so that one core is enough.
    """
    if not hasattr(os, "sched_setaffinity"):  # Linux has it
        return
    cores = allowed()
    for worker in workers:
        with suppress(ProcessLookupError):  # its next slice will tell that it is gone
            os.sched_setaffinity(worker.pid, {cores[cycle % len(cores)]})
