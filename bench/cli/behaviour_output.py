"""What does the reader see of a run: the grid, what changed, the limits, one exchange?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import click

from bench.behaviour import transcript
from bench.behaviour.diff import Change
from bench.behaviour.evaluate import ProbeResult
from bench.behaviour.probe import Probe
from bench.cli import behaviour_tables
from bench.core.files import dump_json as dumped
from bench.core.tables import Row, print_rows


def print_results(part: Mapping[str, Any], as_json: bool) -> None:
    """Print the grid, group by group, then a summary."""
    if as_json:
        click.echo(dumped(part))
        return
    for group, title in part["groups"].items():
        probes = [probe for probe in part["probes"] if probe["group"] == group]
        if probes:
            click.echo(f"\n{title}")
            print_rows(list(behaviour_tables.build_rows({**part, "probes": probes})))
    click.echo(f"\n{part['channels'][0]} decides below; = above: the same as there.")
    print_rows(behaviour_tables.build_summary_rows(part))
    for name, reason in part["failed"].items():
        click.echo(f"{name} was not asked: {reason}")
    for name, lines in part["fallen"].items():
        for line in lines:
            click.echo(f"{name}, {line}")
    for title, why in part["notes_left_out"].items():
        click.echo(f"The note {title!r} is left out, for it is no longer so: {why}")


def print_changes(changes: Sequence[Change], unmatched: Iterable[str], since: str) -> None:
    """Print what changed since another run, a line each."""
    click.echo(f"\nOutcomes that changed since {since}: {len(changes)}")
    for one in changes:
        click.echo(f"{one.framework}: {one.probe}, {one.channel}: {one.before} -> {one.now}")
    for line in unmatched:
        click.echo(line)


def print_limits(part: Mapping[str, Any], as_json: bool) -> None:
    """Print the limits, those of one kind below each other."""
    if as_json:
        click.echo(dumped(part))
    else:
        print_rows(list(build_limit_rows(part)))


def build_limit_rows(part: Mapping[str, Any]) -> Iterator[Row]:
    """Yield a row for each limit, framework and channel."""
    for limit, about in part["ceilings"].items():
        for name, limits in part["found"].items():
            for channel, edge in limits[limit].items():
                yield {
                    "limit": limit,
                    "framework": name,
                    "channel": channel,
                    "accepted": edge["accepted"],
                    "unit": about["unit"],
                    "refusal of one more": edge["refusal"] or "none was looked for beyond",
                }


def print_exchange(probe: Probe, name: str, kind: str, cell: ProbeResult) -> None:
    """Print one exchange."""
    for line in transcript.format_exchange(probe, name, kind, cell):
        click.echo(line)
