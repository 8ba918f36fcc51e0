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

from bench.conformance.differential.differences import MODEL, Mark
from bench.conformance.differential.sequences import Found, Walk, walked
from bench.conformance.differential.shrink import shortest
from bench.conformance.differential.sites import Sites

MOST_FINDS = 5
# After these a site no longer is where the others are: it leaves the walk.
LASTING = ("status", "cookies", "rows")


@dataclass
class Result:
    """What a walk found."""

    seed: int
    frameworks: dict[str, str]
    steps: int = 0
    finds: list[Found] = field(default_factory=list)

    def script_name(self, number: int) -> str:
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
                "requests": [f"{s.request.method} {s.request.path}" for s in find.journey],
                "script": self.script_name(number),
            }
            for number, find in enumerate(self.finds, start=1)
            for one in find.differences
        ]
        return {
            "seed": self.seed,
            "steps": self.steps,
            "frameworks": self.frameworks,
            "differences": differences,
        }


def walk_on(
    result: Result,
    sites: Sites,
    steps: int,
    told: Callable[[str], None] = lambda line: None,
    most: int = MOST_FINDS,
) -> None:
    """Take so many steps and put what is found into the result, at most so many finds."""
    known: frozenset[Mark] = frozenset()
    while sites.sites and len(result.finds) < most and result.steps < steps:
        walk = Walk(sites, steps - result.steps, told, known)
        try:
            found = walked(walk, result.seed + len(result.finds))
        finally:
            result.steps += walk.taken
        if found is None:
            return
        found = shortest(found, sites, told)
        result.finds.append(found)
        known |= {one.mark for one in found.differences}
        lost = {n for one in found.differences if one.kind in LASTING for n in one.sites}
        if MODEL in lost:
            return
        sites = Sites([one for one in sites.sites if one.name not in lost], sites.pool)
