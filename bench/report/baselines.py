"""What does the menu cost over any baseline that the reader picks?"""

from collections.abc import Mapping
from typing import Any

from bench.report.formatting import format_added_cost
from bench.results.schema import TIE

Facts = Mapping[str, Any]
PairIntervals = Mapping[str, Mapping[str, Mapping[str, float]]]  # bench/measure/cost/summary.py


def costs_by_baseline(found: Facts) -> dict[str, dict[str, tuple[str, float]]]:
    """Return the cells of the menu's cost by baseline and name, for the reader to pick one."""
    cost = found.get("cost") or {}
    pairs = cost.get("pairs", {}).get("menu", {})
    names = [name for name in found["frameworks"] if name in pairs]

    def cell(name: str, baseline: str) -> tuple[str, float]:
        one = compare_to_baseline(cost, name, baseline)
        return format_added_cost(one, name, baseline), float(one["added_microseconds"])

    return {one: {name: cell(name, one) for name in names} for one in names}


def compare_to_baseline(cost: Facts, name: str, baseline: str) -> Facts:
    """Return what the menu costs under a framework over any other, as results.json has it."""
    pages, quicker = cost["pages"]["menu"], cost["quicker_than"]["menu"]
    if baseline == cost["baseline"]:
        own: Facts = pages[name]
        return own
    over = get_pair_interval(cost["pairs"]["menu"], name, baseline)
    told = name in quicker[baseline] or baseline in quicker[name]
    floor = float(pages[baseline]["microseconds"])
    return {
        **over,
        "microseconds": floor * over["ratio"],
        "added_microseconds": floor * (over["ratio"] - 1),
        "verdict": "told" if told else TIE,
    }


def get_pair_interval(pairs: PairIntervals, name: str, baseline: str) -> Mapping[str, float]:
    """Return how much longer a framework takes than another, from the pairs of a page."""
    if name == baseline:
        return {"ratio": 1.0, "low": 1.0, "high": 1.0}
    if name in pairs[baseline]:
        return pairs[baseline][name]
    over = pairs[name][baseline]
    return {"ratio": 1 / over["ratio"], "low": 1 / over["high"], "high": 1 / over["low"]}
