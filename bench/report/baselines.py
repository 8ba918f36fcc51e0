"""Compute the cost of the menu over every baseline that the reader can select."""

from collections.abc import Mapping

from bench.report.formatting import format_added_cost
from bench.results.schema import TIE, ComparedResults, Cost, PageCost, Ratio

PairIntervals = Mapping[str, Mapping[str, Ratio]]  # of a page: bench/measure/cost/summary.py


def costs_by_baseline(results: ComparedResults) -> dict[str, dict[str, tuple[str, float]]]:
    """Return the cells of the menu's cost by baseline, then by name: text and microseconds."""
    cost = results.cost
    if not cost:
        return {}
    pairs = cost.pairs.get("menu", {})
    names = [name for name in results.frameworks if name in pairs]

    def make_cell(name: str, baseline: str) -> tuple[str, float]:
        compared = compare_to_baseline(cost, name, baseline)
        return format_added_cost(compared, name, baseline), compared.added_microseconds

    return {baseline: {name: make_cell(name, baseline) for name in names} for baseline in names}


def compare_to_baseline(cost: Cost, name: str, baseline: str) -> PageCost:
    """Return the cost of the menu over a baseline."""
    pages, faster_than = cost.pages["menu"], cost.faster_than["menu"]
    if baseline == cost.baseline:
        return pages[name]
    interval = get_pair_interval(cost.pairs["menu"], name, baseline)
    differs = name in faster_than[baseline] or baseline in faster_than[name]
    baseline_microseconds = pages[baseline].microseconds
    return PageCost(
        interval.ratio,
        interval.low,
        interval.high,
        microseconds=baseline_microseconds * interval.ratio,
        added_microseconds=baseline_microseconds * (interval.ratio - 1),
        verdict="difference shown" if differs else TIE,
    )


def get_pair_interval(pairs: PairIntervals, name: str, baseline: str) -> Ratio:
    """Return the ratio of a framework's time to another's, with its interval, for one page."""
    if name == baseline:
        return Ratio(1.0, 1.0, 1.0)
    if name in pairs[baseline]:
        return pairs[baseline][name]
    inverse = pairs[name][baseline]
    return Ratio(1 / inverse.ratio, 1 / inverse.high, 1 / inverse.low)
