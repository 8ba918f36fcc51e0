"""Sample comparisons of versions, small enough to check by hand."""

from typing import Any

from bench.core import machine
from bench.results.schema import (
    InstalledPackage,
    VersionClause,
    VersionColumn,
    VersionComparison,
    VersionProbe,
)
from bench.results.version_changes import build_changes

OLD, NEW = "newt@1.0", "newt@2.0"


def column(name: str, version: str = "1.0", **more: Any) -> VersionColumn:
    """Return the column of a version."""
    what = name.partition("@")[2]
    return VersionColumn(name, what, version, "release", "3.11.7", **more)


def comparison(**parts: Any) -> VersionComparison:
    """Return a comparison with these parts; the others are empty."""
    empty: dict[str, Any] = {
        "framework": "newt",
        "title": "Newt",
        "created_at": "2026-01-01T00:00:00+00:00",
        "machine": machine.collect_facts(),
        "measured": ["contract", "behaviour", "cost"],
        "columns": [column(OLD), column(NEW, "2.0")],
        "clause_counts": {},
        "clauses": [],
        "probe_count": 0,
        "probes": [],
        "lines": [],
        "cost": None,
        "repeated_costs": {},
        "starts": {},
        "calls_by_layer": {},
        "unmeasured": [],
        "changes": [],
    }
    return VersionComparison(**{**empty, **parts})


def build_worse_comparison() -> VersionComparison:
    """Return a comparison in which a clause fails, a probe turns wrong and a package moves."""
    before, after = (
        [InstalledPackage("newt", version, 2_000_000, "MIT")] for version in ("1.0", "2.0")
    )
    columns = [
        column(OLD, packages=before),
        column(NEW, "2.0", packages=after, moves=["gill 1 → 2"]),
    ]
    outcomes = {OLD: "405, Allow: GET", NEW: "405 without <Allow>"}
    replies = {OLD: ["HTTP/1.1 405\nAllow: GET\n"], NEW: ["HTTP/1.1 405\n"]}
    result = comparison(
        columns=columns,
        clause_counts={"hardened": {OLD: {"passed": 9}, NEW: {"passed": 8, "failed": 1}}},
        clauses=[
            VersionClause("a page is shown", "hardened", "core", {OLD: "passed", NEW: "failed"},
                          {NEW: "GET /: 500 instead of 200"}),
        ],
        probe_count=700,
        probes=[
            VersionProbe("allow", "Another method", "Methods", "must", ["in-process"], outcomes,
                         {OLD: True, NEW: False}, ["PUT / HTTP/1.1\n"], replies),
        ],
    )  # fmt: skip
    result.changes = build_changes(result)
    return result
