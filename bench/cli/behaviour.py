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
from bench.behaviour.runner import (
    INTERRUPTED,
    Observations,
    ProbedFramework,
    build_prober,
    open_framework,
    probe_frameworks,
)
from bench.cli import behaviour_output
from bench.cli.common import ensure_environments, json_option, names_argument, select_frameworks
from bench.cli.option_types import SuggestingChoice
from bench.core.errors import UsageError, suggest_names
from bench.core.paths import Paths
from bench.frameworks.environments import Environment
from bench.results import merge


@click.command()
@names_argument
@click.option("--probe", "ids", multiple=True, metavar="ID", help="Only this probe.")
@click.option(
    "--group",
    "groups",
    multiple=True,
    type=SuggestingChoice(GROUPS),
    metavar="G",
    help=f"Only this group: {', '.join(GROUPS)}.",
)
@click.option(
    "--channel",
    "channels",
    multiple=True,
    type=SuggestingChoice(CHANNELS),
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
    places = Paths.from_environ()
    kinds = [kind for kind in CHANNELS if kind in channels or not channels]
    if shown:
        ids, names = (shown[0],), (shown[1],)
    probes = select_probes(ids, groups)
    before = diff.read_part(old) if old else diff.read_last_part()
    shelf, code = select_frameworks(places, names)
    ready, code = ensure_environments(shelf, places, names, code)
    if shown:
        return print_exchanges(ready, places, probes[0], kinds) or code
    if only_limits:
        return measure_limits(ready, places, as_json) or code
    whole = not (ids or groups or channels)
    part = run_probes(ready, places, probes, kinds, with_json=whole)
    changes = list(diff.find_changes(before, part)) if before else []
    if whole:
        changed = [vars(one) for one in changes]
        merge.write_parts({"behaviour": part, "behaviour_changes": changed}, ready, places)
    behaviour_output.print_results(part, as_json)
    if before and not as_json:
        unmatched = diff.describe_unmatched(before, part) if old and whole else ()
        behaviour_output.print_changes(changes, unmatched, str(old or "the last run"))
    if INTERRUPTED in part["failed"].values():
        raise KeyboardInterrupt
    return 1 if part["failed"] or (old and changes) else code


def select_probes(ids: Sequence[str], groups: Sequence[str]) -> list[Probe]:
    """Return the probes of these ids and groups, or all; raise Misuse for an unknown id."""
    known = {probe.id for probe in PROBES}
    for one in ids:
        if one not in known:
            hint = suggest_names(one, known, "see: cookoff behaviour")
            raise UsageError(f"no probe is called {one!r}; {hint}")
    every = not (ids or groups)
    return [one for one in PROBES if every or one.id in ids or one.group in groups]


def run_probes(
    ready: Sequence[Environment],
    places: Paths,
    probes: Sequence[Probe],
    channels: Sequence[str],
    with_json: bool,
) -> dict[str, Any]:
    """Ask everybody, and return the part of results.json."""
    ask = build_prober(probes, channels, with_json)

    def one(framework: ProbedFramework, found: Observations) -> None:
        log_step(f"{framework.name}: {len(probes)} probes")
        ask(framework, found)

    found, failed = probe_frameworks(ready, places, one, lambda name: log_step(f"{name}: done"))
    return result.build_part(found, failed, probes, channels)


def measure_limits(ready: Sequence[Environment], places: Paths, as_json: bool) -> int:
    """Find, keep and show the limits; return 1 where a framework could not be asked."""
    found: dict[str, limits.EdgesByLimit] = {}

    def one(framework: ProbedFramework, _: Observations) -> None:
        log_step(f"{framework.name}: limits")
        found[framework.name] = limits.find_edges(framework)

    done, failed = probe_frameworks(ready, places, one)
    part = limits.build_part({one.name: found[one.name] for one in done})
    merge.write_parts({"limits": part}, ready, places)
    behaviour_output.print_limits(part, as_json)
    for reason in failed.values():
        click.echo(f"cookoff: {reason}", err=True)
    return 1 if failed else 0


def print_exchanges(
    ready: Sequence[Environment], places: Paths, probe: Probe, channels: Sequence[str]
) -> int:
    """Ask one probe of one framework and print every byte; return 0."""
    for environment in ready:
        with open_framework(environment, places) as framework:
            for kind in channels:
                behaviour_output.print_exchange(
                    probe, framework.name, kind, framework.run_probe(probe, kind)
                )
    return 0


def log_step(line: str) -> None:
    """Say what runs now."""
    click.echo(f"{time.strftime('%H:%M:%S')} {line}", err=True)
