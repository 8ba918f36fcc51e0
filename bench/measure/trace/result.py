"""Build the part "traces" of report/results.json; it has no whole call trees.

    traced_requests     of each feature, of which the results have the median; 20 requests run
                 before, untraced
    python       "CPython 3.11.7": counts are comparable within one version only
    frameworks   {name: {
        title        with the version
        instrument   sys.monitoring or sys.setprofile
        frames       [[layer, file, function, line]]: each frame on the call path of any handler,
                     and each block's, once. line: the line of the call, or the first line of a
                     handler or block. file:
                     "apps/flask/handlers.py" and "shared_db/orders.py" from the project's folder
                     on; else from site-packages or the standard library on:
                     "werkzeug/routing/map.py"
        features     {the feature's id: {
            calls        {layer: calls of Python functions}
            time_shares  {layer: share of the time while traced}: the median. Tracing makes every
                         call slower by the same amount, and so distorts the shares
            calls_before_handler    null when no handler runs
            handler_depth           1 for the outermost frame, null when no handler runs
            maximum_depth           greatest call depth
            modules      number of source files whose functions were called, with templates
            stable       whether all traced requests made the same calls
            repeated_work   {kind: {"count": n, "names": [...]}}: see bench/agent/warm_use.py
            handler_path    [numbers into frames]: the call path from the server to the handler, or
                         [] when no line of the handler runs: the framework replies by itself, or
                         from a template alone
            blocks       [[row, calls before, calls, number into frames]]: the largest calls, each
                         with all calls below it: see bench/agent/call_blocks.py
        }}
        failed       {the feature's id: the reason why there is no trace}
    }}

A trace begins in waitress's task, and ends with the last piece of the reply and close(). All values
except time_shares are the same in two runs with the same versions.
"""

import platform
from collections.abc import Iterable

from bench.measure.trace.run import TRACED_REQUESTS, TraceRun
from bench.results.schema import (
    LAYERS,
    CallBlock,
    FeatureTrace,
    Frame,
    FrameworkTraces,
    LayerCalls,
    LayerShares,
    Traces,
)


def build_part(runs: Iterable[TraceRun]) -> Traces:
    """Return the part for these frameworks."""
    return Traces(
        traced_requests=TRACED_REQUESTS,
        python=f"{platform.python_implementation()} {platform.python_version()}",
        frameworks={run.name: build_framework_traces(run) for run in runs},
    )


def build_framework_traces(run: TraceRun) -> FrameworkTraces:
    """Return the traces of one framework."""
    frames: dict[tuple[str, str, str, int], int] = {}  # each frame's number
    features = {
        id: FeatureTrace(
            calls=LayerCalls(*(trace.calls.get(layer, 0) for layer in LAYERS)),
            time_shares=LayerShares(
                *(round(trace.time_shares.get(layer, 0), 3) for layer in LAYERS)
            ),
            calls_before_handler=trace.calls_before_handler,
            handler_depth=len(trace.handler_path) or None,
            maximum_depth=trace.maximum_depth,
            modules=trace.modules,
            stable=trace.stable,
            repeated_work=trace.repeated_work,
            handler_path=[frames.setdefault(frame, len(frames)) for frame in trace.handler_path],
            blocks=[
                CallBlock(row, first, calls, frames.setdefault(frame, len(frames)))
                for row, first, calls, frame in trace.blocks
            ],
        )
        for id, trace in run.traces.items()
    }
    return FrameworkTraces(
        title=run.environment.title,
        instrument=" ".join({trace.instrument for trace in run.traces.values()}),
        frames=[Frame(*frame) for frame in frames],
        features=features,
        failed=run.failed,
    )
