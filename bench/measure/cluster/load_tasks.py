"""How does a load at a fixed rate come from several machines? Each worker sends a shard of it."""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from bench.core import entrypoints, machine
from bench.core.errors import Misuse, Trouble
from bench.core.paths import Places
from bench.measure.cluster.dispatcher import Sharing
from bench.measure.cluster.tasks import Cell, Kept, Result
from bench.measure.cluster.worker_pool import Crew
from bench.measure.load.generator_capacity import REQUESTS, capacity_rps
from bench.measure.load.open_loop_generator import PATIENCE_SECONDS, Outcome
from bench.measure.load.shards import from_dict, merged
from bench.measure.load.sources import Round, RoundFailedError
from bench.runtime.launch_spec import Order
from bench.runtime.process import Child

LEAD_SECONDS = 2.0  # from handing out the shards of a round to their first request
SPARE_SECONDS = 60.0  # on top of what a shard takes, where a machine is busy
CAPACITY_REQUESTS = REQUESTS
SEEDS = 1000  # seeds of one round's shards lie so close together


def capacity(inputs: Mapping[str, Any], key: str) -> float:
    """Return how many requests a second this worker's generator gets through."""
    return capacity_rps(Places.from_environ().log("load-trivial"), inputs["requests"])


def shard(inputs: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Send one shard of a load, in a process of its own; return its outcome."""
    order = Order("a shard of the load", Path(sys.executable), settings=inputs)
    log = Places.from_environ().log("load-shard")
    child = Child(entrypoints.LOAD_SHARD, order, log)
    try:
        # The order is message 0; the process ends below, and takes no other.
        limit_seconds = LEAD_SECONDS + inputs["seconds"] + PATIENCE_SECONDS + SPARE_SECONDS
        said = child.reply(0, limit_seconds)
    except (TimeoutError, ValueError) as error:
        raise Trouble(f"a shard of the load never ended (log: {log})") from error
    finally:
        child.kill()
    if not said:
        raise Trouble(f"a shard of the load broke off (log: {log})")
    return said


@dataclass
class Shards:
    """A source of load: one shard from each worker, all from the same moment on.

    A round is kept as a whole once all its shards are there: half a load is none.
    """

    crew: Crew
    kept: Kept
    rounds: list[Cell] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)  # of all shards

    def capacity_rps(self, log: Path) -> float:
        """Return what all workers together get through."""
        count = len(self.crew.fit())
        cells = [self.cell("capacity", n, requests=CAPACITY_REQUESTS) for n in range(count)]
        found = {one["worker"]: float(one["found"]) for one in self.done(cells)}
        return sum(found.values())

    def run(self, taken: Round) -> Outcome:
        """Have a round's shards sent, and return what came of all of them together."""
        count = max(1, len(self.crew.fit()))
        same = {"rate": taken.rate / count, "seconds": taken.seconds}
        told = {"target": taken.target.name, "page": taken.page.name, "attempt": taken.attempt}
        whole = self.cell("round", taken.number, **same, **told, shards=count)
        self.rounds.append(whole)
        if not (kept := self.kept.get(whole)):
            where = {"address": taken.target.address, "request": taken.request.decode()}
            start = {"starts_at": time.time() + LEAD_SECONDS}
            cells = [
                self.cell("shard", n, seed=SEEDS * taken.number + n, **same, **where, **start)
                for n in range(count)
            ]
            kept = {"shards": self.done(cells)}
            self.kept.put(whole, kept)
        self.results += kept["shards"]
        return merged([from_dict(one["found"]) for one in kept["shards"]])

    def cell(self, work: str, number: int, **inputs: Any) -> Cell:
        """Return a cell of this module."""
        where, told = f"{entrypoints.LOAD_TASKS}:{work}", {"number": number, **inputs}
        return Cell(f"{work} {number + 1}", where, told, self.crew.checkout)

    def done(self, cells: Sequence[Cell]) -> list[Result]:
        """Return the results of cells; raise RoundFailedError where one has none."""
        outcome = Sharing(self.crew).run(cells)
        for name, reason in outcome.failed.items():
            raise RoundFailedError(f"{name}: {reason}")
        return [outcome.results[one.key] for one in cells]

    def as_dict(self, host: str) -> dict[str, Any]:
        """Return where the load came from, and where it went."""
        machines = {one["machine"]["id"]: one["machine"]["facts"] for one in self.results}
        workers = {one["worker"] for one in self.results}
        return {"host": host, "workers": len(workers), "machines": list(machines.values())}


def require_reach(crew: Crew, host: str) -> None:
    """Raise Misuse where the sites listen on an address that a worker's machine cannot reach."""
    try:
        address = IPv4Address(host)
    except ValueError as error:
        raise Misuse(f"{host!r} is no IPv4 address, such as 127.0.0.1") from error
    if address.is_unspecified:
        raise Misuse(f"nobody can send to {host}; give one address of this machine")
    elsewhere = [one for one, where in crew.machines.items() if where != machine.identity()]
    if elsewhere and address.is_loopback:
        raise Misuse(
            f"the sites listen on {host}, which {elsewhere[0]} on another machine cannot reach; "
            "give an address of this machine: --listen HOST"
        )
