"""What does report/results.json keep of the journeys? The part "journey", without whole trees.

    watched      requests, of which the usual one is told; the first 20 are not watched
    python       "CPython 3.11.7": counts are comparable on one version alone
    layers       the layers, in the order of every list of five: server, framework, app, template,
                 larder
    words        {layer: what the site's page about itself calls it}
    frameworks   {name: {
        title        with the version
        instrument   sys.monitoring or sys.setprofile
        frames       [[layer, file, function, line]]: each frame on the way to any handler once;
                     the line is the one it had come to, a handler's its first; file as in
                     "apps/flask/handlers.py" and "shared_db/orders.py" from the project on, else
                     from site-packages or the standard library on: "werkzeug/routing/map.py"
        features     {the feature's id: {
            calls        [calls of Python functions, by layer]
            share        [share of the time while watched, by layer]: the median; watching distorts
                         it, as every call is made slower by the same amount
            before       calls before the handler is entered, None where none is
            depth        of the handler, 1 for the outermost frame, None where none is entered
            deepest      the greatest depth
            modules      source files whose functions were entered, templates among them
            steady       whether all watched requests made the same calls
            warm         {kind: {"count": n, "names": [...]}}: see bench/agent/warm_use.py
            spine        [numbers into frames], from the server to the handler, [] where no line of
                         the feature's handler runs: the framework answers by itself,
                         or from a template alone
        }}
        failed       {the feature's id: why there is no journey}
    }}

A journey begins in waitress's task and ends with the reply's last piece and close(). All but share
is equal from run to run on the same versions. The spine with its frames in full: spine().
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


def build_part(all_journeys: Iterable[FrameworkTraces]) -> Part:
    """Return the part for these frameworks."""
    return {
        "watched": TRACED_REQUESTS,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "layers": list(LAYERS),
        "words": LAYER_WORDS,
        "frameworks": {one.name: as_results(one) for one in all_journeys},
    }


def as_results(journeys: FrameworkTraces) -> Part:
    """Return what is kept of one framework's journeys."""
    frames: dict[tuple[Any, ...], int] = {}  # each frame's number
    features = {
        id: {
            "calls": [said["calls"].get(layer, 0) for layer in LAYERS],
            "share": [round(said["spent"].get(layer, 0), 3) for layer in LAYERS],
            "before": said["before"],
            "depth": len(said["spine"]) or None,
            **{key: said[key] for key in ("deepest", "modules", "steady", "warm")},
            "spine": [frames.setdefault(tuple(frame), len(frames)) for frame in said["spine"]],
        }
        for id, said in journeys.traces.items()
    }
    instruments = {said["instrument"] for said in journeys.traces.values()}
    return {
        "title": journeys.environment.title,
        "instrument": " ".join(instruments),
        "frames": [list(frame) for frame in frames],
        "features": features,
        "failed": journeys.failed,
    }


def get_call_path(part: Mapping[str, Any], name: str, feature: str) -> list[dict[str, Any]]:
    """Return the frames from the server to the handler: layer, module, function, line, file."""
    one = part["frameworks"][name]
    frames = [
        dict(zip(FRAME_KEYS, one["frames"][n], strict=True))
        for n in get_frame_numbers(one, feature)
    ]
    return [frame | {"module": get_module_name(frame["file"])} for frame in frames]


def get_frame_numbers(one: Mapping[str, Any], feature: str) -> Sequence[int]:
    """Return the numbers of a feature's frames."""
    numbers: Sequence[int] = one["features"][feature]["spine"]
    return numbers


def get_module_name(file: str) -> str:
    """Return the module that a file is: "flask.app"; a template is its own file."""
    if not file.endswith(".py"):
        return file
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
