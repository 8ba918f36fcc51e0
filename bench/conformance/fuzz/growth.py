"""Which request makes a host's memory grow? Halves a list of requests again and again."""

from collections.abc import Sequence

from bench.conformance.fuzz.probes import Probe
from bench.conformance.fuzz.sites import Target

REPETITIONS = 300  # requests sent to measure growth once
ROUNDS = 6  # more than it takes 8 threads to take their blocks
MIN_BYTES_PER_REQUEST = 2048  # that each request leaves behind


def find_growing_probe(target: Target, probes: Sequence[Probe]) -> Probe | None:
    """Return the request that leaves most behind, None where no single request leaves much."""
    while len(probes) > 1:
        middle = len(probes) // 2
        halves = (probes[:middle], probes[middle:])
        probes = max(halves, key=lambda half: measure_growth_bytes(target, half))
    return probes[0] if keeps_growing(target, probes) else None


def keeps_growing(target: Target, probes: Sequence[Probe]) -> bool:
    """Return whether memory grows in every round of sending these requests over and over.

    Caches fill up, and each thread of a host takes its own block for a large body, but only once:
    the memory of such a host stops growing after a few rounds.
    """
    if not probes:
        return False
    rounds = (measure_growth_bytes(target, probes) for _ in range(ROUNDS))
    return all(growth > REPETITIONS * MIN_BYTES_PER_REQUEST for growth in rounds)


def measure_growth_bytes(target: Target, probes: Sequence[Probe]) -> int:
    """Return by how much memory grows while these requests are sent again and again."""
    before = target.site.host.read_rss_bytes()
    for number in range(REPETITIONS):
        target.send_probe(probes[number % len(probes)])
    return target.site.host.read_rss_bytes() - before
