"""How does what is found of some frameworks go into the results beside what was found of others?

What was found of each by itself is kept, framework by framework, where it depends on nothing that
has changed since: bench/results/provenance.py. What was found by comparing is replaced as a
whole. What goes
is named, with the pages it was found on where the framework has other findings left.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bench.core.errors import CookoffError
from bench.core.paths import Paths
from bench.frameworks.environments import Environment
from bench.frameworks.manifest import discover_frameworks
from bench.results import store
from bench.results.provenance import Provenance, add_harness_digest, collect_provenance
from bench.results.schema import CONTROL_PREFIX, FLOOR, PRERENDERED, REPEAT_SUFFIX, SLOWED_SUFFIX

Part = dict[str, Any]
Finding = tuple[str, str]  # a framework's name, and the page or what else it was found on, or ""


@dataclass(frozen=True)
class PartShape:
    """Where the names of frameworks are in a part of the results."""

    names_key: str = ""  # the key above them; what is beside that key has to be equal
    grouped: bool = False  # by page, axis or number of connections: names are one level deeper
    mergeable: bool = True  # findings stand for themselves; else all were compared with each other
    extra_key: str = ""  # another key with names below, not grouped


PART_SHAPES = {
    "starts": PartShape(),
    "calls": PartShape(grouped=True),
    "layers": PartShape(grouped=True),
    "warm": PartShape(grouped=True),
    "growth": PartShape(grouped=True),
    "instructions": PartShape("pages", grouped=True),
    "journey": PartShape("frameworks"),
    "limits": PartShape("found"),
    "frameworks": PartShape(mergeable=False),
    "cost": PartShape("pages", grouped=True, mergeable=False, extra_key="versions"),
    "planted": PartShape("pages", grouped=True, mergeable=False),
    "behaviour": PartShape("frameworks", mergeable=False),
    "load_closed": PartShape("connections", grouped=True, mergeable=False, extra_key="growth"),
    "load_open": PartShape("frameworks", mergeable=False),
    "servers": PartShape("frameworks", mergeable=False),
    "walk": PartShape("frameworks", mergeable=False),
}


def write_parts(
    parts: Mapping[str, Any],
    ready: Sequence[Environment],
    places: Paths,
    file: Path = store.RESULTS_FILE,
) -> None:
    """Write parts, each with the earlier findings about others that still hold; name the lost."""
    now, asked = current_provenance(places), {one.framework.name for one in ready}
    lost = {}
    with store.locked_results(file):
        earlier, told = store.read_earlier(file, check_shapes), {**parts}
        origins = {**earlier.get("origins", {})}
        for part in parts.keys() & PART_SHAPES.keys():
            old, new, known = (
                earlier.get(part) or {},
                parts[part] or {},
                add_harness_digest(part, now),
            )
            holds = still_valid(part, earlier, known)
            told[part] = merge_part(PART_SHAPES[part], old, new, holds, asked) or parts[part]
            here = set(iter_findings(part, told[part]))
            names = {name for name, _ in here}
            origins[part] = {name: known[name] for name in sorted(names) if name in known}
            lost[part] = [one for one in iter_findings(part, old) if one not in here], names
        store.update_results({**told, "origins": origins}, file)
    for part, (findings, left) in lost.items():
        report_discarded(part, findings, left)


def not_measured(
    part: str, ready: Sequence[Environment], places: Paths, file: Path = store.RESULTS_FILE
) -> list[Environment]:
    """Return those of whom no finding of a part holds that was made earlier."""
    try:
        earlier = store.read_results(file)
        check_shapes(earlier)
    except CookoffError:
        earlier = {}
    holds = still_valid(part, earlier, add_harness_digest(part, current_provenance(places)))
    return [one for one in ready if one.framework.name not in holds]


def current_provenance(places: Paths) -> dict[str, Provenance]:
    """Return what a finding that is made now depends on beside the harness, by framework."""
    return collect_provenance(list(discover_frameworks(places.apps).frameworks.values()), places)


def check_shapes(earlier: Mapping[str, Any]) -> None:
    """Raise Damaged where earlier results have not the shape in which findings are kept."""
    try:
        for names in earlier.get("origins", {}).values():
            dict(names.items())
        for part in earlier.keys() & PART_SHAPES.keys():
            list(iter_findings(part, earlier[part]))
    except (AttributeError, TypeError) as error:
        raise store.ResultsFormatError("results.json has not the shape of results") from error


def still_valid(part: str, earlier: Mapping[str, Any], known: Mapping[str, Provenance]) -> set[str]:
    """Return the frameworks whose earlier finding depends on nothing that has changed."""
    before = earlier.get("origins", {}).get(part, {})
    return {name for name, origin in before.items() if known.get(name) == origin}


def merge_part(
    shape: PartShape, old: Part, new: Part, holds: Collection[str], asked: Collection[str]
) -> Part:
    """Return a part with those earlier findings that still hold.

    Whoever was asked and has not answered this time has no finding any more.
    """
    if not shape.mergeable or (
        shape.names_key and extract_settings(shape, old) != extract_settings(shape, new)
    ):
        return new
    before, now = (
        part.get(shape.names_key, {}) if shape.names_key else part for part in (old, new)
    )
    others = set(holds) - set(asked)
    if shape.grouped:
        groups = {
            key: merge_by_name(
                before.get(key, {}), now.get(key, {}), others if key in now else holds
            )
            for key in {**before, **now}
        }
        found = {key: by_name for key, by_name in groups.items() if by_name or key in now}
    else:
        found = merge_by_name(before, now, others)
    return {**new, shape.names_key: found} if shape.names_key else found


def extract_settings(shape: PartShape, part: Part) -> Part:
    """Return how the findings of a part were made: all but the findings."""
    return {key: value for key, value in part.items() if key != shape.names_key}


def merge_by_name(old: Part, new: Part, holds: Collection[str]) -> Part:
    """Return the new findings by name, and the old ones that hold, in the order of the names."""
    kept = {name: one for name, one in old.items() if name in holds}
    return dict(sorted({**kept, **new}.items()))


def iter_findings(part: str, found: Part | None) -> Iterator[Finding]:
    """Yield the findings about frameworks in a part of the results."""
    shape, found = PART_SHAPES[part], found or {}
    here = found.get(shape.names_key, {}) if shape.names_key else found
    groups = here if shape.grouped else {"": here}
    if shape.extra_key:
        groups = {**groups, shape.extra_key: found.get(shape.extra_key, {})}
    for group, by_name in groups.items():
        for name in by_name.keys():  # noqa: SIM118 (a list, which has none, is refused)
            if name not in (FLOOR, PRERENDERED) and not name.startswith(CONTROL_PREFIX):
                yield name.removesuffix(REPEAT_SUFFIX).removesuffix(SLOWED_SUFFIX), group


def report_discarded(part: str, findings: Sequence[Finding], left: Collection[str]) -> None:
    """Say which earlier findings are replaced; `left` are frameworks that have others."""
    groups = {
        name: ", ".join(group for one, group in findings if one == name) if name in left else ""
        for name, _ in findings
    }
    words = [
        ", ".join(name for name, on in groups.items() if on == group) + f" on {group}" * bool(group)
        for group in sorted(set(groups.values()))  # "" comes first
    ]
    if words:
        click.echo(
            f"cookoff: {part.replace('_', ' ')}: this run replaces what an earlier one found of "
            f"{'; '.join(words)}",
            err=True,
        )
