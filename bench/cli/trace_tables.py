"""Build the tables of `cookoff trace`: one feature in each table, one framework in each row."""

from collections.abc import Iterator

import click
from msgspec.structs import asdict

from bench.cli.cost_tables import print_warnings
from bench.core.tables import Row, print_rows, print_text
from bench.core.words import format_count
from bench.frameworks.features import Feature
from bench.results.request_warnings import count_uses, find_trace_warnings
from bench.results.schema import LAYERS, FeatureTrace, FrameworkTraces, Traces

NO_HANDLER = "none runs"
NO_HANDLER_REASON = "the framework answers without a handler, or from a template alone"


def print_feature_table(traces: Traces, feature: Feature) -> None:
    """Print the table of a feature, with notes and warnings."""
    rows = [
        build_row(name, framework, framework.features[feature.id])
        for name, framework in traces.frameworks.items()
        if feature.id in framework.features
    ]
    click.echo(f"\n{feature.sentence}  {feature.request}")
    if rows:
        print_rows(rows)
    for line in format_notes(traces, feature):
        print_text(line)
    print_warnings(find_trace_warnings(traces, [feature.id]))


def build_row(name: str, framework: FrameworkTraces, trace: FeatureTrace) -> Row:
    """Return the row of a framework."""
    calls, shares = asdict(trace.calls), asdict(trace.time_shares)
    return {
        "name": name,
        "handler": format_handler(framework, trace),
        "calls": sum(calls.values()),
        "before handler": trace.calls_before_handler,
        "handler depth": trace.handler_depth,
        "max depth": trace.maximum_depth,
        "modules": trace.modules,
        **count_uses(trace.repeated_work),
        **calls,
        **{f"% {layer}": round(100 * share) for layer, share in shares.items()},
    }


def format_handler(framework: FrameworkTraces, trace: FeatureTrace) -> str:
    """Return the name of the handler that ran, and its file and line."""
    if not trace.handler_path:
        return NO_HANDLER
    frame = framework.frames[trace.handler_path[-1]]
    return f"{frame.function} ({frame.file.rpartition('/')[2]}:{frame.line})"


def format_notes(traces: Traces, feature: Feature) -> Iterator[str]:
    """Yield the notes on frameworks without a trace, without a handler, or with varying calls."""
    for name, framework in traces.frameworks.items():
        if feature.id in framework.failed:
            yield f"{name}: no trace: {framework.failed[feature.id]}"
        elif not framework.features[feature.id].handler_path:
            yield f"{name}: no line of the handler runs: {NO_HANDLER_REASON}"
        elif not framework.features[feature.id].stable:
            yield f"{name}: the calls vary between requests; the most frequent calls are shown"


def print_legend(traces: Traces) -> None:
    """Print the meaning of the columns."""
    layers = ", ".join(LAYERS)
    requests = format_count(traces.traced_requests, "traced request")
    click.echo()
    for line in (
        f"calls: of Python functions in one request, from the server's task to the last chunk of "
        f"the reply; {layers}: the calls in each of these layers.",
        "before handler: calls before the handler is entered; handler depth: call depth of the "
        "handler; max depth: greatest call depth; modules: Python modules whose code ran.",
        "opens, imports, compiles: files, modules and code that a warm request opens, imports or "
        "compiles again.",
        f"% {LAYERS[0]} and the next columns: the share of the request's time in each layer, in "
        f"percent, the median of {requests}; tracing overstates the time of many small calls.",
    ):
        print_text(line)
