"""What do the frameworks do when nobody told them what to do?

Run: cookoff behaviour
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from bench.behaviour import diff, limits, result
from bench.behaviour.channel import CHANNELS
from bench.behaviour.probe import GROUPS, Probe
from bench.behaviour.probes import PROBES
from bench.behaviour.runner import INTERRUPTED, Found, Framework, ask_all, opened, questions
from bench.cli import behaviour_output
from bench.cli.common import chosen, json_option, names_argument, set_up
from bench.cli.option_types import OneOf
from bench.core.errors import Misuse, did_you_mean
from bench.core.paths import Places
from bench.frameworks.environments import Environment
from bench.results import merge


@click.command()
@names_argument
@click.option("--probe", "ids", multiple=True, metavar="ID", help="Only this probe.")
@click.option(
    "--group",
    "groups",
    multiple=True,
    type=OneOf(GROUPS),
    metavar="G",
    help=f"Only this group: {', '.join(GROUPS)}.",
)
@click.option(
    "--channel",
    "channels",
    multiple=True,
    type=OneOf(CHANNELS),
    metavar="C",
    help=f"Only this channel: {', '.join(CHANNELS)}.",
)
@click.option("--show", "shown", nargs=2, metavar="ID NAME", help="Print the raw exchange.")
@click.option(
    "--diff",
    "old",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="OLD.json",
    help="Name every outcome that is not as in these results.",
)
@click.option("--limits", "only_limits", is_flag=True, help="Find the largest that is accepted.")
@json_option
def command(
    names: tuple[str, ...],
    ids: tuple[str, ...],
    groups: tuple[str, ...],
    channels: tuple[str, ...],
    shown: tuple[str, str] | None,
    old: Path | None,
    only_limits: bool,
    as_json: bool,
) -> int:
    """Ask the NAMES, or all, what they do by themselves, and show who agrees with whom.

    Each defaults.py is called in its own process, and asked behind waitress and wsgiref. A whole
    run is kept in report/results.json; one with --probe, --group or --channel is only shown. Ends
    with 1 where a framework could not be asked, or --diff finds a change.
    """
    places = Places.from_environ()
    kinds = [kind for kind in CHANNELS if kind in channels or not channels]
    if shown:
        ids, names = (shown[0],), (shown[1],)
    probes = chosen_probes(ids, groups)
    before = diff.read(old) if old else diff.last()
    shelf, code = chosen(places, names)
    ready, code = set_up(shelf, places, names, code)
    if shown:
        return show_exchange(ready, places, probes[0], kinds) or code
    if only_limits:
        return measure_limits(ready, places, as_json) or code
    whole = not (ids or groups or channels)
    part = asked(ready, places, probes, kinds, with_json=whole)
    changes = list(diff.changes(before, part)) if before else []
    if whole:
        changed = [vars(one) for one in changes]
        merge.write({"behaviour": part, "behaviour_changes": changed}, ready, places)
    behaviour_output.tell(part, as_json)
    if before and not as_json:
        unmatched = diff.unmatched(before, part) if old and whole else ()
        behaviour_output.tell_changes(changes, unmatched, str(old or "the last run"))
    if INTERRUPTED in part["failed"].values():
        raise KeyboardInterrupt
    return 1 if part["failed"] or (old and changes) else code


def chosen_probes(ids: Sequence[str], groups: Sequence[str]) -> list[Probe]:
    """Return the probes of these ids and groups, or all; raise Misuse for an unknown id."""
    known = {probe.id for probe in PROBES}
    for one in ids:
        if one not in known:
            hint = did_you_mean(one, known, "see: cookoff behaviour")
            raise Misuse(f"no probe is called {one!r}; {hint}")
    every = not (ids or groups)
    return [one for one in PROBES if every or one.id in ids or one.group in groups]


def asked(
    ready: Sequence[Environment],
    places: Places,
    probes: Sequence[Probe],
    channels: Sequence[str],
    with_json: bool,
) -> dict[str, Any]:
    """Ask everybody, and return the part of results.json."""
    ask = questions(probes, channels, with_json)

    def one(framework: Framework, found: Found) -> None:
        say(f"{framework.name}: {len(probes)} probes")
        ask(framework, found)

    found, failed = ask_all(ready, places, one, lambda name: say(f"{name}: done"))
    return result.as_part(found, failed, probes, channels)


def measure_limits(ready: Sequence[Environment], places: Places, as_json: bool) -> int:
    """Find, keep and show the limits; return 1 where a framework could not be asked."""
    found: dict[str, limits.Edges] = {}

    def one(framework: Framework, _: Found) -> None:
        say(f"{framework.name}: limits")
        found[framework.name] = limits.find(framework)

    done, failed = ask_all(ready, places, one)
    part = limits.as_part({one.name: found[one.name] for one in done})
    merge.write({"limits": part}, ready, places)
    behaviour_output.tell_limits(part, as_json)
    for reason in failed.values():
        click.echo(f"cookoff: {reason}", err=True)
    return 1 if failed else 0


def show_exchange(
    ready: Sequence[Environment], places: Places, probe: Probe, channels: Sequence[str]
) -> int:
    """Ask one probe of one framework and print every byte; return 0."""
    for environment in ready:
        with opened(environment, places) as framework:
            for kind in channels:
                behaviour_output.tell_exchange(
                    probe, framework.name, kind, framework.ask(probe, kind)
                )
    return 0


def say(line: str) -> None:
    """Say what runs now."""
    click.echo(f"{time.strftime('%H:%M:%S')} {line}", err=True)
