"""What does the reader see of a run: the grid, what changed, the limits, one exchange?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import click

from bench.behaviour import transcript
from bench.behaviour.diff import Change
from bench.behaviour.evaluate import Cell
from bench.behaviour.probe import Probe
from bench.cli import behaviour_tables
from bench.core.files import dump_json as dumped
from bench.core.tables import Row, show


def tell(part: Mapping[str, Any], as_json: bool) -> None:
    """Print the grid, group by group, then a summary."""
    if as_json:
        click.echo(dumped(part))
        return
    for group, title in part["groups"].items():
        probes = [probe for probe in part["probes"] if probe["group"] == group]
        if probes:
            click.echo(f"\n{title}")
            show(list(behaviour_tables.rows({**part, "probes": probes})))
    click.echo(f"\n{part['channels'][0]} decides below; = above: the same as there.")
    show(behaviour_tables.summary(part))
    for name, reason in part["failed"].items():
        click.echo(f"{name} was not asked: {reason}")
    for name, lines in part["fallen"].items():
        for line in lines:
            click.echo(f"{name}, {line}")
    for title, why in part["notes_left_out"].items():
        click.echo(f"The note {title!r} is left out, for it is no longer so: {why}")


def tell_changes(changes: Sequence[Change], unmatched: Iterable[str], since: str) -> None:
    """Print what changed since another run, a line each."""
    click.echo(f"\nOutcomes that changed since {since}: {len(changes)}")
    for one in changes:
        click.echo(f"{one.framework}: {one.probe}, {one.channel}: {one.before} -> {one.now}")
    for line in unmatched:
        click.echo(line)


def tell_limits(part: Mapping[str, Any], as_json: bool) -> None:
    """Print the limits, those of one kind below each other."""
    if as_json:
        click.echo(dumped(part))
    else:
        show(list(limit_rows(part)))


def limit_rows(part: Mapping[str, Any]) -> Iterator[Row]:
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


def tell_exchange(probe: Probe, name: str, kind: str, cell: Cell) -> None:
    """Print one exchange."""
    for line in transcript.lines(probe, name, kind, cell):
        click.echo(line)
