"""Format figures for the report and the README."""

from collections.abc import Mapping
from typing import Any

from bench.results.schema import TIE


def format_added_cost(cost: Mapping[str, Any] | None, name: str, baseline: str) -> str:
    """Return what a page costs over the baseline, or that no difference was shown."""
    if cost is None:
        return "not timed"
    if name == baseline:
        return "baseline"
    if cost["verdict"] == TIE:
        return "tie"
    floor = cost["microseconds"] / cost["ratio"]
    return f"{cost['added_microseconds']:+.0f} ± {floor * (cost['high'] - cost['low']) / 2:.0f}"
