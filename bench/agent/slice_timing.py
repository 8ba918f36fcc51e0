"""Time the calls of an application for one request, without the time that others had the core.

Runs inside a framework's environment: standard library and waitress only.
"""

import os
from collections.abc import Callable
from time import perf_counter_ns
from typing import Any, NamedTuple

from bench.agent.prepared_request import Application, PreparedRequest, consume_body

MAX_BATCH_SIZE = 64  # copies of a request, made at once before the clock starts
TIMED_PER_WARMUP = 20  # timed requests for each warm-up request: another process used the caches

try:
    SCHEDSTAT_FD = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
except OSError:
    SCHEDSTAT_FD = -1


class TimedSlice(NamedTuple):
    """The outcome of a slice."""

    calls: int  # timed calls, without the warm-up
    nanoseconds: int
    statuses: set[str]  # of all calls, those of the warm-up included
    last_body: bytes


def read_wait_ns() -> int:
    """Return the nanoseconds for which this thread was ready while another thread had the core.

    Linux counts them: see proc_pid_schedstat(5), second figure. Returns 0 where the kernel does
    not.
    """
    return int(os.pread(SCHEDSTAT_FD, 100, 0).split()[1]) if SCHEDSTAT_FD >= 0 else 0


def time_calls(application: Application, prepared: PreparedRequest, seconds: float) -> TimedSlice:
    """Call the application for some seconds; adapt the request's batch size to its speed.

    Only the calls are timed: neither the copying of requests nor the wait for a core.
    """
    statuses: set[str] = set()

    def start_response(status: str, headers: Any, failure: Any = None) -> Callable[..., Any]:
        statuses.add(status)
        return len

    for _ in range(1 + prepared.slice_count // TIMED_PER_WARMUP):
        consume_body(application(prepared.copy_environ(), start_response))
    count, elapsed_ns, goal_ns, body = 0, 0, seconds * 1e9, b""
    while elapsed_ns < goal_ns:
        environs = [prepared.copy_environ() for _ in range(prepared.batch_size)]
        waited_before, started = read_wait_ns(), perf_counter_ns()
        for environ in environs:
            body = consume_body(application(environ, start_response))
        batch_ns = perf_counter_ns() - started
        elapsed_ns += max(1, batch_ns - (read_wait_ns() - waited_before))
        count += len(environs)
    prepared.slice_count = count
    prepared.batch_size = 1 if prepared.restore else min(max(1, count // 4), MAX_BATCH_SIZE)
    return TimedSlice(count, elapsed_ns, statuses, body)
