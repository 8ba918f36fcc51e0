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

from bench.analysis.handlers import Site
from bench.core import entrypoints
from bench.core.errors import Trouble, reason
from bench.core.paths import Places
from bench.core.progress import Progress
from bench.frameworks.environments import Environment
from bench.frameworks.features import Feature
from bench.measure.trace.feature_requests import QUESTIONS
from bench.measure.workload.client import Guest
from bench.measure.workload.entries import Ground
from bench.measure.workload.layers import marks_for, roots
from bench.measure.workload.testbed import fresh_ground
from bench.measure.workload.worker import START_SECONDS, Broken, Worker
from bench.runtime.launch_spec import Order
from bench.runtime.process import Child, ready

REQUESTS = 5  # watched, each by itself
TRAVEL_SECONDS = 120.0
SECRET = sha256(b"journey").hexdigest()  # always the same, and of a real one's form


class Guide(Worker):
    """One application in a process of its own, which tells how a request travels through it."""

    def __init__(self, order: Order, log: Path):
        Child.__init__(self, entrypoints.TRACE_WORKER, order, log)


@dataclass
class Journeys:
    """One framework's journeys by feature, and why there is none of another."""

    environment: Environment
    found: dict[str, dict[str, Any]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return the framework's name."""
        return self.environment.framework.name

    @property
    def taken(self) -> int:
        """Return how many journeys were taken, or failed."""
        return len(self.found) + len(self.failed)


def travel_all(
    all_journeys: Sequence[Journeys],
    features: Sequence[Feature],
    places: Places,
    progress: Progress,
    tree: bool = False,
) -> None:
    """Take the journeys of these features, through two or more frameworks at once.

    One that fails is told of in its Journeys. After Ctrl-C those that were not taken are missing.
    """
    leave = Event()

    def take(journeys: Journeys) -> None:
        for feature in travel(journeys, features, places, tree):
            progress.detail(f"{journeys.name}: {feature}")
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


def travel(
    journeys: Journeys, features: Sequence[Feature], places: Places, tree: bool
) -> Iterator[str]:
    """Take one framework's journeys; yield the id of each feature before its turn."""
    left = {one.id: one for one in features}
    try:
        site = Site(journeys.environment.framework)
        with guided(journeys.environment, places) as (guide, about):
            for feature in features:
                yield feature.id
                asked = about | {"cooks": cooks_of(site, feature), "tree": tree}
                try:
                    journeys.found[feature.id] = journey(guide, feature, asked)
                except Trouble as error:
                    journeys.failed[feature.id] = reason(error)
                    if not guide.running:
                        raise
                del left[feature.id]
    except Trouble as error:
        journeys.failed |= dict.fromkeys(left, reason(error))


@contextmanager
def guided(environment: Environment, places: Places) -> Iterator[tuple[Guide, dict[str, Any]]]:
    """Give a framework's guide, on a larder of its own, and what it has to know of files."""
    framework = environment.framework
    with TemporaryDirectory(prefix="cookoff-journey-") as folder:
        state = Path(folder).resolve()
        (state / "secret").write_text(SECRET, encoding="ascii")
        with fresh_ground([environment], replace(places, state=state)) as ground:
            order = ordered(ground, environment)
            log = places.log(f"journey-{framework.name}")
            guide = ready(lambda: Guide(order, log), framework.name, START_SECONDS)
            try:
                entry = ground.entry(environment, environment.framework.name)
                marks = marks_for(entry, environment.framework.templates, ground.photos)
                yield guide, {"marks": marks, "roots": roots(environment)}
            finally:
                guide.kill()


def ordered(ground: Ground, environment: Environment) -> Order:
    """Return the order for a framework's application, under a hash seed that is always the same."""
    entry = ground.entry(environment, environment.framework.name)
    return replace(entry.orders["app"], environ={"PYTHONHASHSEED": "0"})


def cooks_of(site: Site, feature: Feature) -> list[tuple[str, int, int, str]]:
    """Return where the handlers of a feature stand."""
    return [
        (str(one.file.resolve()), one.first_line, one.last_line, one.node.name)
        for one in site.of(feature)
    ]


def journey(guide: Guide, feature: Feature, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what one feature's request runs through; raise Broken where it is answered wrongly."""
    guide.ask("rewind")
    question = QUESTIONS[feature.id]
    request = question.ask(Guest(guide)).as_dict() | {"status": question.status}
    said: dict[str, Any] = guide.ask(
        "travel", TRAVEL_SECONDS, request=request, requests=REQUESTS, **asked
    )
    if "wrong" in said:
        raise Broken(f"{guide.order.name}: {feature.id} answered {said['wrong']} on its journey")
    return said
