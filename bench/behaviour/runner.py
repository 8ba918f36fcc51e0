"""How are all probes asked of all frameworks, two frameworks at once?"""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.behaviour.channel import CHANNELS, IN_PROCESS, TIMEOUT_SECONDS, Channel
from bench.behaviour.evaluate import ProbeResult, evaluate_probe
from bench.behaviour.json_suite import run_cases
from bench.behaviour.probe import Probe
from bench.behaviour.raw_requests import get
from bench.core.paths import Paths
from bench.frameworks.environments import Environment
from bench.runtime.database import build_launch_spec, build_settings
from bench.runtime.launch_spec import LaunchSpec
from bench.runtime.process import ProcessStartError

MAX_PARALLEL = 2
# Sets have the same order in every run.
FIXED_ENVIRON = {"PYTHONHASHSEED": "0"}
APP_MODULE = "defaults"
INTERRUPTED = "interrupted"


class Interrupted(Exception):
    """The reader pressed Ctrl-C."""


@dataclass
class Observations:
    """What one framework answered: a cell for each probe and channel, in the order asked."""

    name: str
    title: str
    probe_results: dict[str, dict[str, ProbeResult]] = field(
        default_factory=dict
    )  # probe id: channel: cell
    json_outcomes: dict[str, dict[str, str]] = field(
        default_factory=dict
    )  # channel: case id: outcome
    crashes: list[str] = field(default_factory=list)  # which hosts ended between two probes


class ProbedFramework:
    """One framework that is asked: its channels, started when they are first used."""

    def __init__(
        self,
        name: str,
        launch_spec: LaunchSpec,
        log: Path,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ):
        self.name, self.timeout_seconds = name, timeout_seconds
        self.stop_requested = threading.Event()
        self.crashes: list[str] = []  # a line for each host that ended by itself between two probes
        self._launch_spec = replace(launch_spec, environ={**launch_spec.environ, **FIXED_ENVIRON})
        self._log = log
        self._channels: dict[tuple[str, bool], Channel] = {}
        self._known_pages: dict[str, bool] = {}

    def get_channel(self, kind: str, debug: bool = False) -> Channel:
        """Return a channel, another one in debug mode; raise Stopped after Ctrl-C."""
        if self.stop_requested.is_set():
            raise Interrupted
        if (kind, debug) not in self._channels:
            settings = {**self._launch_spec.settings, "debug": debug}
            order = replace(self._launch_spec, settings=settings)
            known = any(one.has_started for one in self._channels.values())
            self._channels[kind, debug] = Channel(
                kind, order, self._log, self.timeout_seconds, has_started=known
            )
        return self._channels[kind, debug]

    def has_page(self, address: str) -> bool:
        """Tell whether the framework has a page at an address that is not everybody's."""
        if address not in self._known_pages:
            answer = self.get_channel(IN_PROCESS).send_request(get(address)[0])
            self._known_pages[address] = answer.reply.status != 404
        return self._known_pages[address]

    def run_probe(self, probe: Probe, kind: str) -> ProbeResult:
        """Ask one probe on one channel; raise NotStarted when the application does not start."""
        channel = self.get_channel(kind, probe.debug)
        before = channel.crash_count
        cell = evaluate_probe(probe, channel, self.has_page)
        if channel.crash_count > before:
            self.crashes.append(f"{kind}: the host had ended by itself before {probe.id}")
        return cell

    def stop_channel(self, kind: str) -> None:
        """End the hosts of a channel, to have their memory back; they start again when needed."""
        for debug in (False, True):
            if (kind, debug) in self._channels:
                self._channels[kind, debug].stop()

    def close(self) -> None:
        """End every host."""
        for channel in self._channels.values():
            channel.close()


@contextlib.contextmanager
def open_framework(
    environment: Environment, places: Paths, stop_requested: threading.Event | None = None
) -> Iterator[ProbedFramework]:
    """Give a framework to ask, with folders of its own; its hosts end afterwards."""
    name = environment.framework.name
    with TemporaryDirectory(prefix="cookoff-behaviour-") as folder:
        own = Paths(places.apps, places.environments, Path(folder), places.static)
        settings = build_settings(environment.title, own, f"sqlite:///{folder}/larder.sqlite3")
        order = build_launch_spec(environment, settings, APP_MODULE)
        framework = ProbedFramework(name, order, places.prepare_log_path(f"behaviour-{name}"))
        framework.stop_requested = stop_requested or framework.stop_requested
        try:
            yield framework
        finally:
            framework.close()


def probe_frameworks(
    environments: Sequence[Environment],
    places: Paths,
    probe_one: Callable[[ProbedFramework, Observations], None],
    on_progress: Callable[[str], None] = lambda line: None,
) -> tuple[list[Observations], Mapping[str, str]]:
    """Have `one` ask every framework; return what was found, and why where nothing was.

    After Ctrl-C those who were done are returned, and the others have INTERRUPTED as the reason.
    """
    found = [Observations(one.framework.name, one.title) for one in environments]
    failed = {one.name: INTERRUPTED for one in found}
    stop = threading.Event()

    def run(environment: Environment, mine: Observations) -> None:
        try:
            with open_framework(environment, places, stop) as framework:
                probe_one(framework, mine)
        except ProcessStartError as error:
            failed[mine.name] = str(error)
        except Interrupted:
            return
        else:
            del failed[mine.name]
        on_progress(mine.name)

    with ThreadPoolExecutor(MAX_PARALLEL) as pool:
        try:
            list(pool.map(run, environments, found))
        except KeyboardInterrupt:
            stop.set()
        finally:
            pool.shutdown(cancel_futures=True)
    return [mine for mine in found if mine.name not in failed], failed


def build_prober(
    probes: Sequence[Probe], channels: Sequence[str] = CHANNELS, with_json: bool = False
) -> Callable[[ProbedFramework, Observations], None]:
    """Return what asks these probes, and the JSON cases, on one channel after the other."""

    def one(framework: ProbedFramework, found: Observations) -> None:
        for kind in channels:
            for probe in probes:
                found.probe_results.setdefault(probe.id, {})[kind] = framework.run_probe(
                    probe, kind
                )
            if with_json:
                found.json_outcomes[kind] = run_cases(framework.get_channel(kind))
            framework.stop_channel(kind)
        found.crashes = framework.crashes

    return one
