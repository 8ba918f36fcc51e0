"""Find the counts of instructions and calls that changed between two runs.

Two runs of the same code give the same counts, or counts within the spread that the results state.
A change of 1 % or more, and beyond the spread, is therefore a change of the code: counts are the
gate for regressions. Counts never name a faster framework, because instructions and calls differ in
what they cost.
"""

from collections.abc import Iterator

from bench.core.tables import Row
from bench.results.schema import Results

MIN_CHANGE = 0.01
CountKey = tuple[str, str, str]  # kind of count, page, framework


def compare_results(old: Results, new: Results) -> Iterator[Row]:
    """Yield a row for each count that both runs have."""
    old_counts = dict(iter_counts(old))
    for key, (after, new_spread) in iter_counts(new):
        if key in old_counts:
            before, old_spread = old_counts[key]
            kind, page, name = key
            change = (after - before) / before
            changed = abs(change) >= MIN_CHANGE and abs(after - before) > max(
                old_spread, new_spread
            )
            yield {
                "count": kind,
                "page": page,
                "name": name,
                "before": f"{before:,}",
                "after": f"{after:,}",
                "change": f"{change:+.1%}",
                "changed": ("more" if change > 0 else "less") if changed else "",
            }


def iter_counts(results: Results) -> Iterator[tuple[CountKey, tuple[int, int]]]:
    """Yield every count above 0 of a run, with its spread."""
    instructions = results.instructions.pages if results.instructions else {}
    for page, counts_by_name in instructions.items():
        for name, counts in counts_by_name.items():
            if counts.instructions > 0:
                yield ("instructions", page, name), (counts.instructions, counts.spread)
    for page, calls_by_name in (results.calls or {}).items():
        for name, calls in calls_by_name.items():
            if total := calls.python + calls.builtin:
                yield ("calls", page, name), (total, 0)
