"""What does a whole walk find? It goes on after a difference, without what is known already.

The part "walk" of report/results.json, as Result.as_dict gives it:
    {"seed": 7, "steps": 300, "frameworks": {"bare": "bare", "flask": "Flask 3.1.3"},
     "differences": [{"kind": "header etag", "action": "show the menu", "sites": ["flask"],
                      "details": "...", "requests": ["GET /"], "script": "walk-7.py"}]}
steps counts requests, each made of every framework. sites are those unlike the others; "the model"
where all sites agree and it does not. A walk of the same seed over equal sites gives an equal part.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench.conformance.differential.differences import MODEL, DifferenceKey
from bench.conformance.differential.sequences import MismatchFound, Walk, find_mismatch
from bench.conformance.differential.shrink import shrink_mismatch
from bench.conformance.differential.sites import Sites

MAX_MISMATCHES = 5
# After these a site no longer is where the others are: it leaves the walk.
DIVERGING_KINDS = ("status", "cookies", "rows")


@dataclass
class WalkResult:
    """What a walk found."""

    seed: int
    frameworks: dict[str, str]
    step_count: int = 0
    mismatches: list[MismatchFound] = field(default_factory=list)

    def build_script_name(self, number: int) -> str:
        """Return the name of the script that replays a find, numbered from 1."""
        return f"walk-{self.seed}.py" if number == 1 else f"walk-{self.seed}-{number}.py"

    def as_dict(self) -> dict[str, Any]:
        """Return the result as results.json keeps it."""
        differences = [
            {
                "kind": one.kind,
                "action": one.action,
                "sites": list(one.sites),
                "details": one.details,
                "requests": [f"{s.request.method} {s.request.path}" for s in find.steps],
                "script": self.build_script_name(number),
            }
            for number, find in enumerate(self.mismatches, start=1)
            for one in find.differences
        ]
        return {
            "seed": self.seed,
            "steps": self.step_count,
            "frameworks": self.frameworks,
            "differences": differences,
        }


def collect_mismatches(
    result: WalkResult,
    sites: Sites,
    steps: int,
    on_progress: Callable[[str], None] = lambda line: None,
    max_mismatches: int = MAX_MISMATCHES,
) -> None:
    """Take so many steps and put what is found into the result, at most so many finds."""
    known: frozenset[DifferenceKey] = frozenset()
    while sites.sites and len(result.mismatches) < max_mismatches and result.step_count < steps:
        walk = Walk(sites, steps - result.step_count, on_progress, known)
        try:
            found = find_mismatch(walk, result.seed + len(result.mismatches))
        finally:
            result.step_count += walk.step_count
        if found is None:
            return
        found = shrink_mismatch(found, sites, on_progress)
        result.mismatches.append(found)
        known |= {one.key for one in found.differences}
        lost = {n for one in found.differences if one.kind in DIVERGING_KINDS for n in one.sites}
        if MODEL in lost:
            return
        sites = Sites([one for one in sites.sites if one.name not in lost], sites.pool)
