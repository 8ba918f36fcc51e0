"""How does a load at a fixed rate come from several machines? Each worker sends a shard of it."""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from bench.core import entrypoints, machine
from bench.core.errors import CookoffError, UsageError
from bench.core.paths import Paths
from bench.measure.cluster.dispatcher import Dispatcher
from bench.measure.cluster.tasks import Task, TaskCache, TaskResult
from bench.measure.cluster.worker_pool import WorkerPool
from bench.measure.load.generator_capacity import REQUEST_COUNT, capacity_rps
from bench.measure.load.open_loop_generator import REPLY_TIMEOUT_SECONDS, LoadResult
from bench.measure.load.shards import decode_result, merge_shards
from bench.measure.load.sources import LoadRound, RoundFailedError
from bench.runtime.launch_spec import LaunchSpec
from bench.runtime.process import ManagedProcess

LEAD_SECONDS = 2.0  # from handing out the shards of a round to their first request
MARGIN_SECONDS = 60.0  # on top of what a shard takes, where a machine is busy
CAPACITY_REQUESTS = REQUEST_COUNT
SEEDS_PER_ROUND = 1000  # seeds of one round's shards lie so close together


def capacity(inputs: Mapping[str, Any], key: str) -> float:
    """Return how many requests a second this worker's generator gets through."""
    return capacity_rps(Paths.from_environ().prepare_log_path("load-trivial"), inputs["requests"])


def shard(inputs: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Send one shard of a load, in a process of its own; return its outcome."""
    order = LaunchSpec("a shard of the load", Path(sys.executable), settings=inputs)
    log = Paths.from_environ().prepare_log_path("load-shard")
    child = ManagedProcess(entrypoints.LOAD_SHARD, order, log)
    try:
        # The order is message 0; the process ends below, and takes no other.
        limit_seconds = LEAD_SECONDS + inputs["seconds"] + REPLY_TIMEOUT_SECONDS + MARGIN_SECONDS
        said = child.receive_reply(0, limit_seconds)
    except (TimeoutError, ValueError) as error:
        raise CookoffError(f"a shard of the load never ended (log: {log})") from error
    finally:
        child.kill()
    if not said:
        raise CookoffError(f"a shard of the load broke off (log: {log})")
    return said


@dataclass
class ClusterSource:
    """A source of load: one shard from each worker, all from the same moment on.

    A round is kept as a whole once all its shards are there: half a load is none.
    """

    pool: WorkerPool
    cache: TaskCache
    round_tasks: list[Task] = field(default_factory=list)
    results: list[TaskResult] = field(default_factory=list)  # of all shards

    def capacity_rps(self, log: Path) -> float:
        """Return what all workers together get through."""
        count = len(self.pool.list_usable_workers())
        cells = [self.build_task("capacity", n, requests=CAPACITY_REQUESTS) for n in range(count)]
        found = {one["worker"]: float(one["found"]) for one in self.run_tasks(cells)}
        return sum(found.values())

    def run(self, taken: LoadRound) -> LoadResult:
        """Have a round's shards sent, and return what came of all of them together."""
        count = max(1, len(self.pool.list_usable_workers()))
        same = {"rate": taken.rate / count, "seconds": taken.seconds}
        told = {"target": taken.target.name, "page": taken.page.name, "attempt": taken.attempt}
        whole = self.build_task("round", taken.number, **same, **told, shards=count)
        self.round_tasks.append(whole)
        if not (kept := self.cache.get(whole)):
            where = {"address": taken.target.address, "request": taken.request.decode()}
            start = {"starts_at": time.time() + LEAD_SECONDS}
            cells = [
                self.build_task(
                    "shard", n, seed=SEEDS_PER_ROUND * taken.number + n, **same, **where, **start
                )
                for n in range(count)
            ]
            kept = {"shards": self.run_tasks(cells)}
            self.cache.save(whole, kept)
        self.results += kept["shards"]
        return merge_shards([decode_result(one["found"]) for one in kept["shards"]])

    def build_task(self, work: str, number: int, **inputs: Any) -> Task:
        """Return a cell of this module."""
        where, told = f"{entrypoints.LOAD_TASKS}:{work}", {"number": number, **inputs}
        return Task(f"{work} {number + 1}", where, told, self.pool.checkout)

    def run_tasks(self, cells: Sequence[Task]) -> list[TaskResult]:
        """Return the results of cells; raise RoundFailedError where one has none."""
        outcome = Dispatcher(self.pool).run(cells)
        for name, reason in outcome.failures.items():
            raise RoundFailedError(f"{name}: {reason}")
        return [outcome.results[one.key] for one in cells]

    def describe_origin(self, host: str) -> dict[str, Any]:
        """Return where the load came from, and where it went."""
        machines = {one["machine"]["id"]: one["machine"]["facts"] for one in self.results}
        workers = {one["worker"] for one in self.results}
        return {"host": host, "workers": len(workers), "machines": list(machines.values())}


def require_reachable(crew: WorkerPool, host: str) -> None:
    """Raise Misuse where the sites listen on an address that a worker's machine cannot reach."""
    try:
        address = IPv4Address(host)
    except ValueError as error:
        raise UsageError(f"{host!r} is no IPv4 address, such as 127.0.0.1") from error
    if address.is_unspecified:
        raise UsageError(f"nobody can send to {host}; give one address of this machine")
    elsewhere = [
        one for one, where in crew.machine_by_worker.items() if where != machine.read_machine_id()
    ]
    if elsewhere and address.is_loopback:
        raise UsageError(
            f"the sites listen on {host}, which {elsewhere[0]} on another machine cannot reach; "
            "give an address of this machine: --listen HOST"
        )
