"""Does the memory of a host keep growing? Judged from samples taken between batches."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

MIB = 1024 * 1024
WARM_UP_SHARE = 0.25  # of the samples
MIN_SAMPLES = 8  # samples after the warm-up
MIN_GROWTH_BYTES = 24 * MIB
PART_COUNT = 4


def is_growing(samples: Sequence[int]) -> bool:
    """Return whether memory grew in every part of the run after its warm-up, and by much.

    A cache that fills up, or an allocator that takes a large block once, grows in one part only.
    """
    warm = samples[int(len(samples) * WARM_UP_SHARE) :]
    if len(warm) < MIN_SAMPLES:
        return False
    size = len(warm) / PART_COUNT
    parts = [median(warm[int(size * n) : int(size * (n + 1))]) for n in range(PART_COUNT)]
    steps = [after - before for before, after in pairwise(parts)]
    return sum(steps) > MIN_GROWTH_BYTES and min(steps) > sum(steps) / (PART_COUNT * 2)
