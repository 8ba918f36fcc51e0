"""How are the journeys of a feature shown, one framework a row?"""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from bench.cli.cost_tables import print_warnings
from bench.core.tables import Row, print_rows
from bench.frameworks.features import Feature
from bench.results.request_warnings import count_uses, find_trace_warnings

NO_HANDLER = "none runs"
NO_HANDLER_REASON = "the framework answers by itself, or from a template alone"


def print_feature_table(part: Mapping[str, Any], feature: Feature) -> None:
    """Print a feature's table, and what has to be known to read it."""
    rows = [build_row(name, one, feature, part) for name, one in part["frameworks"].items()]
    click.echo(f"\n{feature.sentence}  {feature.request}")
    found = [one for one in rows if one]
    if found:
        print_rows(found)
    for line in format_notes(part, feature):
        click.echo(line)
    print_warnings(find_trace_warnings(part, [feature.id]))


def build_row(name: str, one: Mapping[str, Any], feature: Feature, part: Mapping[str, Any]) -> Row:
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
        **count_uses(said["warm"]),
        **dict(zip(part["layers"], said["calls"], strict=True)),
        "% of time": " ".join(f"{100 * share:.0f}".rjust(2) for share in said["share"]),
        "handler": format_handler(one, said),
    }


def format_handler(one: Mapping[str, Any], said: Mapping[str, Any]) -> str:
    """Return the name of the handler that was entered, and its place."""
    if not said["spine"]:
        return NO_HANDLER
    _, file, function, line = one["frames"][said["spine"][-1]]
    return f"{function} ({file.rpartition('/')[2]}:{line})"


def format_notes(part: Mapping[str, Any], feature: Feature) -> Iterator[str]:
    """Yield what is not in the table, or not to be seen there."""
    for name, one in part["frameworks"].items():
        if feature.id in one["failed"]:
            yield f"{name}: no journey: {one['failed'][feature.id]}"
        elif not one["features"][feature.id]["spine"]:
            yield f"{name}: no line of the handler runs: {NO_HANDLER_REASON}"
        elif not one["features"][feature.id]["steady"]:
            yield f"{name}: the calls differ from request to request; the usual ones are shown"


def format_legend(part: Mapping[str, Any]) -> str:
    """Return what the columns mean, in the words of the site's own page."""
    words = ", ".join(f"{layer} ({part['words'][layer]})" for layer in part["layers"])
    return (
        f"\nCalls of Python functions in one request, from the waiter's task to the last piece of "
        f"the reply: {words}.\nbefore: calls before the handler is entered; depth: the handler's; "
        "deepest: the greatest.\nopens, imports, compiles: what a warm request uses anew.\n"
        f"% of time: the same five layers, the median of {part['watched']} "
        "requests while watched, which makes many small calls look dearer than they are."
    )
