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

ENOUGH = 1 << 20  # bytes; a request that took more would get none
PREPARING, ANSWERING = range(2)
NOW = 1_767_225_600.5  # the first moments of 2026, in UTC


class Chance:
    """A fixed row of bytes in place of the system's random ones, and a clock that stands still."""

    def __init__(self) -> None:
        """Stop time.time(); what waits or measures has other clocks, which go on."""
        self._rows = [
            io.BytesIO(random.Random(seed).randbytes(ENOUGH)) for seed in (PREPARING, ANSWERING)
        ]
        time.time = itertools.repeat(NOW).__next__

    def again(self, row: int) -> None:
        """Begin a row anew: one for preparing, one for answering, so that no token comes twice."""
        random.seed(row)
        self._rows[row].seek(0)
        os.urandom = random._urandom = self._rows[row].read  # type: ignore[attr-defined]
