"""What is said of a few watched requests, fit for JSON?

It runs inside a framework's environment: standard library and waitress only.
"""

import statistics
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bench.agent.file_layers import PathShortener
from bench.agent.request_tracer import INSTRUMENT, FunctionEntry, RequestTracer


def summarize(tracers: Sequence[RequestTracer], files: PathShortener, tree: bool) -> dict[str, Any]:
    """Return the counts and the spine of the usual request of these, and the median times."""
    one, steady = find_typical(tracers)
    said: dict[str, Any] = {
        "instrument": INSTRUMENT,
        "steady": steady,
        "calls": Counter(entry.layer for entry in one.entries),
        "before": one.calls_before if one.call_path else None,
        "deepest": max(entry.depth for entry in one.entries),
        "modules": len({files.shorten(entry.code.co_filename) for entry in one.entries}),
        "spent": compute_time_shares(tracers),
        "spine": [
            (stop.layer, files.shorten(stop.file), stop.function, stop.line)
            for stop in one.call_path
        ],
    }
    if tree:
        said["tree"] = [
            (
                entry.depth,
                entry.layer,
                files.shorten(entry.code.co_filename),
                entry.code.co_qualname,
            )
            for entry in one.entries
        ]
    return said


def find_typical(tracers: Sequence[RequestTracer]) -> tuple[RequestTracer, bool]:
    """Return the request that entered what most of them did, and whether all did the same."""
    ways = [[identify_entry(entry) for entry in one.entries] for one in tracers]
    first = max(ways, key=ways.count)
    return tracers[ways.index(first)], ways.count(first) == len(ways)


def identify_entry(entry: FunctionEntry) -> tuple[object, ...]:
    """Return what tells an entry from others; one function may be compiled anew each time."""
    code = entry.code
    return entry.depth, entry.layer, code.co_filename, code.co_firstlineno, code.co_name


def compute_time_shares(tracers: Sequence[RequestTracer]) -> dict[str, float]:
    """Return the median share of the time that each layer had, while it was watched."""
    layers = {layer for one in tracers for layer in one.spent_ns}
    return {
        layer: statistics.median(one.spent_ns[layer] / one.spent_ns.total() for one in tracers)
        for layer in sorted(layers)
    }
