"""How does a request of each feature travel through each framework?

Every framework has a process, and a larder, of its own; each feature begins on the larder as it was
made, and every request of it finds that larder again. So the counts are exact: equal from run to
run on the same versions, whatever else is asked.
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

from bench.analysis.handlers import ParsedSite
from bench.core import entrypoints
from bench.core.errors import CookoffError, strip_log_path
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.frameworks.environments import Environment
from bench.frameworks.features import Feature
from bench.measure.trace.feature_requests import FEATURE_REQUESTS
from bench.measure.workload.client import SessionClient
from bench.measure.workload.entries import Testbed
from bench.measure.workload.layers import build_layer_rules, build_path_aliases
from bench.measure.workload.testbed import fresh_testbed
from bench.measure.workload.worker import START_TIMEOUT_SECONDS, Worker, WorkerError
from bench.runtime.launch_spec import LaunchSpec
from bench.runtime.process import ManagedProcess, start_process

TRACED_REQUESTS = 5  # watched, each by itself
TRACE_TIMEOUT_SECONDS = 120.0
FIXED_SECRET = sha256(b"journey").hexdigest()  # always the same, and of a real one's form


class TraceWorkerClient(Worker):
    """One application in a process of its own, which tells how a request travels through it."""

    def __init__(self, order: LaunchSpec, log: Path):
        ManagedProcess.__init__(self, entrypoints.TRACE_WORKER, order, log)


@dataclass
class FrameworkTraces:
    """One framework's journeys by feature, and why there is none of another."""

    environment: Environment
    traces: dict[str, dict[str, Any]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return the framework's name."""
        return self.environment.framework.name

    @property
    def finished_count(self) -> int:
        """Return how many journeys were taken, or failed."""
        return len(self.traces) + len(self.failed)


def trace_all(
    all_journeys: Sequence[FrameworkTraces],
    features: Sequence[Feature],
    places: Paths,
    progress: Progress,
    tree: bool = False,
) -> None:
    """Take the journeys of these features, through two or more frameworks at once.

    One that fails is told of in its Journeys. After Ctrl-C those that were not taken are missing.
    """
    leave = Event()

    def take(journeys: FrameworkTraces) -> None:
        for feature in trace_features(journeys, features, places, tree):
            progress.update_detail(f"{journeys.name}: {feature}")
            if leave.is_set():
                return

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        futures = [pool.submit(take, one) for one in all_journeys]
        try:
            for future in futures:
                future.result()
        except BaseException:
            leave.set()
            pool.shutdown(cancel_futures=True)
            raise


def trace_features(
    journeys: FrameworkTraces, features: Sequence[Feature], places: Paths, tree: bool
) -> Iterator[str]:
    """Take one framework's journeys; yield the id of each feature before its turn."""
    left = {one.id: one for one in features}
    try:
        site = ParsedSite(journeys.environment.framework)
        with trace_worker(journeys.environment, places) as (guide, about):
            for feature in features:
                yield feature.id
                asked = about | {"cooks": locate_handlers(site, feature), "tree": tree}
                try:
                    journeys.traces[feature.id] = trace_feature(guide, feature, asked)
                except CookoffError as error:
                    journeys.failed[feature.id] = strip_log_path(error)
                    if not guide.is_running:
                        raise
                del left[feature.id]
    except CookoffError as error:
        journeys.failed |= dict.fromkeys(left, strip_log_path(error))


@contextmanager
def trace_worker(
    environment: Environment, places: Paths
) -> Iterator[tuple[TraceWorkerClient, dict[str, Any]]]:
    """Give a framework's guide, on a larder of its own, and what it has to know of files."""
    framework = environment.framework
    with TemporaryDirectory(prefix="cookoff-journey-") as folder:
        state = Path(folder).resolve()
        (state / "secret").write_text(FIXED_SECRET, encoding="ascii")
        with fresh_testbed([environment], replace(places, state=state)) as ground:
            order = build_trace_spec(ground, environment)
            log = places.prepare_log_path(f"journey-{framework.name}")
            guide = start_process(
                lambda: TraceWorkerClient(order, log), framework.name, START_TIMEOUT_SECONDS
            )
            try:
                entry = ground.build_entry(environment, environment.framework.name)
                marks = build_layer_rules(
                    entry, environment.framework.templates, ground.photos_folder
                )
                yield guide, {"marks": marks, "roots": build_path_aliases(environment)}
            finally:
                guide.kill()


def build_trace_spec(ground: Testbed, environment: Environment) -> LaunchSpec:
    """Return the order for a framework's application, under a hash seed that is always the same."""
    entry = ground.build_entry(environment, environment.framework.name)
    return replace(entry.launch_specs["app"], environ={"PYTHONHASHSEED": "0"})


def locate_handlers(site: ParsedSite, feature: Feature) -> list[tuple[str, int, int, str]]:
    """Return where the handlers of a feature stand."""
    return [
        (str(one.file.resolve()), one.first_line, one.last_line, one.node.name)
        for one in site.select_handlers(feature)
    ]


def trace_feature(
    guide: TraceWorkerClient, feature: Feature, asked: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what one feature's request runs through; raise Broken where it is answered wrongly."""
    guide.call("rewind")
    question = FEATURE_REQUESTS[feature.id]
    request = question.build_request(SessionClient(guide)).as_dict() | {"status": question.status}
    said: dict[str, Any] = guide.call(
        "travel", TRACE_TIMEOUT_SECONDS, request=request, requests=TRACED_REQUESTS, **asked
    )
    if "wrong" in said:
        raise WorkerError(
            f"{guide.launch_spec.name}: {feature.id} answered {said['wrong']} on its journey"
        )
    return said
