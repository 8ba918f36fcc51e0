"""What a run found, as it is printed and kept."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bench.conformance.fuzz.finds import Find, Key
from bench.conformance.fuzz.freedoms import Freedom
from bench.conformance.fuzz.probes import Probe


@dataclass
class Result:
    """What a run found."""

    seed: int
    names: list[str]
    freedoms: list[Freedom]
    requests: int = 0  # generated
    seconds: float = 0.0
    finds: dict[Key, Find] = field(default_factory=dict)
    unconfirmed: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    replayed: list[tuple[Probe, dict[str, int]]] = field(default_factory=list)

    @property
    def ordered(self) -> list[Find]:
        """Return the finds, those of one site before disagreements, by kind and sites."""
        return sorted(
            self.finds.values(),
            key=lambda find: (bool(find.verdict.groups), find.verdict.kind, find.verdict.sites),
        )

    @property
    def sent(self) -> int:
        """Return how many requests were sent to all sites together."""
        return self.requests * len(self.names)

    def as_dict(self) -> dict[str, Any]:
        """Return the result as JSON."""
        return {
            "seed": self.seed,
            "sites": self.names,
            "requests": self.requests,
            "sent": self.sent,
            "seconds": round(self.seconds, 1),
            "statuses": {str(key): n for key, n in sorted(self.statuses.items())},
            "finds": [find.as_dict() for find in self.ordered],
            "unconfirmed": dict(self.unconfirmed),
            "freedoms": [{"line": one.line(), "used": one.used} for one in self.freedoms],
        }
