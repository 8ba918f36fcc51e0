"""Compute the cost of the menu over every baseline that the reader can select."""

from collections.abc import Mapping
from typing import Any

from bench.report.formatting import format_added_cost
from bench.results.schema import TIE

Facts = Mapping[str, Any]
PairIntervals = Mapping[str, Mapping[str, Mapping[str, float]]]  # bench/measure/cost/summary.py


def costs_by_baseline(results: Facts) -> dict[str, dict[str, tuple[str, float]]]:
    """Return the cells of the menu's cost by baseline, then by name: text and microseconds."""
    cost = results.get("cost") or {}
    pairs = cost.get("pairs", {}).get("menu", {})
    names = [name for name in results["frameworks"] if name in pairs]

    def make_cell(name: str, baseline: str) -> tuple[str, float]:
        compared = compare_to_baseline(cost, name, baseline)
        return format_added_cost(compared, name, baseline), float(compared["added_microseconds"])

    return {baseline: {name: make_cell(name, baseline) for name in names} for baseline in names}


def compare_to_baseline(cost: Facts, name: str, baseline: str) -> Facts:
    """Return the cost of the menu over a baseline, in the form of results.json's cost.pages."""
    pages, quicker = cost["pages"]["menu"], cost["quicker_than"]["menu"]
    if baseline == cost["baseline"]:
        measured: Facts = pages[name]
        return measured
    interval = get_pair_interval(cost["pairs"]["menu"], name, baseline)
    differs = name in quicker[baseline] or baseline in quicker[name]
    baseline_microseconds = float(pages[baseline]["microseconds"])
    return {
        **interval,
        "microseconds": baseline_microseconds * interval["ratio"],
        "added_microseconds": baseline_microseconds * (interval["ratio"] - 1),
        "verdict": "difference shown" if differs else TIE,
    }


def get_pair_interval(pairs: PairIntervals, name: str, baseline: str) -> Mapping[str, float]:
    """Return the ratio of a framework's time to another's, with its interval, for one page."""
    if name == baseline:
        return {"ratio": 1.0, "low": 1.0, "high": 1.0}
    if name in pairs[baseline]:
        return pairs[baseline][name]
    inverse = pairs[name][baseline]
    return {"ratio": 1 / inverse["ratio"], "low": 1 / inverse["high"], "high": 1 / inverse["low"]}
