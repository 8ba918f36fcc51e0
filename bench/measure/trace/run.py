"""Trace one request of each feature through each framework.

Every framework has its own process and its own database. Each feature begins with the database in
its initial state, and each request of a feature finds the same database. The counts are therefore
exact: they are the same in two runs with the same versions, whichever features are traced.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

import msgspec

from bench.analysis.handlers import ParsedSite
from bench.core import entrypoints
from bench.core.errors import CookoffError, strip_log_path
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.core.words import format_count
from bench.frameworks.environments import Environment
from bench.frameworks.features import Feature
from bench.measure.trace.call_tree import CallEntry
from bench.measure.trace.feature_requests import FEATURE_REQUESTS
from bench.measure.workload.client import SessionClient
from bench.measure.workload.layers import build_layer_rules, build_path_aliases
from bench.measure.workload.scenarios import SITE
from bench.measure.workload.testbed import fresh_testbed
from bench.measure.workload.worker import START_TIMEOUT_SECONDS, Worker, WorkerError
from bench.results.schema import RepeatedWork
from bench.runtime.launch_spec import LaunchSpec
from bench.runtime.process import ManagedProcess, start_process

TRACED_REQUESTS = 5  # of each feature, each traced by itself
TRACE_TIMEOUT_SECONDS = 120.0
FIXED_SECRET = sha256(b"trace").hexdigest()  # the same in every run, in the form of a real secret


class TraceWorkerClient(Worker):
    """A process that calls one application and traces its requests."""

    def __init__(self, launch_spec: LaunchSpec, log: Path):
        ManagedProcess.__init__(self, entrypoints.TRACE_WORKER, launch_spec, log)


class WorkerTrace(msgspec.Struct):
    """The reply of a trace worker: see bench/agent/trace_summary.py."""

    instrument: str
    stable: bool
    calls: dict[str, int]  # by layer
    calls_before_handler: int | None
    maximum_depth: int
    modules: int
    time_shares: dict[str, float]  # by layer
    handler_path: list[tuple[str, str, str, int]]  # layer, file, function, line
    # Row, number of calls before, number of calls, and a frame as in handler_path.
    blocks: list[tuple[int, int, int, tuple[str, str, str, int]]]
    repeated_work: dict[str, RepeatedWork]
    tree: list[CallEntry] = []  # only when it was requested


@dataclass
class TraceRun:
    """The traces of one framework by feature, and the reasons of failures."""

    environment: Environment
    traces: dict[str, WorkerTrace] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return the framework's name."""
        return self.environment.framework.name

    @property
    def finished_count(self) -> int:
        """Return the number of features that were traced or failed."""
        return len(self.traces) + len(self.failed)


def trace_all(
    runs: Sequence[TraceRun],
    features: Sequence[Feature],
    paths: Paths,
    progress: Progress,
    tree: bool = False,
) -> None:
    """Trace these features, and add the results to `runs`; use a thread for each core.

    A failure is added to the `failed` of its framework. An interrupt keeps the finished traces.
    With `tree` the traces have the whole call trees.
    """
    interrupted = Event()
    count = format_count(len(features) * len(runs), "trace")

    def trace_framework(run: TraceRun) -> None:
        for feature_id in trace_features(run, features, paths, tree):
            finished = sum(each.finished_count for each in runs)
            progress.update_detail(f"{finished} of {count}, {run.name}: {feature_id}")
            if interrupted.is_set():
                return
        if len(features) > 1:
            traced = f"{len(run.traces)} of {format_count(len(features), 'feature')}"
            progress.print_note(f"{run.name}: traced {traced}")

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        futures = [pool.submit(trace_framework, run) for run in runs]
        try:
            for future in futures:
                future.result()
        except BaseException:
            interrupted.set()
            pool.shutdown(cancel_futures=True)
            raise


def trace_features(
    run: TraceRun, features: Sequence[Feature], paths: Paths, tree: bool
) -> Iterator[str]:
    """Trace the features of one framework; yield the id of each feature before its trace.

    When the worker cannot go on, all remaining features fail with its error.
    """
    remaining = [feature.id for feature in features]
    try:
        site = ParsedSite(run.environment.framework)
        with trace_worker(run.environment, paths) as (worker, file_options):
            for feature in features:
                yield feature.id
                options = file_options | {"handlers": locate_handlers(site, feature), "tree": tree}
                try:
                    run.traces[feature.id] = trace_feature(worker, feature, options)
                except CookoffError as error:
                    run.failed[feature.id] = strip_log_path(error)
                    if not worker.is_running:
                        raise
                remaining.remove(feature.id)
    except CookoffError as error:
        run.failed |= dict.fromkeys(remaining, strip_log_path(error))


@contextmanager
def trace_worker(
    environment: Environment, paths: Paths
) -> Iterator[tuple[TraceWorkerClient, dict[str, Any]]]:
    """Yield a framework's trace worker, on its own database, and the options for file names."""
    framework = environment.framework
    with TemporaryDirectory(prefix="cookoff-trace-") as folder:
        state = Path(folder).resolve()
        (state / "secret").write_text(FIXED_SECRET, encoding="ascii")
        with fresh_testbed([environment], replace(paths, state=state)) as testbed:
            entry = testbed.build_entry(environment, framework.name)
            # The hash seed is fixed, so that the calls are the same in every run.
            launch_spec = replace(entry.launch_specs[SITE], environ={"PYTHONHASHSEED": "0"})
            log = paths.prepare_log_path(f"trace-{framework.name}")
            worker = start_process(
                lambda: TraceWorkerClient(launch_spec, log), framework.name, START_TIMEOUT_SECONDS
            )
            try:
                rules = build_layer_rules(entry, framework, testbed.photos_folder)
                yield worker, {"layer_rules": rules, "roots": build_path_aliases(environment)}
            finally:
                worker.kill()


def locate_handlers(site: ParsedSite, feature: Feature) -> list[tuple[str, int, int, str]]:
    """Return the file, first line, last line and name of each handler of a feature."""
    return [
        (str(handler.file.resolve()), handler.first_line, handler.last_line, handler.node.name)
        for handler in site.select_handlers(feature)
    ]


def trace_feature(
    worker: TraceWorkerClient, feature: Feature, options: Mapping[str, Any]
) -> WorkerTrace:
    """Return the trace of one feature's request; raise WorkerError for a wrong status."""
    worker.call("rewind")
    feature_request = FEATURE_REQUESTS[feature.id]
    request = feature_request.build_request(SessionClient(worker)).as_dict()
    reply: dict[str, Any] = worker.call(
        "trace",
        TRACE_TIMEOUT_SECONDS,
        request=request | {"status": feature_request.status},
        requests=TRACED_REQUESTS,
        **options,
    )
    if "wrong" in reply:
        raise WorkerError(
            f"{worker.launch_spec.name}: {feature.id} answered {reply['wrong']}, "
            f"not {feature_request.status}, during tracing"
        )
    return msgspec.convert(reply, WorkerTrace)
