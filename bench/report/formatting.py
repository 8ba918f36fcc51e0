"""Format figures for the report and the README."""

from bench.results.schema import TIE, PageCost


def format_added_cost(cost: PageCost | None, name: str, baseline: str) -> str:
    """Return the cost of a page over the baseline in microseconds, or "tie"."""
    if cost is None:
        return "not timed"
    if name == baseline:
        return "baseline"
    if cost.verdict == TIE:
        return "tie"
    baseline_microseconds = cost.microseconds / cost.ratio
    half_interval = baseline_microseconds * (cost.high - cost.low) / 2
    return f"{cost.added_microseconds:+.0f} ± {half_interval:.0f}"
