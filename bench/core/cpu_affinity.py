"""Which core does what? The server one, the load the other: else they fight over one.

With fewer than two cores nothing is pinned, and the result says so.
"""

import os
import shutil

import psutil

SERVER_CORE, LOAD_CORE = 0, 1


def list_allowed_cores() -> list[int]:
    """Return the cores this process may use."""
    return sorted(os.sched_getaffinity(0))


def can_pin_cores() -> bool:
    """Tell whether there are cores enough, and taskset, to pin both sides."""
    return len(list_allowed_cores()) > 1 and shutil.which("taskset") is not None


def pin_server(pid: int) -> None:
    """Keep a server on its core, where there are two."""
    if can_pin_cores():
        psutil.Process(pid).cpu_affinity([list_allowed_cores()[SERVER_CORE]])


def pin_load(pid: int = 0) -> None:
    """Keep the load, by default this very process, on the other core."""
    if can_pin_cores():
        os.sched_setaffinity(pid, {list_allowed_cores()[LOAD_CORE]})


def build_taskset_prefix() -> list[str]:
    """Return what a command line begins with to be kept on the load's core."""
    return ["taskset", "-c", str(list_allowed_cores()[LOAD_CORE])] if can_pin_cores() else []
