"""How does what is found of some frameworks go into the results beside what was found of others?

What was found of each by itself is kept, framework by framework, where it depends on nothing that
has changed since: bench/origins.py. What was found by comparing is replaced as a whole. What goes
is named.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from bench import results
from bench.cost.entries import FLOOR, TWIN
from bench.environments import Environment
from bench.frameworks import discover
from bench.origins import Origin, origins_of
from bench.places import Places
from bench.troubles import Trouble

Part = dict[str, Any]
# How deep the names lie: below pages or axes, or below a key beside which all has to be equal.
BY_NAME = ("starts",)
BY_GROUP_AND_NAME = ("calls", "layers", "warm", "growth")
BELOW = {"journey": "frameworks", "limits": "found"}
# Where the names lie in what was found by comparing.
COMPARED = {
    "frameworks": "",
    "cost": "versions",
    "behaviour": "frameworks",
    "load_open": "frameworks",
    "servers": "frameworks",
}
LOAD = "load_closed"  # names below the number of connections, the twin and the floor among them
SHAPED = {*BY_NAME, *BY_GROUP_AND_NAME, *BELOW, *COMPARED, LOAD}


def write(
    parts: Mapping[str, Any],
    ready: Sequence[Environment],
    places: Places,
    file: Path = results.FILE,
) -> None:
    """Write parts, each with the earlier findings about others that still hold; name the lost."""
    earlier, known = earlier_in(file), known_now(places)
    asked = {one.framework.name for one in ready}
    origins, told = {**earlier.get("origins", {})}, {**parts}
    for part in parts.keys() & SHAPED:
        old, new = earlier.get(part) or {}, parts[part] or {}
        # Whoever was asked and has not answered this time has no finding any more.
        holds = holding(part, earlier, known) - (asked - set(names_in(part, new)))
        told[part] = laid_over(part, old, new, holds) or parts[part]
        names = names_in(part, told[part])
        origins[part] = {name: known[name] for name in names if name in known}
        say_lost(part, [name for name in names_in(part, old) if name not in {*names, *asked}])
    results.write({**told, "origins": origins}, file)


def unknown(
    part: str, ready: Sequence[Environment], places: Places, file: Path = results.FILE
) -> list[Environment]:
    """Return those of whom no finding of a part holds that was made earlier."""
    holds = holding(part, earlier_in(file), known_now(places))
    return [one for one in ready if one.framework.name not in holds]


def known_now(places: Places) -> dict[str, Origin]:
    """Return what a finding that is made now depends on, by framework."""
    return origins_of(list(discover(places.apps).frameworks.values()), places)


def holding(part: str, earlier: Mapping[str, Any], known: Mapping[str, Origin]) -> set[str]:
    """Return the frameworks whose earlier finding depends on nothing that has changed."""
    before = earlier.get("origins", {}).get(part, {})
    return {name for name, origin in before.items() if known.get(name) == origin}


def laid_over(part: str, old: Part, new: Part, holds: Collection[str]) -> Part:
    """Return a part with the earlier findings about the frameworks that `holds` names."""
    if part in BELOW:
        below = BELOW[part]
        about = {key: value for key, value in new.items() if key != below}
        same = old and about == {key: value for key, value in old.items() if key != below}
        return {**about, below: joined(old[below] if same else {}, new[below], holds)}
    if part in BY_GROUP_AND_NAME:
        groups = {key: joined(old.get(key, {}), new.get(key, {}), holds) for key in {**old, **new}}
        return {key: by_name for key, by_name in groups.items() if by_name or key in new}
    return joined(old, new, holds) if part in BY_NAME else new


def joined(old: Part, new: Part, holds: Collection[str]) -> Part:
    """Return the new findings by name, and the old ones that hold, in the order of the names."""
    kept = {name: one for name, one in old.items() if name in holds}
    return dict(sorted({**kept, **new}.items()))


def names_in(part: str, found: Part) -> list[str]:
    """Return the frameworks that a part of the results tells of."""
    if not found:
        return []
    if part in BELOW:
        return list(found[BELOW[part]])
    if part == LOAD:
        names = {name for by_name in found["connections"].values() for name in by_name}
        return sorted(name for name in names if not name.startswith((TWIN, FLOOR)))
    if part in BY_GROUP_AND_NAME:
        return sorted({name for by_name in found.values() for name in by_name})
    return list(found.get(COMPARED[part], {}) if COMPARED.get(part) else found)


def say_lost(part: str, names: Sequence[str]) -> None:
    """Say whose earlier findings are replaced."""
    if names:
        click.echo(
            f"cookoff: {part.replace('_', ' ')}: this run replaces what an earlier one found of "
            f"{', '.join(names)}",
            err=True,
        )


def earlier_in(file: Path) -> dict[str, Any]:
    """Return the results so far, none where there are none of use."""
    try:
        return results.read(file)
    except Trouble:
        return {}
