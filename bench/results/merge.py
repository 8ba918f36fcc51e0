"""Merge the results of a run for some frameworks into the results of earlier runs.

A part that measures each framework separately keeps the earlier findings of the other frameworks,
unless their provenance has changed: bench/results/provenance.py. A part that compares frameworks is
replaced as a whole. The discarded findings are reported, with their pages when the framework still
has other findings in the part.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from bench.core.errors import CookoffError
from bench.core.hints import print_error
from bench.core.paths import Paths
from bench.frameworks.environments import Environment
from bench.frameworks.manifest import discover_frameworks
from bench.results import store
from bench.results.provenance import add_harness_digest, collect_provenance
from bench.results.schema import (
    CONTROL_PREFIX,
    FLOOR,
    PRERENDERED,
    REPEAT_SUFFIX,
    SLOWED_SUFFIX,
    ResultProvenance,
    Results,
)

Part = dict[str, Any]  # as in the file: parts of all types are merged in the same way
Finding = tuple[str, str]  # a framework's name, and its page, axis or connections, or ""


@dataclass(frozen=True)
class PartShape:
    """The position of the frameworks' names in a part of the results."""

    names_key: str = ""  # the key above the names; the keys beside it are settings
    grouped: bool = False  # by page, axis or number of connections, above the names
    mergeable: bool = True  # each framework is measured separately, without comparison
    extra_key: str = ""  # another key above names, never grouped


PART_SHAPES = {
    "startup": PartShape(),
    "calls": PartShape(grouped=True),
    "calls_by_layer": PartShape(grouped=True),
    "layer_times": PartShape(grouped=True),
    "repeated_work": PartShape(grouped=True),
    "scaling": PartShape(grouped=True),
    "instructions": PartShape("pages", grouped=True),
    "traces": PartShape("frameworks"),
    "limits": PartShape("frameworks"),
    "frameworks": PartShape(mergeable=False),
    "cost": PartShape("pages", grouped=True, mergeable=False, extra_key="versions"),
    "sensitivity": PartShape("pages", grouped=True, mergeable=False),
    "hardening": PartShape("pages", grouped=True, mergeable=False),
    "plain_links": PartShape("pages", grouped=True, mergeable=False),
    "behaviour": PartShape("frameworks", mergeable=False),
    "closed_loop": PartShape("connections", grouped=True, mergeable=False, extra_key="scaling"),
    "open_loop": PartShape("frameworks", mergeable=False),
    "servers": PartShape("frameworks", mergeable=False),
    "differential": PartShape("frameworks", mergeable=False),
}


def write_parts(
    results: Results,
    ready: Sequence[Environment],
    paths: Paths,
    file: Path = store.RESULTS_FILE,
) -> None:
    """Write the parts of a run with the earlier findings that are still valid.

    Print the discarded findings.
    """
    now, measured = current_provenance(paths), {env.framework.name for env in ready}
    now |= collect_provenance([env.framework for env in ready if env.framework.pinned], paths)
    discarded = {}
    parts = msgspec.to_builtins(results)
    with store.locked_results(file):
        earlier_results = store.read_earlier(file)
        earlier, merged = msgspec.to_builtins(earlier_results), {**parts}
        provenance = {**(earlier_results.provenance or {})}
        for part in parts.keys() & PART_SHAPES.keys():
            old, new = earlier.get(part) or {}, parts[part] or {}
            current = add_harness_digest(part, now)
            valid = still_valid(part, earlier_results, current)
            merged[part] = merge_part(PART_SHAPES[part], old, new, valid, measured) or parts[part]
            findings = set(iter_findings(part, merged[part]))
            names = {name for name, _ in findings}
            provenance[part] = {name: current[name] for name in sorted(names) if name in current}
            lost = [finding for finding in iter_findings(part, old) if finding not in findings]
            discarded[part] = lost, names
        merged["provenance"] = msgspec.to_builtins(provenance)
        store.update_results(msgspec.convert(merged, Results), file)
    for part, (lost, names) in discarded.items():
        report_discarded(part, lost, names)


def not_measured(
    part: str, ready: Sequence[Environment], paths: Paths, file: Path = store.RESULTS_FILE
) -> list[Environment]:
    """Return the environments without a valid earlier finding in a part."""
    try:
        earlier = store.read_results(file)
    except CookoffError:
        earlier = Results()
    valid = still_valid(part, earlier, add_harness_digest(part, current_provenance(paths)))
    return [environment for environment in ready if environment.framework.name not in valid]


def current_provenance(paths: Paths) -> dict[str, ResultProvenance]:
    """Return the provenance of a finding made now, without the harness, by framework."""
    return collect_provenance(list(discover_frameworks(paths.apps).frameworks.values()), paths)


def still_valid(part: str, earlier: Results, current: Mapping[str, ResultProvenance]) -> set[str]:
    """Return the frameworks whose earlier findings have the current provenance."""
    provenance = (earlier.provenance or {}).get(part, {})
    return {name for name, facts in provenance.items() if current.get(name) == facts}


def merge_part(
    shape: PartShape, old: Part, new: Part, valid: Collection[str], measured: Collection[str]
) -> Part:
    """Return the new part with the earlier findings that are still valid.

    A framework that was measured again without success keeps no earlier finding.
    """
    if not shape.mergeable or (
        shape.names_key and extract_settings(shape, old) != extract_settings(shape, new)
    ):
        return new
    before, now = (
        part.get(shape.names_key, {}) if shape.names_key else part for part in (old, new)
    )
    others = set(valid) - set(measured)
    if shape.grouped:
        groups = {
            key: merge_by_name(
                before.get(key, {}), now.get(key, {}), others if key in now else valid
            )
            for key in {**before, **now}
        }
        merged = {key: by_name for key, by_name in groups.items() if by_name or key in now}
    else:
        merged = merge_by_name(before, now, others)
    return {**new, shape.names_key: merged} if shape.names_key else merged


def extract_settings(shape: PartShape, part: Part) -> Part:
    """Return the settings of a part: all keys but the findings."""
    return {key: value for key, value in part.items() if key != shape.names_key}


def merge_by_name(old: Part, new: Part, valid: Collection[str]) -> Part:
    """Return the new findings and the valid old findings by name, sorted by name."""
    earlier = {name: finding for name, finding in old.items() if name in valid}
    return dict(sorted({**earlier, **new}.items()))


def iter_findings(part: str, value: Part | None) -> Iterator[Finding]:
    """Yield the findings about frameworks in the value of a part."""
    shape, value = PART_SHAPES[part], value or {}
    findings = value.get(shape.names_key, {}) if shape.names_key else value
    groups = findings if shape.grouped else {"": findings}
    if shape.extra_key:
        groups = {**groups, shape.extra_key: value.get(shape.extra_key, {})}
    for group, by_name in groups.items():
        for name in by_name:
            if name not in (FLOOR, PRERENDERED) and not name.startswith(CONTROL_PREFIX):
                yield name.removesuffix(REPEAT_SUFFIX).removesuffix(SLOWED_SUFFIX), group


def report_discarded(part: str, findings: Sequence[Finding], remaining: Collection[str]) -> None:
    """Print the discarded findings, with pages for frameworks that have remaining findings."""
    pages = {
        name: ", ".join(page for other, page in findings if other == name)
        if name in remaining
        else ""
        for name, _ in findings
    }
    groups = [
        ", ".join(name for name in pages if pages[name] == page) + f" on {page}" * bool(page)
        for page in sorted(set(pages.values()))  # "" comes first
    ]
    if groups:
        print_error(
            f"{part.replace('_', ' ')}: this run replaces earlier results of {'; '.join(groups)}"
        )
