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
from bench.core import files
from bench.core.errors import DependencyError
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.frameworks.environments import Environment
from bench.frameworks.features import FEATURES, Feature
from bench.measure.trace.call_tree import collapse_calls, format_lines
from bench.measure.trace.result import Part, build_part
from bench.measure.trace.run import FrameworkTraces, trace_all
from bench.results import merge


@click.command()
@click.argument("feature", help=FEATURE_HELP)
@names_argument
@click.option("--tree", is_flag=True, help="Also print the call trees, with equal calls collapsed.")
@json_option
def command(feature: str, names: tuple[str, ...], tree: bool, as_json: bool) -> int:
    """Trace one request of a feature as a call tree: server, handler, database and back.

    The traces of all features ("all") are written to report/results.json. Counts are exact. Ends
    with 1 when a request gets a wrong reply.
    """
    features = find_features(feature)
    paths = Paths.from_environ()
    frameworks, code = select_frameworks(paths, names)
    ready, code = ensure_environments(frameworks, paths, names, code)
    if not ready:
        raise DependencyError("no framework has an environment; run: cookoff setup")
    all_traces = run_traces(ready, features, paths, tree)
    part = build_part(all_traces)
    if as_json:
        click.echo(files.dump_json({"journey": part}))
    else:
        print_traces(part, features, all_traces if tree else [])
    return 1 if any(traces.failed for traces in all_traces) else code


def run_traces(
    ready: Sequence[Environment], features: Sequence[Feature], paths: Paths, tree: bool
) -> list[FrameworkTraces]:
    """Return the traces; store the frameworks whose features are all traced, also after Ctrl-C."""
    all_traces = [FrameworkTraces(environment) for environment in ready]
    try:
        with Progress() as progress:
            progress.start_step(f"tracing {len(features)} features in {len(ready)} frameworks")
            trace_all(all_traces, features, paths, progress, tree)
    except KeyboardInterrupt:
        names = ", ".join(traces.name for traces in select_complete(all_traces)) or "nothing"
        click.echo(f"cookoff: interrupted; finished and stored: {names}", err=True)
        raise
    finally:
        if complete := select_complete(all_traces):
            environments = [traces.environment for traces in complete]
            merge.write_parts({"journey": build_part(complete)}, environments, paths)
    return all_traces


def select_complete(all_traces: Sequence[FrameworkTraces]) -> list[FrameworkTraces]:
    """Return the frameworks whose features are all traced."""
    return [traces for traces in all_traces if traces.finished_count == len(FEATURES)]


def print_traces(
    part: Part, features: Sequence[Feature], with_trees: Sequence[FrameworkTraces]
) -> None:
    """Print a table for each feature, and the call trees of `with_trees`."""
    for feature in features:
        trace_tables.print_feature_table(part, feature)
        for traces in with_trees:
            if trace := traces.traces.get(feature.id):
                click.echo(f"\n{traces.environment.title}: {feature.sentence}")
                for line in format_lines(collapse_calls(trace["tree"], trace["before"])):
                    click.echo(line)
    click.echo(trace_tables.format_legend(part))
