"""Which request makes a host's memory grow? Halves a list of requests again and again."""

from collections.abc import Sequence

from bench.fuzz.probes import Probe
from bench.fuzz.sites import Target

SENDS = 300  # of each half
LEAST_BYTES = 2048  # that each request leaves behind


def culprit(target: Target, probes: Sequence[Probe]) -> Probe | None:
    """Return the request that leaves most behind, None where no single request leaves much."""
    while len(probes) > 1:
        middle = len(probes) // 2
        halves = (probes[:middle], probes[middle:])
        probes = max(halves, key=lambda half: growth_bytes(target, half))
    grown = growth_bytes(target, probes) if probes else 0
    return probes[0] if grown > SENDS * LEAST_BYTES else None


def growth_bytes(target: Target, probes: Sequence[Probe]) -> int:
    """Return by how much memory grows while these requests are sent again and again."""
    before = target.site.host.rss_bytes()
    for number in range(SENDS):
        target.ask(probes[number % len(probes)])
    return target.site.host.rss_bytes() - before
