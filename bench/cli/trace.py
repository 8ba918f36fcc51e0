"""What does `cookoff journey` do with what the reader typed?"""

from collections.abc import Sequence

import click

from bench.analysis.side_by_side import features_called
from bench.cli import trace_tables
from bench.cli.common import chosen, json_option, names_argument, set_up
from bench.core import files
from bench.core.errors import Missing
from bench.core.paths import Places
from bench.core.progress import Progress
from bench.frameworks.environments import Environment
from bench.frameworks.features import FEATURES, Feature
from bench.measure.trace.call_tree import folded, lines
from bench.measure.trace.result import Part, part_of
from bench.measure.trace.run import Journeys, travel_all
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
    features = features_called(feature)
    places = Places.from_environ()
    found, code = chosen(places, names)
    ready, code = set_up(found, places, names, code)
    if not ready:
        raise Missing("no framework's environment is there; run: cookoff setup")
    all_journeys = taken(ready, features, places, tree)
    part = part_of(all_journeys)
    if as_json:
        click.echo(files.dump_json({"journey": part}))
    else:
        tell(part, features, all_journeys if tree else [])
    return 1 if any(one.failed for one in all_journeys) else code


def taken(
    ready: Sequence[Environment], features: Sequence[Feature], places: Places, tree: bool
) -> list[Journeys]:
    """Return the journeys; those of all features are written, also what Ctrl-C leaves of them."""
    all_journeys = [Journeys(one) for one in ready]
    try:
        with Progress() as progress:
            progress.step(f"{len(features)} journeys through {len(ready)} kitchens")
            travel_all(all_journeys, features, places, progress, tree)
    except KeyboardInterrupt:
        kept = ", ".join(one.name for one in whole(all_journeys)) or "nothing"
        click.echo(f"cookoff: broken off; finished and kept: {kept}", err=True)
        raise
    finally:
        if found := whole(all_journeys):
            merge.write({"journey": part_of(found)}, [one.environment for one in found], places)
    return all_journeys


def whole(all_journeys: Sequence[Journeys]) -> list[Journeys]:
    """Return those of which every journey was taken."""
    return [one for one in all_journeys if one.taken == len(FEATURES)]


def tell(part: Part, features: Sequence[Feature], with_trees: Sequence[Journeys]) -> None:
    """Print a table for each feature, and the trees where they are wanted."""
    for feature in features:
        trace_tables.tell(part, feature)
        for journeys in with_trees:
            if said := journeys.found.get(feature.id):
                click.echo(f"\n{journeys.environment.title}: {feature.sentence}")
                for line in lines(folded(said["tree"], said["before"])):
                    click.echo(line)
    click.echo(trace_tables.legend(part))
