"""Format parts of the results as texts and rows, for the terminal and the report."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.core.tables import Row

MIN_GROWTH_BYTES = 256 * 1024  # in half of the requests; more is reported as growth,
MIN_GROWTH_BLOCKS = 0.5  # as are more memory blocks of Python for each request
MIN_REQUESTS = 2_000  # with fewer requests, filling caches look like growth


def format_memory_growth(startup: Mapping[str, Any]) -> str:
    """Return whether memory still grows, and by how many blocks for each request, as text."""
    if startup["requests"] < MIN_REQUESTS:
        return "too few requests"
    if not startup["still_grows"]:
        return "no"
    return f"yes, {startup['blocks_a_request']:.1f} blocks per request"


def build_sensitivity_rows(part: Mapping[str, Any]) -> Iterator[Row]:
    """Yield a row of the sensitivity test for each framework and page."""
    repetitions = part["repetitions"]
    for page, by_name in part["pages"].items():
        for name, result in by_name.items():
            yield {
                "page": page,
                "name": name,
                "detected": f"{result['told']} of {repetitions}",
                "measured": format_range(result["added_percent"]),
                "false alarms": f"{result['false_alarms']} of {repetitions}",
                "control": format_range(result["twins_percent"]),
            }


def format_range(percents: Sequence[float]) -> str:
    """Return the smallest and the largest of some differences in percent, as text."""
    return f"{min(percents):+.1f} to {max(percents):+.1f} %"
