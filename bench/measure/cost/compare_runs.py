"""Which ratios moved between two runs, by more than either run's noise?

Each run's interval gives back the standard error of its log-ratio; the difference of the two is
judged by Welch's t (Biometrika 34, 1947) at 99 %, and must pass both noise floors and 3 %.

Of two runs of the same code no pair may be decided one way in one and the other way in the other.
Such a pair is no move of a ratio but a contradiction, and is told apart. Counts are compared, too,
where both runs have them (bench/measure/cost/compare_counts.py).
"""

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from bench.core.errors import UsageError
from bench.core.files import dump_json as dumped
from bench.core.tables import Row, print_rows
from bench.measure.cost import compare_counts
from bench.stats.intervals import MIN_EFFECT, t_quantile

CostPart = Mapping[str, Any]  # the part "cost" of a results.json


def print_comparison(before: Path, after: Path, as_json: bool) -> int:
    """Print what moved and what was contradicted; return 1 where anything was."""
    whole = [read_results(file) for file in (before, after)]
    old, new = (one["cost"] for one in whole)
    if old["baseline"] != new["baseline"]:
        raise UsageError(f"the baselines differ: {old['baseline']} and {new['baseline']}")
    rows = list(compare_ratios(old, new))
    moved = [row for row in rows if row["moved"]]
    counts = list(compare_counts.compare_results(*whole))
    counts_moved = [row for row in counts if row["moved"]]
    against, decided = list(find_contradictions(old, new)), count_common_decisions(old, new)
    if as_json:
        told = {"ratios": rows, "decided": decided, "contradictions": against, "counts": counts}
        click.echo(dumped(told))
        return 1 if moved or against or counts_moved else 0
    if moved:
        print_rows(moved)
    else:
        click.echo(f"none of {len(rows)} ratios moved")
    if against:
        click.echo("\ncontradictions: decided one way before, the other way after")
        print_rows(against)
    else:
        click.echo(f"none of {decided} pairs decided in both is decided the other way round")
    if counts_moved:
        click.echo("\ncounts that moved by 1 % or more")
        print_rows(counts_moved)
    else:
        click.echo(f"none of {len(counts)} counts moved by 1 % or more")
    return 1 if moved or against or counts_moved else 0


def collect_decisions(cost: CostPart) -> set[tuple[str, str, str]]:
    """Return every decision of a run: the page, the quicker one, the slower one."""
    return {
        (page, quicker, slower)
        for page, by_name in cost["quicker_than"].items()
        for quicker, others in by_name.items()
        for slower in others
    }


def find_contradictions(old: CostPart, new: CostPart) -> Iterator[Row]:
    """Yield a row for each pair that was decided one way before and the other way after."""
    after = collect_decisions(new)
    for page, quicker, slower in sorted(collect_decisions(old)):
        if (page, slower, quicker) in after:
            yield {"page": page, "quicker before": quicker, "quicker after": slower}


def count_common_decisions(old: CostPart, new: CostPart) -> int:
    """Return how many pairs both runs decided, whichever way."""
    before, after = (
        {(page, frozenset(two)) for page, *two in collect_decisions(one)} for one in (old, new)
    )
    return len(before & after)


def read_results(file: Path) -> Mapping[str, Any]:
    """Return a results.json that has the part "cost"; raise Misuse for any other file."""
    try:
        found: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if not found["cost"]:
            raise LookupError
        return found
    except (ValueError, LookupError, TypeError) as error:
        raise UsageError(f"{file} holds no costs; make it with: cookoff cost") from error


def compare_ratios(old: CostPart, new: CostPart) -> Iterator[Row]:
    """Yield a row for each ratio that both runs have."""
    for page, costs in new["pages"].items():
        for name, one in costs.items():
            other = old["pages"].get(page, {}).get(name)
            if other is None or name == new["baseline"]:
                continue
            least = max(old["floors"][page], new["floors"][page], MIN_EFFECT)
            change, low, high = compute_change(
                other, get_degrees(old, page), one, get_degrees(new, page)
            )
            sure = not low <= 1 <= high and max(change, 1 / change) >= least
            yield {
                "page": page,
                "name": name,
                "before": f"{other['ratio']:.3f}",
                "after": f"{one['ratio']:.3f}",
                "change": f"{(change - 1) * 100:+.1f} %",
                "99 % interval": f"{(low - 1) * 100:+.1f} to {(high - 1) * 100:+.1f} %",
                "moved": ("slower" if change > 1 else "faster") if sure else "",
            }


def compute_change(
    old: Mapping[str, float], old_degrees: float, new: Mapping[str, float], new_degrees: float
) -> tuple[float, float, float]:
    """Return the change of a ratio as a ratio, with its 99 % interval."""
    old_error, new_error = standard_error(old, old_degrees), standard_error(new, new_degrees)
    error = math.hypot(old_error, new_error)
    parts = old_error**4 / old_degrees + new_error**4 / new_degrees
    both = max(1.0, error**4 / parts) if parts else math.inf
    middle = math.log(new["ratio"] / old["ratio"])
    margin = t_quantile(both) * error
    return math.exp(middle), math.exp(middle - margin), math.exp(middle + margin)


def get_degrees(cost: CostPart, page: str) -> float:
    """Return the degrees of freedom of a page's intervals."""
    return float(cost.get("degrees", {}).get(page, cost["launches"] - 1))


def standard_error(one: Mapping[str, float], degrees: float) -> float:
    """Return the standard error of a log-ratio, from its interval of so many degrees of freedom."""
    return math.log(one["high"] / one["low"]) / 2 / t_quantile(degrees)
