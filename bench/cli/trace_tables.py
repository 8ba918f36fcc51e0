"""Build the tables of `cookoff trace`: one feature in each table, one framework in each row."""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from bench.cli.cost_tables import print_warnings
from bench.core.tables import Row, print_rows
from bench.frameworks.features import Feature
from bench.results.request_warnings import count_uses, find_trace_warnings

NO_HANDLER = "none runs"
NO_HANDLER_REASON = "the framework answers without a handler, or from a template alone"


def print_feature_table(part: Mapping[str, Any], feature: Feature) -> None:
    """Print the table of a feature, with notes and warnings."""
    rows = [build_row(name, facts, feature, part) for name, facts in part["frameworks"].items()]
    click.echo(f"\n{feature.sentence}  {feature.request}")
    if traced := [row for row in rows if row]:
        print_rows(traced)
    for line in format_notes(part, feature):
        click.echo(line)
    print_warnings(find_trace_warnings(part, [feature.id]))


def build_row(
    name: str, facts: Mapping[str, Any], feature: Feature, part: Mapping[str, Any]
) -> Row:
    """Return the row of a framework, an empty row without a trace."""
    trace = facts["features"].get(feature.id)
    if trace is None:
        return {}
    return {
        "name": name,
        "calls": sum(trace["calls"]),
        "before handler": trace["before"],
        "handler depth": trace["depth"],
        "max depth": trace["deepest"],
        "modules": trace["modules"],
        **count_uses(trace["warm"]),
        **dict(zip(part["layers"], trace["calls"], strict=True)),
        "% of time": " ".join(f"{100 * share:.0f}".rjust(2) for share in trace["share"]),
        "handler": format_handler(facts, trace),
    }


def format_handler(facts: Mapping[str, Any], trace: Mapping[str, Any]) -> str:
    """Return the name of the handler that ran, and its file and line."""
    if not trace["spine"]:
        return NO_HANDLER
    _, file, function, line = facts["frames"][trace["spine"][-1]]
    return f"{function} ({file.rpartition('/')[2]}:{line})"


def format_notes(part: Mapping[str, Any], feature: Feature) -> Iterator[str]:
    """Yield the notes on frameworks without a trace, without a handler, or with varying calls."""
    for name, facts in part["frameworks"].items():
        if feature.id in facts["failed"]:
            yield f"{name}: no trace: {facts['failed'][feature.id]}"
        elif not facts["features"][feature.id]["spine"]:
            yield f"{name}: no line of the handler runs: {NO_HANDLER_REASON}"
        elif not facts["features"][feature.id]["steady"]:
            yield f"{name}: the calls vary between requests; the most frequent calls are shown"


def format_legend(part: Mapping[str, Any]) -> str:
    """Return the meaning of the columns."""
    words = ", ".join(f"{layer} ({part['words'][layer]})" for layer in part["layers"])
    return (
        f"\nCalls of Python functions in one request, from the server's task to the last chunk of "
        f"the reply: {words}.\nbefore handler: calls before the handler is entered; handler depth: "
        "call depth of the handler; max depth: greatest call depth.\n"
        "opens, imports, compiles: repeated work of a warm request.\n"
        f"% of time: the same five layers, the median of {part['watched']} "
        "traced requests; tracing overstates the time of many small calls."
    )
