"""Collect the result of a run."""

from collections import Counter
from dataclasses import dataclass, field

from bench.conformance.fuzz.finds import Finding, FindingKey
from bench.conformance.fuzz.freedoms import Freedom
from bench.conformance.fuzz.probes import Probe
from bench.results.schema import Fuzz, UsedFreedom


@dataclass
class FuzzResult:
    """The result of a run."""

    seed: int
    names: list[str]
    freedoms: list[Freedom]
    request_count: int = 0  # requests that were generated; each was sent to every site
    seconds: float = 0.0
    findings: dict[FindingKey, Finding] = field(default_factory=dict)
    unconfirmed: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    replayed_statuses: list[tuple[Probe, dict[str, int]]] = field(default_factory=list)

    @property
    def sorted_findings(self) -> list[Finding]:
        """Return the findings, faults of a site before disagreements, by kind and sites."""
        return sorted(
            self.findings.values(),
            key=lambda item: (bool(item.verdict.groups), item.verdict.kind, item.verdict.sites),
        )

    @property
    def sent_count(self) -> int:
        """Return the number of requests that were sent to all sites together."""
        return self.request_count * len(self.names)

    def build_part(self) -> Fuzz:
        """Return the result as results.json stores it."""
        return Fuzz(
            seed=self.seed,
            sites=self.names,
            requests=self.request_count,
            sent_requests=self.sent_count,
            duration_seconds=round(self.seconds, 1),
            statuses={str(key): n for key, n in sorted(self.statuses.items())},
            findings=[finding.build_part() for finding in self.sorted_findings],
            unconfirmed=dict(self.unconfirmed),
            freedoms=[
                UsedFreedom(freedom.format_line(), freedom.use_count) for freedom in self.freedoms
            ],
        )
