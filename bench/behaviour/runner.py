"""Run all probes against all frameworks, two frameworks at a time."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.behaviour.channel import CHANNELS, IN_PROCESS, TIMEOUT_SECONDS, Channel
from bench.behaviour.evaluate import ProbeResult, evaluate_probe
from bench.behaviour.json_suite import run_cases
from bench.behaviour.probe import Probe
from bench.behaviour.raw_requests import get
from bench.core.errors import CookoffError
from bench.core.paths import Paths
from bench.frameworks.environments import Environment
from bench.runtime.database import build_launch_spec, build_settings
from bench.runtime.launch_spec import LaunchSpec
from bench.runtime.process import ProcessStartError

MAX_PARALLEL = 2
# A fixed hash seed gives sets the same order in every run.
FIXED_ENVIRON = {"PYTHONHASHSEED": "0"}
APP_MODULE = "defaults"
INTERRUPTED = "interrupted"


class NotWrittenError(CookoffError):
    """A defaults.py that is still the stub of `cookoff new`."""


class Interrupted(Exception):
    """Stop probing, because the user pressed Ctrl-C."""


@dataclass
class Observations:
    """The results of one framework for each probe and channel, in the order of the run."""

    name: str
    title: str
    # By probe id, then by channel.
    probe_results: dict[str, dict[str, ProbeResult]] = field(default_factory=dict)
    # By channel, then by case id.
    json_outcomes: dict[str, dict[str, str]] = field(default_factory=dict)
    # One line for each host that ended by itself between two probes.
    crashes: list[str] = field(default_factory=list)


class ProbedFramework:
    """One framework under probes; its channels start when they are first used."""

    def __init__(
        self,
        name: str,
        launch_spec: LaunchSpec,
        log: Path,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ):
        self.name, self.timeout_seconds = name, timeout_seconds
        self.stop_requested = threading.Event()
        self.crashes: list[str] = []  # one line for each host that ended between two probes
        self._launch_spec = replace(launch_spec, environ={**launch_spec.environ, **FIXED_ENVIRON})
        self._log = log
        self._channels: dict[tuple[str, bool], Channel] = {}
        self._known_pages: dict[str, bool] = {}

    def get_channel(self, kind: str, debug: bool = False) -> Channel:
        """Return the channel, separate for debug mode; raise Interrupted after Ctrl-C."""
        if self.stop_requested.is_set():
            raise Interrupted
        if (kind, debug) not in self._channels:
            settings = {**self._launch_spec.settings, "debug": debug}
            launch_spec = replace(self._launch_spec, settings=settings)
            has_started = any(channel.has_started for channel in self._channels.values())
            self._channels[kind, debug] = Channel(
                kind, launch_spec, self._log, self.timeout_seconds, has_started
            )
        return self._channels[kind, debug]

    def check_is_written(self) -> None:
        """Raise NotWrittenError if the application answers its first address with 501."""
        result = self.get_channel(IN_PROCESS).send_request(get("/hello")[0])
        if result.reply.status == HTTPStatus.NOT_IMPLEMENTED:
            name = self.name.partition("@")[0]
            raise NotWrittenError(
                f"GET /hello is answered with 501; write apps/{name}/{APP_MODULE}.py first"
            )

    def has_page(self, address: str) -> bool:
        """Return whether the framework has a page at an address that only some have."""
        if address not in self._known_pages:
            result = self.get_channel(IN_PROCESS).send_request(get(address)[0])
            self._known_pages[address] = result.reply.status != 404
        return self._known_pages[address]

    def run_probe(self, probe: Probe, kind: str) -> ProbeResult:
        """Run one probe on one channel.

        Raises ProcessStartError if the application does not start, Interrupted after Ctrl-C.
        """
        channel = self.get_channel(kind, probe.debug)
        crashes_before = channel.crash_count
        result = evaluate_probe(probe, channel, self.has_page)
        if channel.crash_count > crashes_before:
            self.crashes.append(f"{kind}: the host ended by itself before {probe.id}")
        return result

    def stop_channel(self, kind: str) -> None:
        """Stop the hosts of a channel to free their memory; they restart when needed."""
        for debug in (False, True):
            if (kind, debug) in self._channels:
                self._channels[kind, debug].stop()

    def close(self) -> None:
        """Stop every host."""
        for channel in self._channels.values():
            channel.close()


@contextlib.contextmanager
def open_framework(
    environment: Environment, paths: Paths, stop_requested: threading.Event | None = None
) -> Iterator[ProbedFramework]:
    """Yield a framework with temporary folders of its own, and stop its hosts at the end."""
    name = environment.framework.name
    with TemporaryDirectory(prefix="cookoff-behaviour-") as folder:
        own_paths = Paths(paths.apps, paths.environments, Path(folder), paths.static)
        settings = build_settings(
            environment.title, own_paths, f"sqlite:///{folder}/database.sqlite3"
        )
        launch_spec = build_launch_spec(environment, settings, APP_MODULE)
        framework = ProbedFramework(name, launch_spec, paths.prepare_log_path(f"behaviour-{name}"))
        framework.stop_requested = stop_requested or framework.stop_requested
        try:
            yield framework
        finally:
            framework.close()


def probe_frameworks(
    environments: Sequence[Environment],
    paths: Paths,
    probe_one: Callable[[ProbedFramework, Observations], None],
    on_progress: Callable[[str], None] = lambda line: None,
) -> tuple[list[Observations], Mapping[str, str]]:
    """Call probe_one for every framework; return the observations, and the reason of each failure.

    After Ctrl-C the finished frameworks are returned, and every other one fails as INTERRUPTED.
    """
    observations = [Observations(each.framework.name, each.title) for each in environments]
    failed = {each.name: INTERRUPTED for each in observations}
    stop = threading.Event()

    def run(environment: Environment, observed: Observations) -> None:
        try:
            with open_framework(environment, paths, stop) as framework:
                framework.check_is_written()
                probe_one(framework, observed)
        except (ProcessStartError, NotWrittenError) as error:
            failed[observed.name] = str(error)
        except Interrupted:
            return
        else:
            del failed[observed.name]
        on_progress(observed.name)

    with ThreadPoolExecutor(MAX_PARALLEL) as pool:
        try:
            list(pool.map(run, environments, observations))
        except KeyboardInterrupt:
            stop.set()
        finally:
            pool.shutdown(cancel_futures=True)
    return [each for each in observations if each.name not in failed], failed


def build_prober(
    probes: Sequence[Probe], channels: Sequence[str] = CHANNELS, with_json: bool = False
) -> Callable[[ProbedFramework, Observations], None]:
    """Return a function that runs these probes, and the JSON cases, channel by channel."""

    def run_probes(framework: ProbedFramework, observed: Observations) -> None:
        for kind in channels:
            for probe in probes:
                results = observed.probe_results.setdefault(probe.id, {})
                results[kind] = framework.run_probe(probe, kind)
            if with_json:
                observed.json_outcomes[kind] = run_cases(framework.get_channel(kind))
            framework.stop_channel(kind)
        observed.crashes = framework.crashes

    return run_probes
