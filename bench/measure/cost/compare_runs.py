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

from bench.core.errors import Misuse
from bench.core.files import dump_json as dumped
from bench.core.tables import Row, show
from bench.measure.cost import compare_counts
from bench.stats.intervals import LEAST_RATIO, quantile

Cost = Mapping[str, Any]  # the part "cost" of a results.json


def tell(before: Path, after: Path, as_json: bool) -> int:
    """Print what moved and what was contradicted; return 1 where anything was."""
    whole = [read(file) for file in (before, after)]
    old, new = (one["cost"] for one in whole)
    if old["baseline"] != new["baseline"]:
        raise Misuse(f"the baselines differ: {old['baseline']} and {new['baseline']}")
    rows = list(compared(old, new))
    moved = [row for row in rows if row["moved"]]
    counts = list(compare_counts.compared(*whole))
    counts_moved = [row for row in counts if row["moved"]]
    against, decided = list(contradictions(old, new)), decided_in_both(old, new)
    if as_json:
        told = {"ratios": rows, "decided": decided, "contradictions": against, "counts": counts}
        click.echo(dumped(told))
        return 1 if moved or against or counts_moved else 0
    if moved:
        show(moved)
    else:
        click.echo(f"none of {len(rows)} ratios moved")
    if against:
        click.echo("\ncontradictions: decided one way before, the other way after")
        show(against)
    else:
        click.echo(f"none of {decided} pairs decided in both is decided the other way round")
    if counts_moved:
        click.echo("\ncounts that moved by 1 % or more")
        show(counts_moved)
    else:
        click.echo(f"none of {len(counts)} counts moved by 1 % or more")
    return 1 if moved or against or counts_moved else 0


def pairs(cost: Cost) -> set[tuple[str, str, str]]:
    """Return every decision of a run: the page, the quicker one, the slower one."""
    return {
        (page, quicker, slower)
        for page, by_name in cost["quicker_than"].items()
        for quicker, others in by_name.items()
        for slower in others
    }


def contradictions(old: Cost, new: Cost) -> Iterator[Row]:
    """Yield a row for each pair that was decided one way before and the other way after."""
    after = pairs(new)
    for page, quicker, slower in sorted(pairs(old)):
        if (page, slower, quicker) in after:
            yield {"page": page, "quicker before": quicker, "quicker after": slower}


def decided_in_both(old: Cost, new: Cost) -> int:
    """Return how many pairs both runs decided, whichever way."""
    before, after = ({(page, frozenset(two)) for page, *two in pairs(one)} for one in (old, new))
    return len(before & after)


def read(file: Path) -> Mapping[str, Any]:
    """Return a results.json that has the part "cost"; raise Misuse for any other file."""
    try:
        found: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if not found["cost"]:
            raise LookupError
        return found
    except (ValueError, LookupError, TypeError) as error:
        raise Misuse(f"{file} holds no costs; make it with: cookoff cost") from error


def compared(old: Cost, new: Cost) -> Iterator[Row]:
    """Yield a row for each ratio that both runs have."""
    for page, costs in new["pages"].items():
        for name, one in costs.items():
            other = old["pages"].get(page, {}).get(name)
            if other is None or name == new["baseline"]:
                continue
            least = max(old["floors"][page], new["floors"][page], LEAST_RATIO)
            change, low, high = moved(other, degrees(old, page), one, degrees(new, page))
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


def moved(
    old: Mapping[str, float], old_degrees: float, new: Mapping[str, float], new_degrees: float
) -> tuple[float, float, float]:
    """Return the change of a ratio as a ratio, with its 99 % interval."""
    old_error, new_error = standard_error(old, old_degrees), standard_error(new, new_degrees)
    error = math.hypot(old_error, new_error)
    parts = old_error**4 / old_degrees + new_error**4 / new_degrees
    both = max(1.0, error**4 / parts) if parts else math.inf
    middle = math.log(new["ratio"] / old["ratio"])
    margin = quantile(both) * error
    return math.exp(middle), math.exp(middle - margin), math.exp(middle + margin)


def degrees(cost: Cost, page: str) -> float:
    """Return the degrees of freedom of a page's intervals."""
    return float(cost.get("degrees", {}).get(page, cost["launches"] - 1))


def standard_error(one: Mapping[str, float], degrees: float) -> float:
    """Return the standard error of a log-ratio, from its interval of so many degrees of freedom."""
    return math.log(one["high"] / one["low"]) / 2 / quantile(degrees)
