"""Find the cost ratios that changed between two runs by more than the noise of either run.

Each run's interval gives the standard error of its log-ratio. Welch's t (Biometrika 34, 1947)
judges the difference of the two log-ratios at 99 %; the change must also be larger than both noise
floors and than 3 %.

In two runs of the same code no pair may be decided in opposite ways. Such a pair is reported as a
contradiction, not as a change of a ratio. When both runs have counts, the counts are compared, too
(bench/measure/cost/compare_counts.py).
"""

import math
from collections.abc import Iterator
from pathlib import Path

import click

from bench.core import files
from bench.core.errors import UsageError
from bench.core.tables import Row, print_rows
from bench.measure.cost import compare_counts
from bench.results import store
from bench.results.schema import Cost, Ratio, Results
from bench.stats.intervals import MIN_EFFECT, t_quantile


def print_comparison(before: Path, after: Path, as_json: bool) -> int:
    """Print the changes and contradictions between two results.json; return 1 when there are any.

    Raises UsageError when a file has no costs, or when the baselines differ.
    """
    (old_results, old), (new_results, new) = read_costs(before), read_costs(after)
    if old.baseline != new.baseline:
        raise UsageError(
            f"the baselines differ: {old.baseline} and {new.baseline}; "
            f"measure again with the same: cookoff cost --baseline {old.baseline}"
        )
    ratios = list(compare_ratios(old, new))
    contradictions = list(find_contradictions(old, new))
    counts = list(compare_counts.compare_results(old_results, new_results))
    decided = count_common_decisions(old, new)
    if as_json:
        comparison = {
            "ratios": ratios, "decided": decided, "contradictions": contradictions,
            "counts": counts,
        }  # fmt: skip
        click.echo(files.dump_json(comparison))
    else:
        print_tables(ratios, contradictions, decided, counts)
    return 1 if contradictions or select_changed(ratios) or select_changed(counts) else 0


def print_tables(
    ratios: list[Row], contradictions: list[Row], decided: int, counts: list[Row]
) -> None:
    """Print a table of changed ratios, contradictions and changed counts, or a line for none."""
    for title, total, rows in (
        ("ratios that changed", len(ratios), select_changed(ratios)),
        (
            "contradictions: pairs decided in opposite ways before and after",
            decided,
            contradictions,
        ),
        ("counts that changed by 1 % or more", len(counts), select_changed(counts)),
    ):
        if rows:
            click.echo(f"\n{title}")
            print_rows(rows)
        else:
            click.echo(f"{title}: none of {total:,}")


def select_changed(rows: list[Row]) -> list[Row]:
    """Return the rows of ratios or counts that changed."""
    return [row for row in rows if row["changed"]]


def collect_decisions(cost: Cost) -> set[tuple[str, str, str]]:
    """Return every decision of a run: the page, the faster framework, the slower framework."""
    return {
        (page, faster, slower)
        for page, by_name in cost.faster_than.items()
        for faster, others in by_name.items()
        for slower in others
    }


def find_contradictions(old: Cost, new: Cost) -> Iterator[Row]:
    """Yield a row for each pair that the two runs decided in opposite ways."""
    new_decisions = collect_decisions(new)
    for page, faster, slower in sorted(collect_decisions(old)):
        if (page, slower, faster) in new_decisions:
            yield {"page": page, "faster before": faster, "faster after": slower}


def count_common_decisions(old: Cost, new: Cost) -> int:
    """Return the number of pairs that both runs decided, in the same or in opposite ways."""
    old_pairs, new_pairs = (
        {(page, frozenset(pair)) for page, *pair in collect_decisions(cost)} for cost in (old, new)
    )
    return len(old_pairs & new_pairs)


def read_costs(file: Path) -> tuple[Results, Cost]:
    """Return a results.json and its part "cost"; raise UsageError for any other file."""
    results = store.read_named_results(file, "cookoff cost")
    if not results.cost:
        raise UsageError(f"{file} has no costs; create the file with: cookoff cost")
    return results, results.cost


def compare_ratios(old: Cost, new: Cost) -> Iterator[Row]:
    """Yield a row for each ratio that both runs have."""
    for page, costs in new.pages.items():
        for name, after in costs.items():
            before = old.pages.get(page, {}).get(name)
            if before is None or name == new.baseline:
                continue
            min_change = max(old.noise_floors[page], new.noise_floors[page], MIN_EFFECT)
            change, low, high = compute_change(
                before, old.degrees_of_freedom[page], after, new.degrees_of_freedom[page]
            )
            changed = not low <= 1 <= high and max(change, 1 / change) >= min_change
            yield {
                "page": page,
                "name": name,
                "before": f"{before.ratio:.3f}",
                "after": f"{after.ratio:.3f}",
                "change": f"{(change - 1) * 100:+.1f} %",
                "99 % interval": f"{(low - 1) * 100:+.1f} to {(high - 1) * 100:+.1f} %",
                "changed": ("slower" if change > 1 else "faster") if changed else "",
            }


def compute_change(
    old: Ratio, old_degrees: float, new: Ratio, new_degrees: float
) -> tuple[float, float, float]:
    """Return the new ratio divided by the old ratio, with the limits of the 99 % interval."""
    old_error, new_error = standard_error(old, old_degrees), standard_error(new, new_degrees)
    error = math.hypot(old_error, new_error)
    parts = old_error**4 / old_degrees + new_error**4 / new_degrees
    degrees = max(1.0, error**4 / parts) if parts else math.inf
    log_change = math.log(new.ratio / old.ratio)
    margin = t_quantile(degrees) * error
    return math.exp(log_change), math.exp(log_change - margin), math.exp(log_change + margin)


def standard_error(interval: Ratio, degrees: float) -> float:
    """Return the standard error of a log-ratio, from its interval with these degrees of freedom."""
    return math.log(interval.high / interval.low) / 2 / t_quantile(degrees)
