"""Select the results of some frameworks, as the pages of pairs show them."""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.core.errors import DependencyError
from bench.results.schema import FLOOR, PRERENDERED

PARTS_BY_NAME = ("starts",)
PARTS_BY_PAGE = ("calls", "layers", "warm", "growth")
LOAD_PARTS = ("load_closed", "load_open", "servers")


def select_results(results: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return the results of these frameworks; raise DependencyError for a missing framework."""
    for name in names:
        if name not in results.get("frameworks", {}):
            raise DependencyError(f"{name} is not in the results; run: cookoff compare")
    selected = {**results, "frameworks": {name: results["frameworks"][name] for name in names}}
    selected["missing"] = {}
    if results.get("cost"):
        selected["cost"] = select_costs(results["cost"], names)
    if "behaviour" in results:
        selected["behaviour"] = select_behaviour(results["behaviour"], names)
    if "limits" in results:
        selected["limits"] = {
            **results["limits"],
            "found": select_names(results["limits"]["found"], names),
        }
    selected |= {
        part: select_names(results[part], names) for part in PARTS_BY_NAME if part in results
    }
    for part in PARTS_BY_PAGE:
        if part in results:
            selected[part] = {
                page: select_names(by_name, names) for page, by_name in results[part].items()
            }
    if "journey" in results:
        part = results["journey"]
        selected["journey"] = {**part, "frameworks": select_names(part["frameworks"], names)}
    for part in LOAD_PARTS:
        selected.pop(part, None)
    return selected


def drop_uncompared(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the results without findings about frameworks outside the comparison."""
    selected = select_results(results, list(results["frameworks"]))
    if "behaviour" in selected:
        selected["behaviour"]["notes"] = results["behaviour"]["notes"]
    whole = ("missing", "cost", *LOAD_PARTS)
    return selected | {part: results[part] for part in whole if part in results}


def select_names(by_name: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return the entries of these names."""
    return {name: entry for name, entry in by_name.items() if name in names}


def select_costs(cost: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return the costs of these frameworks, the baseline, the control and the floors."""
    entries = [*names, cost["baseline"], cost["twin"], FLOOR, PRERENDERED]
    ties = {
        page: [[name for name in tie if name in names] for tie in groups]
        for page, groups in cost["ties"].items()
    }
    return {
        **cost,
        "pages": {page: select_names(costs, entries) for page, costs in cost["pages"].items()},
        "ties": {page: [tie for tie in groups if len(tie) > 1] for page, groups in ties.items()},
        "failed": select_names(cost["failed"], names),
        "quicker_than": {
            page: {
                name: [other for other in others if other in names]
                for name, others in select_names(quicker, names).items()
            }
            for page, quicker in cost.get("quicker_than", {}).items()
        },
        "pairs": {
            page: {
                name: select_names(slower, names)
                for name, slower in select_names(pairs, names).items()
            }
            for page, pairs in cost.get("pairs", {}).items()
        },
    }


def select_behaviour(part: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return the behaviour of these frameworks, with outcomes grouped among them."""

    def select_outcomes(outcomes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        selected = [
            {**outcome, "frameworks": [name for name in outcome["frameworks"] if name in names]}
            for outcome in outcomes
        ]
        return [outcome for outcome in selected if outcome["frameworks"]]

    probes = [
        {
            **probe,
            "outcomes": select_outcomes(probe["outcomes"]),
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
        "json": {**part["json"], "outcomes": select_outcomes(part["json"]["outcomes"])},
        "notes": [],
    }
