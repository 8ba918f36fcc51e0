"""What is said of a few watched requests, fit for JSON?

It runs inside a framework's environment: standard library and waitress only.
"""

import statistics
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bench.agent.file_layers import Files
from bench.agent.request_tracer import INSTRUMENT, Entry, Watch


def told(watches: Sequence[Watch], files: Files, tree: bool) -> dict[str, Any]:
    """Return the counts and the spine of the usual request of these, and the median times."""
    one, steady = usual(watches)
    said: dict[str, Any] = {
        "instrument": INSTRUMENT,
        "steady": steady,
        "calls": Counter(entry.layer for entry in one.entries),
        "before": one.before if one.spine else None,
        "deepest": max(entry.depth for entry in one.entries),
        "modules": len({files.shown(entry.code.co_filename) for entry in one.entries}),
        "spent": shares(watches),
        "spine": [
            (stop.layer, files.shown(stop.file), stop.function, stop.line) for stop in one.spine
        ],
    }
    if tree:
        said["tree"] = [
            (entry.depth, entry.layer, files.shown(entry.code.co_filename), entry.code.co_qualname)
            for entry in one.entries
        ]
    return said


def usual(watches: Sequence[Watch]) -> tuple[Watch, bool]:
    """Return the request that entered what most of them did, and whether all did the same."""
    ways = [[way_of(entry) for entry in one.entries] for one in watches]
    first = max(ways, key=ways.count)
    return watches[ways.index(first)], ways.count(first) == len(ways)


def way_of(entry: Entry) -> tuple[object, ...]:
    """Return what tells an entry from others; one function may be compiled anew each time."""
    code = entry.code
    return entry.depth, entry.layer, code.co_filename, code.co_firstlineno, code.co_name


def shares(watches: Sequence[Watch]) -> dict[str, float]:
    """Return the median share of the time that each layer had, while it was watched."""
    layers = {layer for one in watches for layer in one.spent_ns}
    return {
        layer: statistics.median(one.spent_ns[layer] / one.spent_ns.total() for one in watches)
        for layer in sorted(layers)
    }
