"""Which counts moved between two runs? Instructions and calls: the gate for regressions.

Counts of one state of everything are equal to the last digit from run to run, or scatter within a
spread that the run tells; a change of 1 % or more, beyond the spread, is one of the code. Unlike a
time it never names a winner: instructions and calls differ in what they cost.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bench.core.tables import Row

MIN_CHANGE = 0.01
Results = Mapping[str, Any]  # a results.json
CountKey = tuple[str, str, str]  # what was counted, the page, the framework


def compare_results(old: Results, new: Results) -> Iterator[Row]:
    """Yield a row for each count that both runs have."""
    before = dict(iter_counts(old))
    for key, (after, spread) in iter_counts(new):
        if key in before:
            at_first, other_spread = before[key]
            what, page, name = key
            change = (after - at_first) / at_first
            sure = abs(change) >= MIN_CHANGE and abs(after - at_first) > max(spread, other_spread)
            yield {
                "count": what,
                "page": page,
                "name": name,
                "before": f"{at_first:,}",
                "after": f"{after:,}",
                "change": f"{change:+.1%}",
                "moved": ("more" if change > 0 else "less") if sure else "",
            }


def iter_counts(found: Results) -> Iterator[tuple[CountKey, tuple[int, int]]]:
    """Yield every count above 0 of a run, with its spread."""
    pages = (found.get("instructions") or {"pages": {}})["pages"]
    for page, by_name in pages.items():
        for name, one in by_name.items():
            if one["instructions"] > 0:
                yield ("instructions", page, name), (one["instructions"], one["spread"])
    for page, by_name in (found.get("calls") or {}).items():
        for name, one in by_name.items():
            if calls := one["python"] + one["builtin"]:
                yield ("calls", page, name), (calls, 0)
