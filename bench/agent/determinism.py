"""How do chance and clock come out the same every time? For whoever draws tokens, or signs a time.

What draws bytes and rejects some, as random.SystemRandom does to choose one of 62 letters, calls
functions more or less often; so does what encodes or parses a text in which a time stands. With the
same bytes at the same time it is as often every time. What is put in place of a built-in function
is one, too: no frame is entered for it. It runs inside a framework's environment: standard library
only.
"""

import io
import itertools
import os
import random
import time

STREAM_BYTES = 1 << 20  # bytes; a request that took more would get none
SETUP_SEED, REQUEST_SEED = range(2)
FROZEN_TIME = 1_767_225_600.5  # the first moments of 2026, in UTC


class Determinism:
    """A fixed row of bytes in place of the system's random ones, and a clock that stands still."""

    def __init__(self) -> None:
        """Stop time.time(); what waits or measures has other clocks, which go on."""
        self._rows = [
            io.BytesIO(random.Random(seed).randbytes(STREAM_BYTES))
            for seed in (SETUP_SEED, REQUEST_SEED)
        ]
        time.time = itertools.repeat(FROZEN_TIME).__next__

    def reseed(self, seed: int) -> None:
        """Begin a row anew: one for preparing, one for answering, so that no token comes twice."""
        random.seed(seed)
        self._rows[seed].seek(0)
        os.urandom = random._urandom = self._rows[seed].read  # type: ignore[attr-defined]
