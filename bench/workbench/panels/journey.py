"""The panel with the calls of a request, as an icicle chart by layer."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from bench.core.paths import ROOT
from bench.core.words import get_module_name
from bench.results.schema import LAYERS
from bench.workbench.outcomes import Call, Outcome

WIDTH, ROW_HEIGHT = 1000.0, 14
MIN_WIDTH = 1.0  # of a call that is drawn
SITE_PACKAGES = re.compile(r".*/(?:site-packages|python3\.\d+)/")
SLOWEST = 12


@dataclass(frozen=True)
class Box:
    """One call of the chart."""

    x: float
    y: int
    width: float
    layer: str
    name: str
    milliseconds: float
    address: str  # of the source line, "" without one


@dataclass(frozen=True)
class Chart:
    """The calls of one framework."""

    title: str
    boxes: list[Box]
    height: int
    total_ms: float
    layers: list[tuple[str, float, int]]  # name, own milliseconds, calls
    slowest: list[Box]  # functions of the app, with all that they call


def build_charts(outcomes: Iterable[tuple[str, Outcome]]) -> list[Chart]:
    """Return the charts of some frameworks on one axis of time."""
    recorded = [
        (title, outcome.observation.calls)
        for title, outcome in outcomes
        if outcome.observation and outcome.observation.is_recorded
    ]
    longest = max((measure_length(calls) for _, calls in recorded), default=1)
    return [build_chart(title, calls, WIDTH / longest) for title, calls in recorded]


def measure_length(calls: list[Call]) -> int:
    """Return the time from the first call to the end of the last, in microseconds."""
    start = calls[0].start_us
    return max(1, *(call.start_us + call.duration_us - start for call in calls))


def build_chart(title: str, calls: list[Call], scale: float) -> Chart:
    """Return the chart of one framework; `scale` is the width of a microsecond."""
    boxes = [build_box(call, calls[0].start_us, scale) for call in calls]
    shown = [box for box in boxes if box.width >= MIN_WIDTH]
    app = sorted((box for box in boxes if box.layer == "app"), key=lambda box: -box.milliseconds)
    return Chart(
        title,
        shown,
        max((box.y for box in shown), default=0) + ROW_HEIGHT,
        measure_length(calls) / 1000,
        list(sum_layers(calls)),
        app[:SLOWEST],
    )


def build_box(call: Call, start_us: int, scale: float) -> Box:
    """Return the box of one call."""
    file = shorten_path(call.file)
    query = urlencode({"path": call.file, "line": call.line})
    is_file = call.file.startswith("/")
    return Box(
        (call.start_us - start_us) * scale,
        (call.depth - 1) * ROW_HEIGHT,
        call.duration_us * scale,
        call.layer,
        f"{get_module_name(file)}:{call.function}",
        call.duration_us / 1000,
        f"/source?{query}#L{call.line}" if is_file else "",
    )


def shorten_path(name: str) -> str:
    """Return the path of a file, relative to the project or to its environment's packages."""
    return SITE_PACKAGES.sub("", name.removeprefix(f"{ROOT}/"))


def sum_layers(calls: list[Call]) -> Iterator[tuple[str, float, int]]:
    """Yield each layer with its own time in milliseconds and the number of its calls."""
    own: defaultdict[str, int] = defaultdict(int)
    counts: defaultdict[str, int] = defaultdict(int)
    open_calls: list[Call] = []
    for call in calls:
        while open_calls and open_calls[-1].depth >= call.depth:
            open_calls.pop()
        own[call.layer] += call.duration_us
        counts[call.layer] += 1
        if open_calls:
            own[open_calls[-1].layer] -= call.duration_us
        open_calls.append(call)
    for layer in LAYERS:
        if counts[layer]:
            yield layer, own[layer] / 1000, counts[layer]


def list_source_roots(folders: Iterable[Path | None]) -> list[Path]:
    """Return the folders whose source files may be shown."""
    return [folder.resolve() for folder in (ROOT, *folders) if folder]
