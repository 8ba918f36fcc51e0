"""What does `cookoff journey` do with what the reader typed?"""

from collections.abc import Sequence

import click

from bench.analysis.side_by_side import find_features
from bench.cli import trace_tables
from bench.cli.common import ensure_environments, json_option, names_argument, select_frameworks
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
@click.argument("feature")
@names_argument
@click.option("--tree", is_flag=True, help="Show the calls themselves, folded, too.")
@json_option
def command(feature: str, names: tuple[str, ...], tree: bool, as_json: bool) -> int:
    """Follow one request of FEATURE through the NAMES, or all: server, handler, larder and back.

    FEATURE is a feature's sentence, its id, such as place-the-order, a part of the id that no other
    feature has, or "all", which is written to report/results.json. Counts are exact. Ends with 1
    where a request has no right reply.
    """
    features = find_features(feature)
    places = Paths.from_environ()
    found, code = select_frameworks(places, names)
    ready, code = ensure_environments(found, places, names, code)
    if not ready:
        raise DependencyError("no framework's environment is there; run: cookoff setup")
    all_journeys = run_traces(ready, features, places, tree)
    part = build_part(all_journeys)
    if as_json:
        click.echo(files.dump_json({"journey": part}))
    else:
        print_traces(part, features, all_journeys if tree else [])
    return 1 if any(one.failed for one in all_journeys) else code


def run_traces(
    ready: Sequence[Environment], features: Sequence[Feature], places: Paths, tree: bool
) -> list[FrameworkTraces]:
    """Return the journeys; those of all features are written, also what Ctrl-C leaves of them."""
    all_journeys = [FrameworkTraces(one) for one in ready]
    try:
        with Progress() as progress:
            progress.start_step(f"{len(features)} journeys through {len(ready)} kitchens")
            trace_all(all_journeys, features, places, progress, tree)
    except KeyboardInterrupt:
        kept = ", ".join(one.name for one in select_complete(all_journeys)) or "nothing"
        click.echo(f"cookoff: broken off; finished and kept: {kept}", err=True)
        raise
    finally:
        if found := select_complete(all_journeys):
            merge.write_parts(
                {"journey": build_part(found)}, [one.environment for one in found], places
            )
    return all_journeys


def select_complete(all_journeys: Sequence[FrameworkTraces]) -> list[FrameworkTraces]:
    """Return those of which every journey was taken."""
    return [one for one in all_journeys if one.finished_count == len(FEATURES)]


def print_traces(
    part: Part, features: Sequence[Feature], with_trees: Sequence[FrameworkTraces]
) -> None:
    """Print a table for each feature, and the trees where they are wanted."""
    for feature in features:
        trace_tables.print_feature_table(part, feature)
        for journeys in with_trees:
            if said := journeys.traces.get(feature.id):
                click.echo(f"\n{journeys.environment.title}: {feature.sentence}")
                for line in format_lines(collapse_calls(said["tree"], said["before"])):
                    click.echo(line)
    click.echo(trace_tables.format_legend(part))
