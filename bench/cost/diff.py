"""Which ratios moved between two runs, by more than either run's noise?

Each run's interval gives back the standard error of its log-ratio; the difference of the two is
judged by Welch's t (Biometrika 34, 1947) at 99 %, and must pass both noise floors and 3 %.
"""

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from bench.intervals import LEAST_RATIO, quantile
from bench.results import dumped
from bench.show import Row, show
from bench.troubles import Misuse

Cost = Mapping[str, Any]  # the part "cost" of a results.json


def tell(before: Path, after: Path, as_json: bool) -> int:
    """Print what moved; return 1 where anything did."""
    old, new = cost_in(before), cost_in(after)
    if old["baseline"] != new["baseline"]:
        raise Misuse(f"the baselines differ: {old['baseline']} and {new['baseline']}")
    rows = list(compared(old, new))
    moved = [row for row in rows if row["moved"]]
    if as_json:
        click.echo(dumped(rows))
    elif moved:
        show(moved)
    else:
        click.echo(f"none of {len(rows)} ratios moved")
    return 1 if moved else 0


def cost_in(file: Path) -> Cost:
    """Return the part "cost" of a results.json; raise Misuse where there is none."""
    try:
        cost: Cost = json.loads(file.read_text(encoding="utf-8"))["cost"]
        return cost
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
            change, low, high = moved(other, old["launches"], one, new["launches"])
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
    old: Mapping[str, float], old_launches: int, new: Mapping[str, float], new_launches: int
) -> tuple[float, float, float]:
    """Return the change of a ratio as a ratio, with its 99 % interval."""
    old_error, new_error = standard_error(old, old_launches), standard_error(new, new_launches)
    error = math.hypot(old_error, new_error)
    parts = old_error**4 / (old_launches - 1) + new_error**4 / (new_launches - 1)
    degrees = max(1.0, error**4 / parts) if parts else math.inf
    middle = math.log(new["ratio"] / old["ratio"])
    margin = quantile(degrees) * error
    return math.exp(middle), math.exp(middle - margin), math.exp(middle + margin)


def standard_error(one: Mapping[str, float], launches: int) -> float:
    """Return the standard error of a log-ratio, from its interval over so many launches."""
    return math.log(one["high"] / one["low"]) / 2 / quantile(launches - 1)
