"""How are the journeys of a feature shown, one framework a row?"""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from bench.cli.cost_tables import tell_warnings
from bench.core.tables import Row, show
from bench.frameworks.features import Feature
from bench.results.request_warnings import counts, warnings_of

NO_HANDLER = "none runs"
BY_ITSELF = "the framework answers by itself, or from a template alone"


def tell(part: Mapping[str, Any], feature: Feature) -> None:
    """Print a feature's table, and what has to be known to read it."""
    rows = [row(name, one, feature, part) for name, one in part["frameworks"].items()]
    click.echo(f"\n{feature.sentence}  {feature.request}")
    found = [one for one in rows if one]
    if found:
        show(found)
    for line in notes(part, feature):
        click.echo(line)
    tell_warnings(warnings_of(part, [feature.id]))


def row(name: str, one: Mapping[str, Any], feature: Feature, part: Mapping[str, Any]) -> Row:
    """Return a framework's row, an empty one where there is no journey."""
    said = one["features"].get(feature.id)
    if said is None:
        return {}
    return {
        "name": name,
        "calls": sum(said["calls"]),
        "before": said["before"],
        "depth": said["depth"],
        "deepest": said["deepest"],
        "modules": said["modules"],
        **counts(said["warm"]),
        **dict(zip(part["layers"], said["calls"], strict=True)),
        "% of time": " ".join(f"{100 * share:.0f}".rjust(2) for share in said["share"]),
        "handler": handler(one, said),
    }


def handler(one: Mapping[str, Any], said: Mapping[str, Any]) -> str:
    """Return the name of the handler that was entered, and its place."""
    if not said["spine"]:
        return NO_HANDLER
    _, file, function, line = one["frames"][said["spine"][-1]]
    return f"{function} ({file.rpartition('/')[2]}:{line})"


def notes(part: Mapping[str, Any], feature: Feature) -> Iterator[str]:
    """Yield what is not in the table, or not to be seen there."""
    for name, one in part["frameworks"].items():
        if feature.id in one["failed"]:
            yield f"{name}: no journey: {one['failed'][feature.id]}"
        elif not one["features"][feature.id]["spine"]:
            yield f"{name}: no line of the handler runs: {BY_ITSELF}"
        elif not one["features"][feature.id]["steady"]:
            yield f"{name}: the calls differ from request to request; the usual ones are shown"


def legend(part: Mapping[str, Any]) -> str:
    """Return what the columns mean, in the words of the site's own page."""
    words = ", ".join(f"{layer} ({part['words'][layer]})" for layer in part["layers"])
    return (
        f"\nCalls of Python functions in one request, from the waiter's task to the last piece of "
        f"the reply: {words}.\nbefore: calls before the handler is entered; depth: the handler's; "
        "deepest: the greatest.\nopens, imports, compiles: what a warm request uses anew.\n"
        f"% of time: the same five layers, the median of {part['watched']} "
        "requests while watched, which makes many small calls look dearer than they are."
    )
