"""Present parts of the results in words and rows, for the terminal and for the report."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.core.tables import Row

MIN_GROWTH_BYTES = 256 * 1024  # more than this within half of the requests is called growth,
MIN_GROWTH_BLOCKS = 0.5  # or so many of Python's blocks for each of them
MIN_REQUESTS = 2_000  # with fewer, caches that fill look like growth


def format_memory_growth(one: Mapping[str, Any]) -> str:
    """Return in words whether memory still grows, and what each request left behind."""
    if one["requests"] < MIN_REQUESTS:
        return "too few requests"
    if not one["still_grows"]:
        return "no"
    return f"yes, {one['blocks_a_request']:.1f} blocks a request"


def build_sensitivity_rows(part: Mapping[str, Any]) -> Iterator[Row]:
    """Yield a row for each framework on each page."""
    of = part["repetitions"]
    for page, by_name in part["pages"].items():
        for name, one in by_name.items():
            yield {
                "page": page,
                "name": name,
                "told": f"{one['told']} of {of}",
                "came out at": format_range(one["added_percent"]),
                "false alarms": f"{one['false_alarms']} of {of}",
                "untouched at": format_range(one["twins_percent"]),
            }


def format_range(percents: Sequence[float]) -> str:
    """Return the least and the most of some differences."""
    return f"{min(percents):+.1f} to {max(percents):+.1f} %"
