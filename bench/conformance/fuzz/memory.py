"""Decide whether the memory of a host keeps growing, and find the request that makes it grow."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from bench.conformance.fuzz.probes import Probe
from bench.conformance.fuzz.sites import Target

MIB = 1024 * 1024
WARM_UP_SHARE = 0.25  # of the samples
MIN_SAMPLES = 8  # samples after the warm-up
MIN_GROWTH_BYTES = 24 * MIB
PART_COUNT = 4
REPETITIONS = 300  # requests that are sent to measure the growth once
ROUNDS = 6  # more than the rounds in which 8 threads allocate their blocks
MIN_BYTES_PER_REQUEST = 2048  # that each request must leave behind


def is_growing(samples: Sequence[int]) -> bool:
    """Return whether the memory grew in each part of a run after its warm-up, and by much.

    `samples` are sizes in bytes, taken between batches. A cache that fills up, or an allocator that
    takes a large block once, grows in one part only.
    """
    warm = samples[int(len(samples) * WARM_UP_SHARE) :]
    if len(warm) < MIN_SAMPLES:
        return False
    size = len(warm) / PART_COUNT
    parts = [median(warm[int(size * n) : int(size * (n + 1))]) for n in range(PART_COUNT)]
    steps = [after - before for before, after in pairwise(parts)]
    return sum(steps) > MIN_GROWTH_BYTES and min(steps) > sum(steps) / (PART_COUNT * 2)


def find_growing_probe(target: Target, probes: Sequence[Probe]) -> Probe | None:
    """Return the request that leaves most bytes behind, None if no request leaves many.

    The requests are halved again and again; the half with more growth goes on.
    """
    while len(probes) > 1:
        middle = len(probes) // 2
        halves = (probes[:middle], probes[middle:])
        probes = max(halves, key=lambda half: measure_growth_bytes(target, half))
    return probes[0] if keeps_growing(target, probes) else None


def keeps_growing(target: Target, probes: Sequence[Probe]) -> bool:
    """Return whether memory grows in every round of sending these requests again and again.

    Caches fill up, and each thread of a host allocates its own block for a large body, but only
    once: the memory of such a host stops growing after a few rounds.
    """
    if not probes:
        return False
    rounds = (measure_growth_bytes(target, probes) for _ in range(ROUNDS))
    return all(growth > REPETITIONS * MIN_BYTES_PER_REQUEST for growth in rounds)


def measure_growth_bytes(target: Target, probes: Sequence[Probe]) -> int:
    """Send REPETITIONS requests in turn, and return the growth of the host's memory in bytes."""
    before = target.site.host.read_rss_bytes()
    for number in range(REPETITIONS):
        target.send_probe(probes[number % len(probes)])
    return target.site.host.read_rss_bytes() - before
