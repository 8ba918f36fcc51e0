"""How are all probes asked of all frameworks, two frameworks at once?"""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.behaviour.channel import CHANNELS, IN_PROCESS, LIMIT_SECONDS, Channel
from bench.behaviour.evaluate import Cell, ask
from bench.behaviour.json_suite import ask_cases
from bench.behaviour.probe import Probe
from bench.behaviour.raw_requests import get
from bench.core.paths import Places
from bench.frameworks.environments import Environment
from bench.runtime.database import order_for, settings_for
from bench.runtime.launch_spec import Order
from bench.runtime.process import NotStarted

AT_ONCE = 2
# Sets have the same order in every run.
SAME_EVERY_TIME = {"PYTHONHASHSEED": "0"}
MODULE = "defaults"
INTERRUPTED = "interrupted"


class Stopped(Exception):
    """The reader pressed Ctrl-C."""


@dataclass
class Found:
    """What one framework answered: a cell for each probe and channel, in the order asked."""

    name: str
    title: str
    cells: dict[str, dict[str, Cell]] = field(default_factory=dict)  # probe id: channel: cell
    json: dict[str, dict[str, str]] = field(default_factory=dict)  # channel: case id: outcome
    fallen: list[str] = field(default_factory=list)  # which hosts ended between two probes


class Framework:
    """One framework that is asked: its channels, started when they are first used."""

    def __init__(self, name: str, order: Order, log: Path, limit_seconds: float = LIMIT_SECONDS):
        self.name, self.limit_seconds = name, limit_seconds
        self.stop = threading.Event()
        self.fallen: list[str] = []  # a line for each host that ended by itself between two probes
        self._order = replace(order, environ={**order.environ, **SAME_EVERY_TIME})
        self._log = log
        self._channels: dict[tuple[str, bool], Channel] = {}
        self._there: dict[str, bool] = {}

    def channel(self, kind: str, debug: bool = False) -> Channel:
        """Return a channel, another one in debug mode; raise Stopped after Ctrl-C."""
        if self.stop.is_set():
            raise Stopped
        if (kind, debug) not in self._channels:
            settings = {**self._order.settings, "debug": debug}
            order = replace(self._order, settings=settings)
            known = any(one.does_start for one in self._channels.values())
            self._channels[kind, debug] = Channel(
                kind, order, self._log, self.limit_seconds, does_start=known
            )
        return self._channels[kind, debug]

    def is_there(self, address: str) -> bool:
        """Tell whether the framework has a page at an address that is not everybody's."""
        if address not in self._there:
            answer = self.channel(IN_PROCESS).ask(get(address)[0])
            self._there[address] = answer.reply.status != 404
        return self._there[address]

    def ask(self, probe: Probe, kind: str) -> Cell:
        """Ask one probe on one channel; raise NotStarted when the application does not start."""
        channel = self.channel(kind, probe.debug)
        before = channel.fallen
        cell = ask(probe, channel, self.is_there)
        if channel.fallen > before:
            self.fallen.append(f"{kind}: the host had ended by itself before {probe.id}")
        return cell

    def let_go(self, kind: str) -> None:
        """End the hosts of a channel, to have their memory back; they start again when needed."""
        for debug in (False, True):
            if (kind, debug) in self._channels:
                self._channels[kind, debug].stop()

    def close(self) -> None:
        """End every host."""
        for channel in self._channels.values():
            channel.close()


@contextlib.contextmanager
def opened(
    environment: Environment, places: Places, stop: threading.Event | None = None
) -> Iterator[Framework]:
    """Give a framework to ask, with folders of its own; its hosts end afterwards."""
    name = environment.framework.name
    with TemporaryDirectory(prefix="cookoff-behaviour-") as folder:
        own = Places(places.apps, places.environments, Path(folder), places.static)
        settings = settings_for(environment.title, own, f"sqlite:///{folder}/larder.sqlite3")
        order = order_for(environment, settings, MODULE)
        framework = Framework(name, order, places.log(f"behaviour-{name}"))
        framework.stop = stop or framework.stop
        try:
            yield framework
        finally:
            framework.close()


def ask_all(
    environments: Sequence[Environment],
    places: Places,
    one: Callable[[Framework, Found], None],
    told: Callable[[str], None] = lambda line: None,
) -> tuple[list[Found], Mapping[str, str]]:
    """Have `one` ask every framework; return what was found, and why where nothing was.

    After Ctrl-C those who were done are returned, and the others have INTERRUPTED as the reason.
    """
    found = [Found(one.framework.name, one.title) for one in environments]
    failed = {one.name: INTERRUPTED for one in found}
    stop = threading.Event()

    def run(environment: Environment, mine: Found) -> None:
        try:
            with opened(environment, places, stop) as framework:
                one(framework, mine)
        except NotStarted as error:
            failed[mine.name] = str(error)
        except Stopped:
            return
        else:
            del failed[mine.name]
        told(mine.name)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            list(pool.map(run, environments, found))
        except KeyboardInterrupt:
            stop.set()
        finally:
            pool.shutdown(cancel_futures=True)
    return [mine for mine in found if mine.name not in failed], failed


def questions(
    probes: Sequence[Probe], channels: Sequence[str] = CHANNELS, with_json: bool = False
) -> Callable[[Framework, Found], None]:
    """Return what asks these probes, and the JSON cases, on one channel after the other."""

    def one(framework: Framework, found: Found) -> None:
        for kind in channels:
            for probe in probes:
                found.cells.setdefault(probe.id, {})[kind] = framework.ask(probe, kind)
            if with_json:
                found.json[kind] = ask_cases(framework.channel(kind))
            framework.let_go(kind)
        found.fallen = framework.fallen

    return one
