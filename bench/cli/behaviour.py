"""Define the command `cookoff behaviour`, which probes the frameworks' default behaviour."""

from collections.abc import Sequence
from itertools import pairwise
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
from bench.cli.common import (
    ensure_environments,
    json_option,
    log_step,
    names_argument,
    select_frameworks,
)
from bench.cli.documented import DocumentedCommand
from bench.cli.option_types import SuggestingChoice
from bench.core.errors import UsageError, suggest_names
from bench.core.hints import print_error
from bench.core.paths import Paths
from bench.core.words import format_count
from bench.frameworks.environments import Environment
from bench.results import merge
from bench.results.schema import Behaviour, Results
from bench.results.store import format_json

NAMED = "the named frameworks"  # the value of --diff without a file


class OldResults(click.Path):
    """A file of results, or NAMED."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, exists=True, dir_okay=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path, or NAMED; fail for a missing file."""
        return value if value == NAMED else super().convert(value, param, ctx)


@click.command(cls=DocumentedCommand, example="behaviour flask bottle --group cookies")
@names_argument
@click.option("--probe", "ids", multiple=True, metavar="ID", help="Run only this probe.")
@click.option(
    "--group",
    "groups",
    multiple=True,
    type=SuggestingChoice(GROUPS),
    metavar="GROUP",
    help=f"Run only this group of probes: {', '.join(GROUPS)}.",
)
@click.option(
    "--channel",
    "channels",
    multiple=True,
    type=SuggestingChoice(CHANNELS),
    metavar="CHANNEL",
    help=f"Use only this channel: {', '.join(CHANNELS)}.",
)
@click.option(
    "--show",
    "shown",
    nargs=2,
    metavar="ID FRAMEWORK",
    help="Run one probe, and print the bytes of its requests and replies.",
)
@click.option(
    "--diff",
    "old",
    is_flag=False,
    flag_value=NAMED,
    type=OldResults(),
    metavar="[OLD.json]",
    help="Report every outcome that differs from these results; without a file, from each named "
    "framework to the next, such as flask@2.3.3 flask.",
)
@click.option(
    "--limits", "only_limits", is_flag=True, help="Find the largest requests that are accepted."
)
@json_option
def command(
    names: tuple[str, ...],
    ids: tuple[str, ...],
    groups: tuple[str, ...],
    channels: tuple[str, ...],
    shown: tuple[str, str] | None,
    old: Path | str | None,
    only_limits: bool,
    as_json: bool,
) -> int:
    """Probe the default behaviour of the frameworks, and show which frameworks agree.

    Each defaults.py is called in process, behind waitress, and behind wsgiref.

    Prints each outcome with the frameworks that have it, then a summary. Writes a complete run to
    report/results.json, and nothing with --probe, --group or --channel, or with --diff without a
    file. Ends with 1 when a framework could not be probed, or when --diff reports a change.
    """
    paths = Paths.from_environ()
    selected = [channel for channel in CHANNELS if channel in channels or not channels]
    if shown:
        ids, names = (shown[0],), (shown[1],)
    probes = select_probes(ids, groups)
    if old == NAMED and len(names) < 2:
        raise UsageError("--diff without a file needs two names, such as flask@2.3.3 flask")
    before = diff.read_part(old) if isinstance(old, Path) else diff.read_last_part()
    frameworks, code = select_frameworks(paths, names)
    ready, code = ensure_environments(frameworks, paths, names, code)
    if shown:
        return print_exchanges(ready, paths, probes[0], selected) or code
    if only_limits:
        return measure_limits(ready, paths, as_json) or code
    complete = not (ids or groups or channels)
    part = run_probes(ready, paths, probes, selected, with_json=complete)
    if old == NAMED:
        return print_named_changes(part, ready, as_json) or code
    changes = list(diff.find_changes(before, part)) if before else []
    if complete:
        merge.write_parts(Results(behaviour=part, behaviour_changes=changes), ready, paths)
    behaviour_output.print_results(part, as_json)
    if before and not as_json:
        unmatched = diff.describe_unmatched(before, part) if old and complete else ()
        behaviour_output.print_changes(changes, unmatched, str(old or "the last run"))
    if INTERRUPTED in part.failed.values():
        raise KeyboardInterrupt
    return 1 if part.failed or (old and changes) else code


def print_named_changes(part: Behaviour, ready: Sequence[Environment], as_json: bool) -> int:
    """Print each outcome that differs from a framework to the next; return 1 for a difference."""
    names = [each.framework.name for each in ready if each.framework.name in part.frameworks]
    count = 0
    for before, after in pairwise(names):
        changes = list(diff.find_changes_between(part, before, after))
        count += len(changes)
        if as_json:
            click.echo(format_json(changes))
        else:
            behaviour_output.print_changes(changes, (), before)
    for name, reason in part.failed.items():
        print_error(f"{name} was not probed: {reason}")
    return 1 if count or part.failed else 0


def select_probes(ids: Sequence[str], groups: Sequence[str]) -> list[Probe]:
    """Return the probes of these ids and groups, or all; raise UsageError for an unknown id."""
    known = {probe.id for probe in PROBES}
    for id_ in ids:
        if id_ not in known:
            hint = suggest_names(id_, known, "see: cookoff behaviour")
            raise UsageError(f"no probe is called {id_!r}; {hint}")
    every = not (ids or groups)
    return [probe for probe in PROBES if every or probe.id in ids or probe.group in groups]


def run_probes(
    ready: Sequence[Environment],
    paths: Paths,
    probes: Sequence[Probe],
    channels: Sequence[str],
    with_json: bool,
) -> Behaviour:
    """Run the probes on all frameworks, and return the part of results.json."""
    probe_framework = build_prober(probes, channels, with_json)

    def log_and_probe(framework: ProbedFramework, observations: Observations) -> None:
        log_step(f"{framework.name}: {format_count(len(probes), 'probe')}")
        probe_framework(framework, observations)

    results, failed = probe_frameworks(
        ready, paths, log_and_probe, lambda name: log_step(f"{name}: done")
    )
    return result.build_part(results, failed, probes, channels)


def measure_limits(ready: Sequence[Environment], paths: Paths, as_json: bool) -> int:
    """Find, store and print the limits; return 1 when a framework could not be probed."""
    edges: dict[str, limits.EdgesByLimit] = {}

    def find_limits(framework: ProbedFramework, _: Observations) -> None:
        log_step(f"{framework.name}: limits")
        edges[framework.name] = limits.find_edges(framework)

    probed, failed = probe_frameworks(ready, paths, find_limits)
    part = limits.build_part({each.name: edges[each.name] for each in probed})
    merge.write_parts(Results(limits=part), ready, paths)
    behaviour_output.print_limits(part, as_json)
    for reason in failed.values():
        print_error(reason)
    return 1 if failed else 0


def print_exchanges(
    ready: Sequence[Environment], paths: Paths, probe: Probe, channels: Sequence[str]
) -> int:
    """Run one probe on the frameworks, and print all bytes; return 0."""
    for environment in ready:
        with open_framework(environment, paths) as framework:
            for channel in channels:
                behaviour_output.print_exchange(
                    probe, framework.name, channel, framework.run_probe(probe, channel)
                )
    return 0
