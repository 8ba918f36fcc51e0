"""How long did others keep this thread from its core? It runs inside a framework's environment."""

import os

try:
    SCHEDSTAT_FD = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
except OSError:
    SCHEDSTAT_FD = -1


def read_wait_ns() -> int:
    """Return the nanoseconds that this thread was ready and another had the core, as Linux counts.

    See proc_pid_schedstat(5): time on the core, time waiting for it, times it was given it. 0 where
    the kernel does not tell.
    """
    return int(os.pread(SCHEDSTAT_FD, 100, 0).split()[1]) if SCHEDSTAT_FD >= 0 else 0
