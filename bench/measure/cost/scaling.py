"""Measure how the time of a request grows with the size of its input: the part "scaling".

    {"rows" | "body" | "routes": {name: {
        "points": [[size, microseconds], ...],
        "exponent": b of time = a * size ** b, fitted to all points on log scales,
        "skipped": why points are missing, if any}}}

"rows" are the dishes on the menu. "body" is the size in bytes of an uploaded file, which the
framework's defaults.py receives. "routes" is the number of routes of a site, for frameworks whose
folder has a many_routes.py: its create_app(settings) reads the number from COOKOFF_ROUTES. The
request is for the last route: /route-<number - 1>/7 answers "7". A framework that fails at one size
is not measured at larger sizes.
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

import shared_db
from bench.agent.multipart import build_file_part, encode_form
from bench.core.errors import CookoffError, strip_log_path
from bench.core.progress import Progress
from bench.frameworks.environments import Environment
from bench.measure.workload.client import BOUNDARY
from bench.measure.workload.entries import Testbed
from bench.measure.workload.scenarios import Page
from bench.measure.workload.worker import Reply, Request, Worker, WorkerError, start_worker
from bench.results.schema import Results, ScalingCurve
from bench.runtime.database import build_launch_spec
from bench.runtime.launch_spec import LaunchSpec
from bench.stats.power_law import fit_exponent

ROW_COUNTS = (24, 100, 1_000, 10_000)
BODY_SIZES_BYTES = (*(1024 * 4**power for power in range(7)), 10 * 1024 * 1024)
ROUTE_COUNTS = (10, 50, 200, 1_000, 2_000)
SLICES_PER_POINT = 5  # the results have the median
SLICE_SECONDS = 0.02
POINT_BUDGET_SECONDS = 2.0  # a framework that has spent so many on a point gets no more slices


@dataclass(frozen=True)
class Axis:
    """A dimension along which the size of the input grows."""

    name: str
    sizes: Sequence[int]
    module: str  # of a framework's folder
    build_request: Callable[[int], Request]
    is_valid: Callable[[Reply, int], bool]


def build_upload(size: int) -> Request:
    """Return a request that uploads a file of so many bytes."""
    headers = {"CONTENT_TYPE": f"multipart/form-data; boundary={BOUNDARY.decode()}"}
    body = encode_form(BOUNDARY, {}, build_file_part(BOUNDARY, "file", "file.png", bytes(size)))
    return Request("/upload", "POST", body, headers)


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


def build_instruments() -> list[Callable[[Testbed, Progress, Sequence[Page]], Results]]:
    """Return an instrument for each axis; it returns the part with all axes measured so far."""
    curves: dict[str, dict[str, ScalingCurve]] = {}

    def add_axis(
        axis: Axis, testbed: Testbed, progress: Progress, pages: Sequence[Page]
    ) -> Results:
        curves[axis.name] = measure_axis(axis, testbed, progress)
        return Results(scaling={**curves})

    return [partial(add_axis, axis) for axis in AXES]


def measure_axis(axis: Axis, testbed: Testbed, progress: Progress) -> dict[str, ScalingCurve]:
    """Return the points along one axis, for every framework that has the module of the axis."""
    environments = [
        environment
        for environment in testbed.environments
        if (environment.framework.folder / f"{axis.module}.py").exists()
    ]
    names = [environment.framework.name for environment in environments]
    points: dict[str, list[tuple[int, float]]] = {name: [] for name in names}
    skipped = dict.fromkeys(names, "")
    for size in axis.sizes if environments else ():
        progress.start_step(f"growth with {axis.name}", f"{size:,}")
        sized_testbed = scaled_testbed(testbed, size) if axis.name == "rows" else testbed
        remaining = [
            environment for environment in environments if not skipped[environment.framework.name]
        ]
        for name, outcome in measure_size(axis, size, remaining, sized_testbed).items():
            if isinstance(outcome, float):
                points[name].append((size, round(outcome, 1)))
            else:
                skipped[name] = f"{size:,}: {outcome}"
    return {
        name: ScalingCurve(pairs, fit_exponent(pairs), skipped[name])
        for name, pairs in points.items()
    }


def scaled_testbed(testbed: Testbed, dishes: int) -> Testbed:
    """Return the testbed with a new database that has so many dishes."""
    url = f"{testbed.database_url}-{dishes}"
    shared_db.create(url)
    shared_db.scale(url, dishes=dishes)
    return replace(testbed, database_url=url)


def measure_size(
    axis: Axis, size: int, environments: Iterable[Environment], testbed: Testbed
) -> Mapping[str, float | str]:
    """Return each framework's microseconds at one size, or the reason of its failure."""
    failures: dict[str, str] = {}
    with ExitStack() as stack:
        workers: dict[str, Worker] = {}

        def start_one(environment: Environment) -> None:
            name = environment.framework.name
            try:
                workers[name] = start_prepared_worker(axis, size, environment, testbed, stack)
            except CookoffError as error:
                failures[name] = failure_reason(error, name)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(start_one, environments))
        times = time_workers(axis, workers, failures)
    medians = {name: statistics.median(values) / 1000 for name, values in times.items() if values}
    return medians | failures


def time_workers(
    axis: Axis, workers: Mapping[str, Worker], failures: dict[str, str]
) -> dict[str, list[float]]:
    """Return the nanoseconds of each worker's slices; add the reason of each failure."""
    times: dict[str, list[float]] = {name: [] for name in workers}
    spent_seconds = dict.fromkeys(workers, 0.0)
    for _ in range(SLICES_PER_POINT):
        for name in [name for name in workers if spent_seconds[name] < POINT_BUDGET_SECONDS]:
            start = time.monotonic()
            try:
                timed = workers[name].time_slice(axis.name, SLICE_SECONDS)
                times[name].append(timed.nanoseconds)
            except CookoffError as error:
                failures[name] = failure_reason(error, name)
                spent_seconds[name] = POINT_BUDGET_SECONDS
            spent_seconds[name] += time.monotonic() - start
    return times


def failure_reason(error: CookoffError, name: str) -> str:
    """Return the error's message without the framework's name and the path of the log."""
    return strip_log_path(error).removeprefix(f"{name}: ")


def start_prepared_worker(
    axis: Axis, size: int, environment: Environment, testbed: Testbed, stack: ExitStack
) -> Worker:
    """Start a worker with the request of the axis; raise WorkerError for an invalid reply."""
    launch_spec = build_sized_launch_spec(axis.module, size, environment, testbed)
    log = testbed.paths.prepare_log_path(f"growth-{launch_spec.name}")
    worker = start_worker(launch_spec, log)
    stack.callback(worker.kill)
    reply = worker.prepare_request(axis.name, axis.build_request(size))
    try:
        is_valid = axis.is_valid(reply, size)
    except (ValueError, LookupError):
        is_valid = False
    if not is_valid:
        raise WorkerError(f"{launch_spec.name}: answered {reply.status}")
    return worker


def build_sized_launch_spec(
    module: str, size: int, environment: Environment, testbed: Testbed
) -> LaunchSpec:
    """Return the launch spec of a framework's application with so many routes."""
    launch_spec = build_launch_spec(environment, testbed.build_app_settings(environment), module)
    return replace(launch_spec, environ={"PYTHONHASHSEED": "0", "COOKOFF_ROUTES": str(size)})
