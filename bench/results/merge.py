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

from bench.core.errors import Trouble
from bench.core.paths import Places
from bench.frameworks.environments import Environment
from bench.frameworks.manifest import discover
from bench.results import store
from bench.results.provenance import Origin, made_by, origins_of
from bench.results.schema import AGAIN, FLOOR, PLAIN, SLOWED, TWIN

Part = dict[str, Any]
Finding = tuple[str, str]  # a framework's name, and the page or what else it was found on, or ""


@dataclass(frozen=True)
class Shape:
    """Where the names of frameworks are in a part of the results."""

    below: str = ""  # the key above them; what is beside that key has to be equal
    grouped: bool = False  # by page, axis or number of connections: names are one level deeper
    merged: bool = True  # findings stand for themselves; else all were compared with each other
    also: str = ""  # another key with names below, not grouped


SHAPES = {
    "starts": Shape(),
    "calls": Shape(grouped=True),
    "layers": Shape(grouped=True),
    "warm": Shape(grouped=True),
    "growth": Shape(grouped=True),
    "instructions": Shape("pages", grouped=True),
    "journey": Shape("frameworks"),
    "limits": Shape("found"),
    "frameworks": Shape(merged=False),
    "cost": Shape("pages", grouped=True, merged=False, also="versions"),
    "planted": Shape("pages", grouped=True, merged=False),
    "behaviour": Shape("frameworks", merged=False),
    "load_closed": Shape("connections", grouped=True, merged=False, also="growth"),
    "load_open": Shape("frameworks", merged=False),
    "servers": Shape("frameworks", merged=False),
    "walk": Shape("frameworks", merged=False),
}


def write(
    parts: Mapping[str, Any],
    ready: Sequence[Environment],
    places: Places,
    file: Path = store.FILE,
) -> None:
    """Write parts, each with the earlier findings about others that still hold; name the lost."""
    now, asked = known_now(places), {one.framework.name for one in ready}
    lost = {}
    with store.held(file):
        earlier, told = store.earlier(file, check), {**parts}
        origins = {**earlier.get("origins", {})}
        for part in parts.keys() & SHAPES.keys():
            old, new, known = earlier.get(part) or {}, parts[part] or {}, made_by(part, now)
            holds = holding(part, earlier, known)
            told[part] = merged(SHAPES[part], old, new, holds, asked) or parts[part]
            here = set(findings_in(part, told[part]))
            names = {name for name, _ in here}
            origins[part] = {name: known[name] for name in sorted(names) if name in known}
            lost[part] = [one for one in findings_in(part, old) if one not in here], names
        store.write({**told, "origins": origins}, file)
    for part, (findings, left) in lost.items():
        say_lost(part, findings, left)


def unknown(
    part: str, ready: Sequence[Environment], places: Places, file: Path = store.FILE
) -> list[Environment]:
    """Return those of whom no finding of a part holds that was made earlier."""
    try:
        earlier = store.read(file)
        check(earlier)
    except Trouble:
        earlier = {}
    holds = holding(part, earlier, made_by(part, known_now(places)))
    return [one for one in ready if one.framework.name not in holds]


def known_now(places: Places) -> dict[str, Origin]:
    """Return what a finding that is made now depends on beside the harness, by framework."""
    return origins_of(list(discover(places.apps).frameworks.values()), places)


def check(earlier: Mapping[str, Any]) -> None:
    """Raise Damaged where earlier results have not the shape in which findings are kept."""
    try:
        for names in earlier.get("origins", {}).values():
            dict(names.items())
        for part in earlier.keys() & SHAPES.keys():
            list(findings_in(part, earlier[part]))
    except (AttributeError, TypeError) as error:
        raise store.Damaged("results.json has not the shape of results") from error


def holding(part: str, earlier: Mapping[str, Any], known: Mapping[str, Origin]) -> set[str]:
    """Return the frameworks whose earlier finding depends on nothing that has changed."""
    before = earlier.get("origins", {}).get(part, {})
    return {name for name, origin in before.items() if known.get(name) == origin}


def merged(
    shape: Shape, old: Part, new: Part, holds: Collection[str], asked: Collection[str]
) -> Part:
    """Return a part with those earlier findings that still hold.

    Whoever was asked and has not answered this time has no finding any more.
    """
    if not shape.merged or (shape.below and beside(shape, old) != beside(shape, new)):
        return new
    before, now = (part.get(shape.below, {}) if shape.below else part for part in (old, new))
    others = set(holds) - set(asked)
    if shape.grouped:
        groups = {
            key: joined(before.get(key, {}), now.get(key, {}), others if key in now else holds)
            for key in {**before, **now}
        }
        found = {key: by_name for key, by_name in groups.items() if by_name or key in now}
    else:
        found = joined(before, now, others)
    return {**new, shape.below: found} if shape.below else found


def beside(shape: Shape, part: Part) -> Part:
    """Return how the findings of a part were made: all but the findings."""
    return {key: value for key, value in part.items() if key != shape.below}


def joined(old: Part, new: Part, holds: Collection[str]) -> Part:
    """Return the new findings by name, and the old ones that hold, in the order of the names."""
    kept = {name: one for name, one in old.items() if name in holds}
    return dict(sorted({**kept, **new}.items()))


def findings_in(part: str, found: Part | None) -> Iterator[Finding]:
    """Yield the findings about frameworks in a part of the results."""
    shape, found = SHAPES[part], found or {}
    here = found.get(shape.below, {}) if shape.below else found
    groups = here if shape.grouped else {"": here}
    if shape.also:
        groups = {**groups, shape.also: found.get(shape.also, {})}
    for group, by_name in groups.items():
        for name in by_name.keys():  # noqa: SIM118 (a list, which has none, is refused)
            if name not in (FLOOR, PLAIN) and not name.startswith(TWIN):
                yield name.removesuffix(AGAIN).removesuffix(SLOWED), group


def say_lost(part: str, findings: Sequence[Finding], left: Collection[str]) -> None:
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
