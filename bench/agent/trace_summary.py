"""Summarize a few traced requests as JSON values.

Runs inside a framework's environment: standard library and waitress only.
"""

import statistics
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bench.agent.call_blocks import build_blocks
from bench.agent.file_layers import PathShortener
from bench.agent.request_tracer import INSTRUMENT, FunctionEntry, RequestTracer


def summarize(tracers: Sequence[RequestTracer], files: PathShortener, tree: bool) -> dict[str, Any]:
    """Return the counts and the call path of the typical request, and the median times."""
    typical, stable = find_typical(tracers)
    summary: dict[str, Any] = {
        "instrument": INSTRUMENT,
        "stable": stable,
        "calls": Counter(entry.layer for entry in typical.entries),
        "calls_before_handler": typical.calls_before if typical.call_path else None,
        "maximum_depth": max(entry.depth for entry in typical.entries),
        "modules": len({files.shorten(entry.code.co_filename) for entry in typical.entries}),
        "time_shares": compute_time_shares(tracers),
        "handler_path": [
            (frame.layer, files.shorten(frame.file), frame.function, frame.line)
            for frame in typical.call_path
        ],
    }
    depths, layers = zip(*((entry.depth, entry.layer) for entry in typical.entries), strict=True)
    summary["blocks"] = [
        (block.row, block.entry, block.calls, describe_entry(typical.entries[block.entry], files))
        for block in build_blocks(depths, layers)
    ]
    if tree:
        summary["tree"] = [
            (entry.depth, *describe_entry(entry, files)[:3]) for entry in typical.entries
        ]
    return summary


def describe_entry(entry: FunctionEntry, files: PathShortener) -> tuple[str, str, str, int]:
    """Return layer, file, function and first line of a call."""
    code = entry.code
    return entry.layer, files.shorten(code.co_filename), code.co_qualname, code.co_firstlineno


def find_typical(tracers: Sequence[RequestTracer]) -> tuple[RequestTracer, bool]:
    """Return a request with the most frequent entries, and whether all have the same entries."""
    paths = [[identify_entry(entry) for entry in tracer.entries] for tracer in tracers]
    most_frequent = max(paths, key=paths.count)
    return tracers[paths.index(most_frequent)], paths.count(most_frequent) == len(paths)


def identify_entry(entry: FunctionEntry) -> tuple[object, ...]:
    """Return a key of an entry that stays equal when its function is compiled again."""
    code = entry.code
    return entry.depth, entry.layer, code.co_filename, code.co_firstlineno, code.co_name


def compute_time_shares(tracers: Sequence[RequestTracer]) -> dict[str, float]:
    """Return each layer's median share of the traced time."""
    layers = {layer for tracer in tracers for layer in tracer.spent_ns}
    return {
        layer: statistics.median(
            tracer.spent_ns[layer] / tracer.spent_ns.total() for tracer in tracers
        )
        for layer in sorted(layers)
    }
