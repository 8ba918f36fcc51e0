"""Attribute the time of a page's warm requests to the app's own lines and to everything else.

The call stacks of one framework's requests are sampled, from the server's parser to the last piece
of the reply. Each sample counts twice:

- `self`: for the innermost frame. An own line is a line of the app or of its templates; any other
  frame counts for its owner: shared_db, a distribution, Python's standard library.
- `total`: for the innermost own line that the frame works for, so that a line also has the time of
  what it calls. A line around the handler, as in a middleware, has only its own time: the framework
  between both counts for itself, like all code that no own line called.

Both columns therefore sum to 100 %.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import asdict

from bench.agent.code_owner import APP_PREFIX, PYTHON
from bench.analysis.handlers import ParsedSite
from bench.frameworks.environments import Environment
from bench.frameworks.manifest import Framework
from bench.frameworks.packages import find_packages
from bench.measure.cost.stack_samples import (
    DATABASE,
    MEASUREMENT,
    SAMPLES,
    SERVER,
    Frame,
    Stack,
    sample_page,
)
from bench.measure.workload.entries import Testbed
from bench.measure.workload.scenarios import Page
from bench.measure.workload.worker import WorkerError


class HandlerLines(NamedTuple):
    """The lines of one handler."""

    file: str
    first: int
    last: int

    def contain(self, frame: Frame) -> bool:
        """Return whether a frame runs one of these lines."""
        return frame.file == self.file and self.first <= frame.line <= self.last


class Cost(msgspec.Struct, kw_only=True):
    """The time of a request that is spent in a line, without and with what it calls."""

    self_percent: float
    self_microseconds: float
    total_percent: float
    total_microseconds: float


class LineCost(Cost, kw_only=True):
    """The cost of one of the app's own lines."""

    file: str
    line: int
    function: str
    source: str


class OwnerCost(Cost, kw_only=True):
    """The cost of code that is not the app's."""

    owner: str
    role: str  # "framework", "database", "driver", "server", "Python", "measurement"


class Blame(msgspec.Struct):
    """The costs of a page's request; each of the two percentages sums to 100."""

    framework: str
    page: str
    as_taught: bool
    microseconds: float  # of a request, with the server, without sampling
    requests: int
    samples: int
    lines: list[LineCost]
    owners: list[OwnerCost]


def measure_blame(testbed: Testbed, page: Page, as_taught: bool, samples: int = SAMPLES) -> Blame:
    """Return the costs of a page in the testbed's only framework; raise WorkerError."""
    [environment] = testbed.environments
    name = environment.framework.name
    entry = (
        testbed.build_taught_entry(environment)
        if as_taught
        else testbed.build_entry(environment, name)
    )
    reply = sample_page(testbed, environment, entry, page, samples)
    frames = [Frame(*frame) for frame in reply["frames"]]
    stacks = {
        tuple(frames[number] for number in numbers): count for count, numbers in reply["stacks"]
    }
    if not stacks:
        raise WorkerError(f"{name}: {page.name}: no sample; repeat on a machine that is less busy")
    own, total = fold_stacks(stacks, find_handler_lines(environment.framework))
    microseconds = reply["microseconds"]
    lines, owners = build_costs(own, total, microseconds, environment)
    return Blame(
        name, page.name, as_taught, microseconds, reply["requests"], reply["samples"], lines, owners
    )


def fold_stacks(
    stacks: Mapping[Stack, int], handlers: Sequence[HandlerLines]
) -> tuple[Counter[Frame | str], Counter[Frame | str]]:
    """Return the samples of each own line and of each owner: without and with what lines call."""
    wrapping = find_wrapping_lines(stacks, handlers)
    own: Counter[Frame | str] = Counter()
    total: Counter[Frame | str] = Counter()
    for stack, count in stacks.items():
        innermost = stack[0]
        own[innermost if innermost.is_own else innermost.owner] += count
        caller = next((frame for frame in stack if frame.is_own), innermost)
        if caller is not innermost and caller in wrapping:
            caller = innermost
        total[caller if caller.is_own else caller.owner] += count
    return own, total


def find_wrapping_lines(stacks: Iterable[Stack], handlers: Sequence[HandlerLines]) -> set[Frame]:
    """Return the own lines around handlers: those of frames that are outside of a handler's."""
    wrapping: set[Frame] = set()
    for stack in stacks:
        inside = [any(lines.contain(frame) for lines in handlers) for frame in stack]
        if any(inside):
            outermost = len(inside) - inside[::-1].index(True)
            wrapping.update(frame for frame in stack[outermost:] if frame.is_own)
    return wrapping


def find_handler_lines(framework: Framework) -> list[HandlerLines]:
    """Return the lines of the framework's handlers."""
    folder = framework.folder.parent
    return [
        HandlerLines(
            APP_PREFIX + handler.file.relative_to(folder).as_posix(),
            handler.first_line,
            handler.last_line,
        )
        for handler in ParsedSite(framework).find_handlers()
    ]


def build_costs(
    own: Counter[Frame | str],
    total: Counter[Frame | str],
    microseconds: float,
    environment: Environment,
) -> tuple[list[LineCost], list[OwnerCost]]:
    """Return the costs of lines and of owners, the most expensive first."""
    names, samples = name_owners(environment), own.total()
    lines, owners = [], []
    for key in own.keys() | total.keys():
        cost = Cost(
            self_percent=100 * own[key] / samples,
            self_microseconds=microseconds * own[key] / samples,
            total_percent=100 * total[key] / samples,
            total_microseconds=microseconds * total[key] / samples,
        )
        if isinstance(key, Frame):
            lines.append(describe_line(key, cost, environment.framework))
        else:
            name, role = names.get(key, (key, "driver"))
            owners.append(OwnerCost(**asdict(cost), owner=name, role=role))
    by_cost = lambda cost: (-cost.total_percent, -cost.self_percent)  # noqa: E731
    return sorted(lines, key=by_cost), sorted(owners, key=by_cost)


def describe_line(frame: Frame, cost: Cost, framework: Framework) -> LineCost:
    """Return the cost of an own line with its place and its text."""
    return LineCost(
        **asdict(cost),
        file=frame.file.removeprefix(APP_PREFIX).removeprefix(f"{framework.name}/"),
        line=frame.line,
        function=frame.function,
        source=read_source_line(framework, frame),
    )


def name_owners(environment: Environment) -> dict[str, tuple[str, str]]:
    """Return the displayed name and the role of owners; all others are the database's driver."""
    framework, packages = environment.framework, find_packages(environment)
    names = {package.name: (package.name, "framework") for package in packages}
    if framework.source:
        names[framework.source.package] = (framework.title, "framework")
    return names | {
        PYTHON: ("standard library", "Python"),
        DATABASE: (DATABASE, "database"),
        SERVER: (SERVER, "server"),
        MEASUREMENT: ("cookoff", "measurement"),
    }


def read_source_line(framework: Framework, frame: Frame) -> str:
    """Return the text of an own line, or "" when the line or its file is unknown."""
    file = framework.folder.parent / frame.file.removeprefix(APP_PREFIX)
    if not frame.line or not file.is_file():
        return ""
    lines = file.read_text("utf-8").splitlines()
    return lines[frame.line - 1].strip() if frame.line <= len(lines) else ""
