"""Send a load at a fixed rate from several machines: each worker sends one shard."""

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
from bench.measure.cluster.tasks import Task, TaskCache, TaskResult, collect_machines
from bench.measure.cluster.worker_pool import WorkerPool
from bench.measure.load.generator_capacity import REQUEST_COUNT, capacity_rps
from bench.measure.load.open_loop_generator import REPLY_TIMEOUT_SECONDS, LoadResult
from bench.measure.load.shards import decode_result, merge_shards
from bench.measure.load.sources import LoadRound, RoundFailedError
from bench.results.schema import LoadCluster
from bench.runtime.launch_spec import LaunchSpec
from bench.runtime.process import ManagedProcess

LEAD_SECONDS = 2.0  # from submitting the shards of a round to their first request
MARGIN_SECONDS = 60.0  # in addition to the time of a shard, for a busy machine
CAPACITY_REQUESTS = REQUEST_COUNT
SEEDS_PER_ROUND = 1000  # reserved for the shards of one round


def measure_capacity(inputs: Mapping[str, Any], key: str) -> float:
    """Return how many requests a second this worker's generator can send."""
    log = Paths.from_environ().prepare_log_path("load-null-server")
    return capacity_rps(log, inputs["requests"])


def send_shard(inputs: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Send one shard of a load in its own process, and return the encoded result."""
    launch_spec = LaunchSpec("a shard of the load", Path(sys.executable), settings=inputs)
    log = Paths.from_environ().prepare_log_path("load-shard")
    process = ManagedProcess(entrypoints.LOAD_SHARD, launch_spec, log)
    try:
        # The launch spec is message 0; the process takes no other message and ends below.
        limit_seconds = LEAD_SECONDS + inputs["seconds"] + REPLY_TIMEOUT_SECONDS + MARGIN_SECONDS
        reply = process.receive_reply(0, limit_seconds)
    except (TimeoutError, ValueError) as error:
        raise CookoffError(f"a shard of the load did not end in time (log: {log})") from error
    finally:
        process.kill()
    if not reply:
        raise CookoffError(f"a shard of the load ended without a result (log: {log})")
    return reply


@dataclass
class ClusterSource:
    """A load source that sends one shard from each worker, all from the same time on.

    The result of a round is stored when all its shards have results, because a part of a load is
    not the load.
    """

    pool: WorkerPool
    cache: TaskCache
    round_tasks: list[Task] = field(default_factory=list)
    results: list[TaskResult] = field(default_factory=list)  # of all shards

    def capacity_rps(self, log: Path) -> float:
        """Return the sum of the capacities of all workers."""
        count = len(self.pool.list_usable_workers())
        tasks = [
            self.build_task("measure_capacity", n, requests=CAPACITY_REQUESTS) for n in range(count)
        ]
        by_worker = {each["worker"]: float(each["found"]) for each in self.run_tasks(tasks)}
        return sum(by_worker.values())

    def run(self, load_round: LoadRound) -> LoadResult:
        """Send all shards of a round, and return their merged result."""
        count = max(1, len(self.pool.list_usable_workers()))
        load = {"rate": load_round.rate / count, "seconds": load_round.seconds}
        names = {"target": load_round.target.name, "page": load_round.page.name}
        round_task = self.build_task(
            "round", load_round.number, **load, **names, attempt=load_round.attempt, shards=count
        )
        self.round_tasks.append(round_task)
        cached = self.cache.get(round_task)
        if not cached:
            cached = {"shards": self.run_tasks(self.build_shard_tasks(load_round, load, count))}
            self.cache.save(round_task, cached)
        self.results += cached["shards"]
        return merge_shards([decode_result(shard["found"]) for shard in cached["shards"]])

    def build_shard_tasks(
        self, load_round: LoadRound, load: Mapping[str, Any], count: int
    ) -> list[Task]:
        """Return the tasks that send a round's shards, all at the same time."""
        settings = {
            **load,
            "address": load_round.target.address,
            "request": load_round.request.decode(),
            "starts_at": time.time() + LEAD_SECONDS,
        }
        first_seed = SEEDS_PER_ROUND * load_round.number
        return [
            self.build_task("send_shard", n, seed=first_seed + n, **settings) for n in range(count)
        ]

    def build_task(self, function: str, number: int, **inputs: Any) -> Task:
        """Return a task that calls a function of this module."""
        work = f"{entrypoints.LOAD_TASKS}:{function}"
        return Task(
            f"{function} {number + 1}", work, {"number": number, **inputs}, self.pool.checkout
        )

    def run_tasks(self, tasks: Sequence[Task]) -> list[TaskResult]:
        """Return the results of the tasks; raise RoundFailedError when a task failed."""
        dispatched = Dispatcher(self.pool).run(tasks)
        for name, reason in dispatched.failures.items():
            raise RoundFailedError(f"{name}: {reason}")
        return [dispatched.results[task.key] for task in tasks]

    def describe_origin(self, host: str) -> LoadCluster:
        """Return where the load came from, and the host that received the load."""
        workers = {each["worker"] for each in self.results}
        return LoadCluster(host, len(workers), list(collect_machines(self.results).values()))


def require_reachable(pool: WorkerPool, host: str) -> None:
    """Raise UsageError when a worker's machine cannot reach the sites' listening address."""
    try:
        address = IPv4Address(host)
    except ValueError as error:
        raise UsageError(f"{host!r} is not an IPv4 address such as 127.0.0.1") from error
    if address.is_unspecified:
        raise UsageError(f"workers cannot send to {host}; use --listen with one IPv4 address")
    here = machine.read_machine_id()
    remote = [worker for worker, id_ in pool.machine_by_worker.items() if id_ != here]
    if remote and address.is_loopback:
        raise UsageError(
            f"{remote[0]} on another machine cannot reach the sites, which listen on {host}; "
            "use an address of this machine: --listen HOST"
        )
