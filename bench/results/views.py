"""Format parts of the results as texts and rows, for the terminal and the report."""

from collections.abc import Iterator, Mapping, Sequence

from bench.core.tables import Row
from bench.results.schema import (
    AddedCost,
    ContractResult,
    HardeningCost,
    LevelCount,
    PlainLinks,
    Sensitivity,
    Startup,
)

MIN_GROWTH_BYTES = 256 * 1024  # in half of the requests; more is reported as growth,
MIN_GROWTH_BLOCKS = 0.5  # as are more memory blocks of Python for each request
MIN_REQUESTS = 2_000  # with fewer requests, filling caches look like growth


def format_memory_growth(startup: Startup) -> str:
    """Return whether memory still grows, and by how many blocks for each request, as text."""
    if startup.requests < MIN_REQUESTS:
        return "too few requests"
    if not startup.memory_grows:
        return "no"
    return f"yes, {startup.blocks_per_request:.1f} blocks per request"


def count_taught_clauses(contract: ContractResult) -> LevelCount | None:
    """Return the clauses that a site as taught meets, of all; None when no clause ran."""
    if contract.as_taught is None:
        return None
    counts = contract.as_taught.levels.values()
    return LevelCount(sum(count.passed for count in counts), sum(c.clauses for c in counts))


def format_taught_clauses(contract: ContractResult, separator: str = "/") -> str:
    """Return the clauses that a site as taught meets, of all, as text; "" when no clause ran."""
    count = count_taught_clauses(contract)
    return f"{count.passed}{separator}{count.clauses}" if count else ""


def build_sensitivity_rows(part: Sensitivity) -> Iterator[Row]:
    """Yield a row of the sensitivity test for each framework and page."""
    for page, by_name in part.pages.items():
        for name, result in by_name.items():
            yield {
                "page": page,
                "name": name,
                "detected": f"{result.detected} of {part.repetitions}",
                "measured": format_range(result.slowed_percent),
                "false alarms": f"{result.false_alarms} of {part.repetitions}",
                "control": format_range(result.control_percent),
            }


def build_hardening_rows(by_name: Mapping[str, HardeningCost]) -> Iterator[Row]:
    """Yield a row of the cost of hardening on one page for each framework."""
    for name, cost in by_name.items():
        yield {
            "name": name,
            "µs as taught": cost.taught_microseconds,
            **build_added_cells(cost),
            "calls as taught": cost.taught_calls,
            "calls added": format_added_calls(cost),
        }


def build_link_rows(part: PlainLinks, page: str) -> Iterator[Row]:
    """Yield a row of the cost of links by name on one page for each framework."""
    for name, cost in part.pages[page].items():
        yield {
            "name": name,
            "µs by name": round(cost.plain_microseconds + cost.added_microseconds, 2),
            "µs plain": cost.plain_microseconds,
            **build_added_cells(cost),
            "calls added": format_added_calls(cost),
        }


def build_added_cells(cost: AddedCost) -> Row:
    """Return the cells about the time that a site adds to its variant."""
    return {
        "µs added": f"{cost.added_microseconds:+.1f}",
        "99 % interval": f"{cost.added_low:+.1f} to {cost.added_high:+.1f}",
        "ratio": f"{cost.ratio:.3f}",
        "verdict": cost.verdict,
    }


def format_added_calls(cost: AddedCost) -> str | None:
    """Return the calls that a site adds to its variant, as text; None when not counted."""
    return None if cost.added_calls is None else f"{cost.added_calls:+d}"


def format_range(percents: Sequence[float]) -> str:
    """Return the smallest and the largest of some differences in percent, as text."""
    return f"{min(percents):+.1f} to {max(percents):+.1f} %"
