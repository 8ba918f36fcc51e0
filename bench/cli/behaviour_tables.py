"""How is the grid shown in a terminal? A row for each outcome, with those who agree on it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.core.tables import Row

MARKS = {True: "met", False: "missed", None: ""}
SAME_AS_FIRST = "="


def build_rows(part: Mapping[str, Any]) -> Iterator[Row]:
    """Yield a row for each group of frameworks that agree on a probe."""
    everybody = len(part["frameworks"])
    for probe in part["probes"]:
        for place, group in enumerate(probe["outcomes"]):
            yield {
                "probe": probe["id"] if not place else "",
                "class": probe["grade"] if not place else "",
                "frameworks": format_frameworks(group["frameworks"], everybody),
                **build_columns(group, part["channels"]),
            }


def build_columns(group: Mapping[str, Any], channels: Sequence[str]) -> Row:
    """Return a column for each channel; what is as on the first channel is only a sign."""
    first = format_outcome(group, channels[0])
    words = {kind: format_outcome(group, kind) for kind in channels}
    return {k: w if k == channels[0] or w != first else SAME_AS_FIRST for k, w in words.items()}


def format_outcome(group: Mapping[str, Any], kind: str) -> str:
    """Return an outcome, and whether it meets the clause where one has a say."""
    mark = MARKS[group["meets"][kind]]
    words = group["outcome"][kind]
    return f"{words} [{mark}]" if mark else words


def format_frameworks(names: Sequence[str], everybody: int) -> str:
    """Return the frameworks' names, or that it is all of them."""
    return f"all {everybody}" if len(names) == everybody > 1 else " ".join(names)


def build_summary_rows(part: Mapping[str, Any]) -> list[Row]:
    """Return a row for each framework: clauses met, rules of PEP 3333 broken, JSON taken."""
    return [build_summary_row(name, part) for name in part["frameworks"]]


def build_summary_row(name: str, part: Mapping[str, Any]) -> Row:
    """Return one framework's row, for its own process where that was asked."""
    first = part["channels"][0]
    cells = [
        probe["cells"][name].get(first, {}) for probe in part["probes"] if name in probe["cells"]
    ]
    counts = part["json"]["counts"].get(name, {}).get(first)
    return {
        "framework": name,
        "must": format_clause_ratio(name, "must", part),
        "should": format_clause_ratio(name, "should", part),
        "rules of WSGI broken": len({hit for one in cells for hit in one.get("hits", [])}),
        "replies with bad lint": sum(
            any(level == "bad" for level, *_ in one.get("lint", [])) for one in cells
        ),
        "JSON taken": counts and counts["accept"].get("accepted", 0),
        "JSON refused": counts and counts["reject"].get("refused", 0),
    }


def format_clause_ratio(name: str, grade: str, part: Mapping[str, Any]) -> str:
    """Return how many clauses of a class a framework meets, of those that apply to it."""
    first = part["channels"][0]
    found = [
        group["meets"][first]
        for probe in part["probes"]
        if probe["grade"] == grade
        for group in probe["outcomes"]
        if name in group["frameworks"] and group["meets"][first] is not None
    ]
    return f"{sum(found)} of {len(found)}"
