"""Sample the call stack of a block at random times, 0.7 ms apart on average.

The times are fixed in advance (a Poisson process), so that they fall on each line in proportion to
its time. A timer sends SIGALRM; CPython runs the handler at the next function call, end of a call
or jump backwards: on the line that runs or, for lines that call nothing, soon after it. When a
long call of compiled code delays the handler, its stack counts for each time that has passed; a
delay that is longer than requests are is the machine's, and does not count. The clock stops in the
handler, and while others have the core. Runs inside a framework's environment.
"""

import random
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter_ns
from types import CodeType, FrameType

from bench.agent.slice_timing import read_wait_ns
from bench.agent.source_lines import LineFinder, SourceLine

MEAN_NANOSECONDS = 700_000
SHORTEST_SECONDS = 1e-6  # a timer of 0 would be switched off
Stack = tuple[SourceLine, ...]  # the innermost line first


class StackSampler:
    """The samples of each call stack below a function."""

    def __init__(self, outermost: CodeType, longest_ns: int):
        """Sample the calls that this function makes; a delay counts at most `longest_ns`."""
        self.longest_ns = longest_ns
        self.counts: Counter[Stack] = Counter()
        self._outermost, self._lines = outermost, LineFinder()
        self._random = random.Random(1)  # only spreads the samples
        self._due_ns = self._waited_ns = 0
        self._is_sampling = False

    @contextmanager
    def sample(self) -> Iterator[None]:
        """Sample while the block runs; the main thread must run it."""
        former = signal.signal(signal.SIGALRM, self._on_signal)
        self._waited_ns, self._due_ns = read_wait_ns(), perf_counter_ns()
        self._is_sampling = True
        self._set_timer()
        try:
            yield
        finally:
            # A signal that is under way must not start the timer again: the next signal would end
            # the process.
            self._is_sampling = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, former)

    @property
    def samples(self) -> int:
        """Return the number of samples."""
        return self.counts.total()

    def _set_timer(self) -> None:
        seconds = (self._due_ns - perf_counter_ns()) / 1e9
        signal.setitimer(signal.ITIMER_REAL, max(seconds, SHORTEST_SECONDS))

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self._is_sampling:
            return
        now_ns, waited_ns = perf_counter_ns(), read_wait_ns()
        self._due_ns += waited_ns - self._waited_ns
        self._due_ns = max(self._due_ns, now_ns - self.longest_ns)
        count = 0
        while self._due_ns <= now_ns:
            self._due_ns += int(self._random.expovariate(1 / MEAN_NANOSECONDS))
            count += 1
        if count:
            self._count_stack(frame, count)
        self._waited_ns = read_wait_ns()
        self._due_ns += perf_counter_ns() - now_ns - (self._waited_ns - waited_ns)
        self._set_timer()

    def _count_stack(self, frame: FrameType | None, count: int) -> None:
        stack: list[SourceLine] = []
        # A timer that is already due sends the signal while the handler of the last one returns.
        while frame and frame.f_code.co_filename == __file__:
            frame = frame.f_back
        while frame and frame.f_code is not self._outermost:
            stack += self._lines.find(frame)
            frame = frame.f_back
        if frame:
            self.counts[(*stack, *self._lines.find(frame))] += count
