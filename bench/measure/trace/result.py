"""Build the part "journey" of report/results.json from the traces; it has no whole call trees.

    watched      number of traced requests, of which the results have the median; 20 requests run
                 before, untraced
    python       "CPython 3.11.7": counts are comparable within one version only
    layers       the layers, in the order of every list of five: server, framework, app, template,
                 larder
    words        {layer: its name on the site's page about itself}
    frameworks   {name: {
        title        with the version
        instrument   sys.monitoring or sys.setprofile
        frames       [[layer, file, function, line]]: each frame on the call path of any handler,
                     once. line: the line of the call, or the first line of a handler. file:
                     "apps/flask/handlers.py" and "shared_db/orders.py" from the project's folder
                     on; else from site-packages or the standard library on:
                     "werkzeug/routing/map.py"
        features     {the feature's id: {
            calls        [calls of Python functions, by layer]
            share        [share of the time while traced, by layer]: the median. Tracing makes every
                         call slower by the same amount, and so distorts the shares
            before       calls before the handler, null when no handler runs
            depth        depth of the handler, 1 for the outermost frame, null when no handler runs
            deepest      maximum depth
            modules      number of source files whose functions were called, with templates
            steady       whether all traced requests made the same calls
            warm         {kind: {"count": n, "names": [...]}}: see bench/agent/warm_use.py
            spine        [numbers into frames]: the call path from the server to the handler, or []
                         when no line of the handler runs: the framework replies by itself, or from
                         a template alone
        }}
        failed       {the feature's id: the reason why there is no trace}
    }}

A trace begins in waitress's task, and ends with the last piece of the reply and close(). All values
except share are the same in two runs with the same versions. get_call_path() returns the call path
with the whole frames.
"""

import platform
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bench.measure.trace.run import TRACED_REQUESTS, FrameworkTraces
from bench.results.schema import LAYERS

LAYER_WORDS = {
    "server": "the waiter",
    "framework": "the kitchen",
    "app": "the cook",
    "template": "the plate",
    "larder": "the larder",
}
Part = dict[str, Any]
FRAME_KEYS = ("layer", "file", "function", "line")


def build_part(all_traces: Iterable[FrameworkTraces]) -> Part:
    """Return the part for these frameworks."""
    return {
        "watched": TRACED_REQUESTS,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "layers": list(LAYERS),
        "words": LAYER_WORDS,
        "frameworks": {traces.name: as_results(traces) for traces in all_traces},
    }


def as_results(framework_traces: FrameworkTraces) -> Part:
    """Return the results of one framework."""
    frames: dict[tuple[Any, ...], int] = {}  # each frame's number
    features = {
        id: {
            "calls": [trace["calls"].get(layer, 0) for layer in LAYERS],
            "share": [round(trace["spent"].get(layer, 0), 3) for layer in LAYERS],
            "before": trace["before"],
            "depth": len(trace["spine"]) or None,
            **{key: trace[key] for key in ("deepest", "modules", "steady", "warm")},
            "spine": [frames.setdefault(tuple(frame), len(frames)) for frame in trace["spine"]],
        }
        for id, trace in framework_traces.traces.items()
    }
    instruments = {trace["instrument"] for trace in framework_traces.traces.values()}
    return {
        "title": framework_traces.environment.title,
        "instrument": " ".join(instruments),
        "frames": [list(frame) for frame in frames],
        "features": features,
        "failed": framework_traces.failed,
    }


def get_call_path(part: Mapping[str, Any], name: str, feature: str) -> list[dict[str, Any]]:
    """Return the frames from the server to the handler: layer, file, function, line, module."""
    framework = part["frameworks"][name]
    frames = [
        dict(zip(FRAME_KEYS, framework["frames"][number], strict=True))
        for number in get_frame_numbers(framework, feature)
    ]
    return [frame | {"module": get_module_name(frame["file"])} for frame in frames]


def get_frame_numbers(framework: Mapping[str, Any], feature: str) -> Sequence[int]:
    """Return the numbers of the frames on a feature's call path."""
    numbers: Sequence[int] = framework["features"][feature]["spine"]
    return numbers


def get_module_name(file: str) -> str:
    """Return the name of a file's module, such as "flask.app"; for a template, the file itself."""
    if not file.endswith(".py"):
        return file
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
