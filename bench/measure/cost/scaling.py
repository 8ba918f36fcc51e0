"""What grows with what? The part "growth".

    {"rows" | "body" | "routes": {name: {
        "points": [[size, microseconds], ...],
        "exponent": b of time = a * size ** b, fitted to all points on log scales,
        "left_out": why points are missing, or ""}}}

Rows are dishes on the menu; the body is a file sent to the framework as it comes (defaults.py), in
bytes; routes are those of a site with so many of them, for frameworks whose folder has a
many_routes.py with create_app(settings), told the number by COOKOFF_ROUTES. Its last route is
asked for: /route-<number - 1>/7 answers "7". Who cannot take a size is not asked for a larger one.
"""

import json
import os
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import shared_db
from bench.core.errors import CookoffError, strip_log_path
from bench.core.progress import Progress
from bench.frameworks.environments import Environment
from bench.measure.workload.client import MULTIPART_BOUNDARY, encode_multipart
from bench.measure.workload.entries import Testbed
from bench.measure.workload.scenarios import Page
from bench.measure.workload.worker import Reply, Request, Worker, WorkerError, start_worker
from bench.runtime.database import build_launch_spec
from bench.runtime.launch_spec import LaunchSpec
from bench.stats.power_law import fit_exponent

ROW_COUNTS = (24, 100, 1_000, 10_000)
BODY_SIZES_BYTES = (*(1024 * 4**power for power in range(7)), 10 * 1024 * 1024)
ROUTE_COUNTS = (10, 50, 200, 1_000, 2_000)
SLICES_PER_POINT = 5  # of each point; the median is told
SLICE_SECONDS = 0.02
POINT_BUDGET_SECONDS = 2.0  # after so many, all slices of a point together, no more of them


@dataclass(frozen=True)
class Axis:
    """Something that grows."""

    name: str
    sizes: Sequence[int]
    module: str  # of a framework's folder
    build_request: Callable[[int], Request]
    is_valid: Callable[[Reply, int], bool]


def build_upload(size: int) -> Request:
    """Return a request that sends a file of so many bytes."""
    kind = {"CONTENT_TYPE": f"multipart/form-data; boundary={MULTIPART_BOUNDARY}"}
    return Request("/upload", "POST", encode_multipart({}, "file", bytes(size)), kind)


AXES = (
    Axis("rows", ROW_COUNTS, "app", lambda size: Request("/"),
         lambda reply, size: reply.status == 200),
    Axis(
        "body", BODY_SIZES_BYTES, "defaults", build_upload,
        lambda reply, size: reply.status == 200 and json.loads(reply.body)["bytes"] == size,
    ),
    Axis(
        "routes", ROUTE_COUNTS, "many_routes", lambda size: Request(f"/route-{size - 1}/7"),
        lambda reply, size: reply.body == b"7",
    ),
)  # fmt: skip


def build_instruments() -> list[Callable[[Testbed, Progress, Sequence[Page]], dict[str, Any]]]:
    """Return what measures axis after axis; each returns the part with all that was found so far.

    One that cannot take a size lacks that point.
    """
    found: dict[str, Any] = {}

    def on(
        axis: Axis, ground: Testbed, progress: Progress, pages: Sequence[Page]
    ) -> dict[str, Any]:
        found[axis.name] = measure_axis(axis, ground, progress)
        return {"growth": {**found}}

    return [partial(on, axis) for axis in AXES]


def measure_axis(axis: Axis, ground: Testbed, progress: Progress) -> dict[str, Any]:
    """Return what grows along one axis, for every framework that has the module for it."""
    able = [
        one for one in ground.environments if (one.framework.folder / f"{axis.module}.py").exists()
    ]
    points: dict[str, list[tuple[int, float]]] = {one.framework.name: [] for one in able}
    left_out = {one.framework.name: "" for one in able}
    for size in axis.sizes if able else ():
        progress.start_step(f"growth with {axis.name}", f"{size:,}")
        place = scaled_testbed(ground, size) if axis.name == "rows" else ground
        going = [one for one in able if not left_out[one.framework.name]]
        for name, taken in measure_size(axis, size, going, place).items():
            if isinstance(taken, float):
                points[name].append((size, round(taken, 1)))
            else:
                left_out[name] = f"{size:,}: {taken}"
    return {
        name: {"points": found, "exponent": fit_exponent(found), "left_out": left_out[name]}
        for name, found in points.items()
    }


def scaled_testbed(ground: Testbed, dishes: int) -> Testbed:
    """Return the same ground on a larder with so many dishes."""
    url = f"{ground.database_url}-{dishes}"
    shared_db.create(url)
    shared_db.scale(url, dishes=dishes)
    return replace(ground, database_url=url)


def measure_size(
    axis: Axis, size: int, able: Iterable[Environment], ground: Testbed
) -> Mapping[str, float | str]:
    """Return each framework's microseconds at one size, or why there are none."""
    found: dict[str, float | str] = {}
    with ExitStack() as stack:
        workers: dict[str, Worker] = {}

        def begin(one: Environment) -> None:
            name = one.framework.name
            try:
                workers[name] = start_prepared_worker(axis, size, one, ground, stack)
            except CookoffError as error:
                found[name] = failure_reason(error, name)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(begin, able))
        taken: dict[str, list[float]] = {name: [] for name in workers}
        spent = dict.fromkeys(workers, 0.0)
        for _ in range(SLICES_PER_POINT):
            for name in [one for one in workers if spent[one] < POINT_BUDGET_SECONDS]:
                began = time.monotonic()
                try:
                    taken[name].append(
                        workers[name].time_slice(axis.name, SLICE_SECONDS).nanoseconds
                    )
                except CookoffError as error:
                    found[name], spent[name] = failure_reason(error, name), POINT_BUDGET_SECONDS
                spent[name] += time.monotonic() - began
    medians = {name: statistics.median(times) / 1000 for name, times in taken.items() if times}
    return medians | found


def failure_reason(error: CookoffError, name: str) -> str:
    """Return why there is no point, in words that go with the framework's name."""
    return strip_log_path(error).removeprefix(f"{name}: ")


def start_prepared_worker(
    axis: Axis, size: int, one: Environment, ground: Testbed, stack: ExitStack
) -> Worker:
    """Return a worker that keeps the axis' request; raise Broken when it does not answer it."""
    order = build_sized_launch_spec(axis.module, size, one, ground)
    worker = start_worker(order, Path(ground.paths.prepare_log_path(f"growth-{order.name}")))
    stack.callback(worker.kill)
    reply = worker.prepare_request(axis.name, axis.build_request(size))
    try:
        fits = axis.is_valid(reply, size)
    except (ValueError, LookupError):
        fits = False
    if not fits:
        raise WorkerError(f"{order.name}: answered {reply.status}")
    return worker


def build_sized_launch_spec(
    module: str, size: int, one: Environment, ground: Testbed
) -> LaunchSpec:
    """Return the order for a framework's application, told how many routes it is to have."""
    order = build_launch_spec(one, ground.build_app_settings(one), module)
    return replace(order, environ={"PYTHONHASHSEED": "0", "COOKOFF_ROUTES": str(size)})
