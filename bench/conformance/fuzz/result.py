"""Collect the result of a run."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bench.conformance.fuzz.finds import Finding, FindingKey
from bench.conformance.fuzz.freedoms import Freedom
from bench.conformance.fuzz.probes import Probe


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

    def as_dict(self) -> dict[str, Any]:
        """Return the result as JSON."""
        return {
            "seed": self.seed,
            "sites": self.names,
            "requests": self.request_count,
            "sent": self.sent_count,
            "seconds": round(self.seconds, 1),
            "statuses": {str(key): n for key, n in sorted(self.statuses.items())},
            "finds": [finding.as_dict() for finding in self.sorted_findings],
            "unconfirmed": dict(self.unconfirmed),
            "freedoms": [
                {"line": freedom.format_line(), "used": freedom.use_count}
                for freedom in self.freedoms
            ],
        }
