"""Does the memory of a host keep growing? Judged from samples taken between batches."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

MIB = 1024 * 1024
WARM_UP = 0.25  # of the samples
FEWEST = 8  # samples after the warm-up
GROWN_BYTES = 24 * MIB
PARTS = 4


def grows(samples: Sequence[int]) -> bool:
    """Return whether memory grew in every part of the run after its warm-up, and by much.

    A cache that fills up, or an allocator that takes a large block once, grows in one part only.
    """
    warm = samples[int(len(samples) * WARM_UP) :]
    if len(warm) < FEWEST:
        return False
    size = len(warm) / PARTS
    parts = [median(warm[int(size * n) : int(size * (n + 1))]) for n in range(PARTS)]
    steps = [after - before for before, after in pairwise(parts)]
    return sum(steps) > GROWN_BYTES and min(steps) > sum(steps) / (PARTS * 2)
