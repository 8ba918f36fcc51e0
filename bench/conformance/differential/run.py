"""Send one random sequence of requests to all sites, and collect the mismatches.

After a mismatch the run continues without the known differences. DifferentialResult.build_part
returns the part "differential" of report/results.json:
    {"seed": 7, "steps": 300, "frameworks": {"bare": "bare", "flask": "Flask 3.1.3"},
     "differences": [{"kind": "header etag", "action": "show the menu", "sites": ["flask"],
                      "details": "...", "requests": ["GET /"], "script": "differential-7.py"}]}
steps is the number of requests, each of which was sent to every framework. sites are the sites that
differ from the others, or "the model" if all sites agree and the model differs. "hardened": false
marks a run on the sites as taught. Runs with the same seed on equal sites give equal parts.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from bench.conformance.differential.differences import MODEL, DifferenceKey
from bench.conformance.differential.profiles import HARDENED_PROFILE, Profile
from bench.conformance.differential.sequences import MismatchFound, SequenceRun, find_mismatch
from bench.conformance.differential.shrink import shrink_mismatch
from bench.conformance.differential.sites import Sites
from bench.results.schema import Differential, SiteDifference

MAX_MISMATCHES = 5
# After such a difference the state of a site differs from the others': the site leaves the run.
DIVERGING_KINDS = ("status", "cookies", "rows")


@dataclass
class DifferentialResult:
    """The result of a run: its seed, steps and mismatches."""

    seed: int
    frameworks: dict[str, str]
    profile: Profile = HARDENED_PROFILE
    step_count: int = 0
    mismatches: list[MismatchFound] = field(default_factory=list)

    def build_script_name(self, number: int) -> str:
        """Return the name of the script that replays a mismatch, numbered from 1."""
        suffix = "" if number == 1 else f"-{number}"
        return f"differential-{self.seed}{suffix}.py"

    def build_part(self) -> Differential:
        """Return the result as results.json stores it."""
        differences = [
            SiteDifference(
                kind=difference.kind,
                action=difference.action,
                sites=list(difference.sites),
                details=difference.details,
                requests=[f"{s.request.method} {s.request.path}" for s in mismatch.steps],
                script=self.build_script_name(number),
            )
            for number, mismatch in enumerate(self.mismatches, start=1)
            for difference in mismatch.differences
        ]
        hardened = self.profile.hardened
        return Differential(self.seed, self.step_count, self.frameworks, differences, hardened)


def collect_mismatches(
    result: DifferentialResult,
    sites: Sites,
    steps: int,
    on_progress: Callable[[str], None] = lambda line: None,
    max_mismatches: int = MAX_MISMATCHES,
) -> None:
    """Send `steps` requests, and add the mismatches, at most `max_mismatches`, to the result."""
    known: frozenset[DifferenceKey] = frozenset()
    while sites.sites and len(result.mismatches) < max_mismatches and result.step_count < steps:
        run = SequenceRun(sites, steps - result.step_count, on_progress, known)
        try:
            mismatch = find_mismatch(run, result.seed + len(result.mismatches))
        finally:
            result.step_count += run.step_count
        if mismatch is None:
            return
        mismatch = shrink_mismatch(mismatch, sites, on_progress)
        result.mismatches.append(mismatch)
        known |= {difference.key for difference in mismatch.differences}
        diverged = {
            name
            for difference in mismatch.differences
            if difference.kind in DIVERGING_KINDS
            for name in difference.sites
        }
        if MODEL in diverged:
            return
        sites = sites.select([site for site in sites.sites if site.name not in diverged])
