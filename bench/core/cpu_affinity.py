"""Which core does what? The server one, the load the other: else they fight over one.

With fewer than two cores nothing is pinned, and the result says so.
"""

import os
import shutil

import psutil

SERVER_CORE, LOAD_CORE = 0, 1


def allowed() -> list[int]:
    """Return the cores this process may use."""
    return sorted(os.sched_getaffinity(0))


def pinned() -> bool:
    """Tell whether there are cores enough, and taskset, to pin both sides."""
    return len(allowed()) > 1 and shutil.which("taskset") is not None


def pin_server(pid: int) -> None:
    """Keep a server on its core, where there are two."""
    if pinned():
        psutil.Process(pid).cpu_affinity([allowed()[SERVER_CORE]])


def pin_load(pid: int = 0) -> None:
    """Keep the load, by default this very process, on the other core."""
    if pinned():
        os.sched_setaffinity(pid, {allowed()[LOAD_CORE]})


def taskset() -> list[str]:
    """Return what a command line begins with to be kept on the load's core."""
    return ["taskset", "-c", str(allowed()[LOAD_CORE])] if pinned() else []
