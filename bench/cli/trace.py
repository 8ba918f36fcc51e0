"""Define the command `cookoff trace`, which traces requests as call trees."""

from collections.abc import Sequence

import click

from bench.analysis.side_by_side import find_features
from bench.cli import trace_tables
from bench.cli.common import (
    FEATURE_HELP,
    ensure_environments,
    json_option,
    names_argument,
    select_frameworks,
)
from bench.cli.documented import DocumentedCommand
from bench.core.errors import DependencyError
from bench.core.hints import print_error
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.core.words import format_count
from bench.frameworks.environments import Environment
from bench.frameworks.features import FEATURES, Feature
from bench.measure.trace.call_tree import collapse_calls, format_lines
from bench.measure.trace.result import build_part
from bench.measure.trace.run import TraceRun, trace_all
from bench.results import merge
from bench.results.schema import Results, Traces
from bench.results.store import format_json


@click.command(cls=DocumentedCommand, example="trace place-the-order flask bottle")
@click.argument("feature", help=FEATURE_HELP)
@names_argument
@click.option("--tree", is_flag=True, help="Also print the call trees, with equal calls collapsed.")
@json_option
def command(feature: str, names: tuple[str, ...], tree: bool, as_json: bool) -> int:
    """Trace one request of a feature as a call tree: server, handler, database and back.

    Counts are exact. Ends with 1 when a request gets a wrong reply.

    Prints a table for each feature: the calls and the share of time in each layer. Writes the
    traces of all features ("all") to report/results.json, and nothing for a single feature.
    """
    features = find_features(feature)
    paths = Paths.from_environ()
    frameworks, code = select_frameworks(paths, names)
    ready, code = ensure_environments(frameworks, paths, names, code)
    if not ready:
        raise DependencyError("no framework has an environment; run: cookoff setup")
    runs = run_traces(ready, features, paths, tree)
    traces = build_part(runs)
    if as_json:
        click.echo(format_json(Results(traces=traces)))
    else:
        print_traces(traces, features, runs if tree else [])
    return 1 if any(run.failed for run in runs) else code


def run_traces(
    ready: Sequence[Environment], features: Sequence[Feature], paths: Paths, tree: bool
) -> list[TraceRun]:
    """Return the traces; store the frameworks whose features are all traced, also after Ctrl-C."""
    runs = [TraceRun(environment) for environment in ready]
    try:
        with Progress() as progress:
            count = format_count(len(features), "feature")
            progress.start_step(f"tracing {count} in {format_count(len(ready), 'framework')}")
            trace_all(runs, features, paths, progress, tree)
    except KeyboardInterrupt:
        names = ", ".join(run.name for run in select_complete(runs)) or "nothing"
        print_error(f"interrupted; finished and stored: {names}")
        raise
    finally:
        if complete := select_complete(runs):
            environments = [run.environment for run in complete]
            merge.write_parts(Results(traces=build_part(complete)), environments, paths)
    return runs


def select_complete(runs: Sequence[TraceRun]) -> list[TraceRun]:
    """Return the frameworks whose features are all traced."""
    return [run for run in runs if run.finished_count == len(FEATURES)]


def print_traces(
    traces: Traces, features: Sequence[Feature], with_trees: Sequence[TraceRun]
) -> None:
    """Print a table for each feature, and the call trees of `with_trees`."""
    for feature in features:
        trace_tables.print_feature_table(traces, feature)
        for run in with_trees:
            if trace := run.traces.get(feature.id):
                click.echo(f"\n{run.environment.title}: {feature.sentence}")
                for line in format_lines(collapse_calls(trace.tree, trace.calls_before_handler)):
                    click.echo(line)
    trace_tables.print_legend(traces)
