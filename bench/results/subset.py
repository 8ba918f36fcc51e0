"""What is left of the results when only some frameworks are looked at? Pair pages show it."""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.core.errors import DependencyError
from bench.results.schema import FLOOR, PRERENDERED

PARTS_BY_NAME = ("starts",)
PARTS_BY_PAGE = ("calls", "layers", "warm", "growth")
LOAD_PARTS = ("load_closed", "load_open", "servers")


def select_results(found: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return the results of these frameworks alone; raise Missing where one is not in them."""
    for name in names:
        if name not in found.get("frameworks", {}):
            raise DependencyError(f"{name} is not in the results; run: cookoff compare")
    few = {**found, "frameworks": {name: found["frameworks"][name] for name in names}}
    few["missing"] = {}
    if found.get("cost"):
        few["cost"] = select_costs(found["cost"], names)
    if "behaviour" in found:
        few["behaviour"] = select_behaviour(found["behaviour"], names)
    if "limits" in found:
        few["limits"] = {**found["limits"], "found": select_names(found["limits"]["found"], names)}
    few |= {part: select_names(found[part], names) for part in PARTS_BY_NAME if part in found}
    for part in PARTS_BY_PAGE:
        if part in found:
            few[part] = {
                page: select_names(by_name, names) for page, by_name in found[part].items()
            }
    if "journey" in found:
        part = found["journey"]
        few["journey"] = {**part, "frameworks": select_names(part["frameworks"], names)}
    for part in LOAD_PARTS:
        few.pop(part, None)
    return few


def drop_uncompared(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the results without what commands found of frameworks that were not compared."""
    few = select_results(found, list(found["frameworks"]))
    if "behaviour" in few:
        few["behaviour"]["notes"] = found["behaviour"]["notes"]
    whole = ("missing", "cost", *LOAD_PARTS)
    return few | {part: found[part] for part in whole if part in found}


def select_names(by_name: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return what belongs to these names."""
    return {name: one for name, one in by_name.items() if name in names}


def select_costs(cost: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return the costs of these frameworks, and of what they are measured by."""
    kept = [*names, cost["baseline"], cost["twin"], FLOOR, PRERENDERED]
    ties = {
        page: [[name for name in tie if name in names] for tie in groups]
        for page, groups in cost["ties"].items()
    }
    return {
        **cost,
        "pages": {page: select_names(costs, kept) for page, costs in cost["pages"].items()},
        "ties": {page: [tie for tie in groups if len(tie) > 1] for page, groups in ties.items()},
        "failed": select_names(cost["failed"], names),
        "quicker_than": {
            page: {
                one: [other for other in others if other in names]
                for one, others in select_names(quicker, names).items()
            }
            for page, quicker in cost.get("quicker_than", {}).items()
        },
        "pairs": {
            page: {
                one: select_names(slower, names)
                for one, slower in select_names(found, names).items()
            }
            for page, found in cost.get("pairs", {}).items()
        },
    }


def select_behaviour(part: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return the atlas of these frameworks, their agreements among themselves."""

    def agreements(outcomes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        few = [
            {**one, "frameworks": [name for name in one["frameworks"] if name in names]}
            for one in outcomes
        ]
        return [one for one in few if one["frameworks"]]

    probes = [
        {
            **probe,
            "outcomes": agreements(probe["outcomes"]),
            "cells": select_names(probe["cells"], names),
            "idioms": select_names(probe["idioms"], names),
        }
        for probe in part["probes"]
    ]
    return {
        **part,
        "frameworks": select_names(part["frameworks"], names),
        "failed": select_names(part["failed"], names),
        "probes": probes,
        "json": {**part["json"], "outcomes": agreements(part["json"]["outcomes"])},
        "notes": [],
    }
