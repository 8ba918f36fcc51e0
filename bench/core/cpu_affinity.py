"""Pin the server to one core and the load to another, so that they do not compete for one.

With fewer than two cores nothing is pinned, and the result reports that.
"""

import os
import shutil

import psutil

SERVER_CORE, LOAD_CORE = 0, 1


def list_allowed_cores() -> list[int]:
    """Return the numbers of the cores that this process may use."""
    return sorted(os.sched_getaffinity(0))


def can_pin_cores() -> bool:
    """Return whether there are two cores, and taskset, to pin both sides."""
    return len(list_allowed_cores()) > 1 and shutil.which("taskset") is not None


def pin_server(pid: int) -> None:
    """Pin a server's process to the server's core, where there are two cores."""
    if can_pin_cores():
        psutil.Process(pid).cpu_affinity([list_allowed_cores()[SERVER_CORE]])


def pin_load(pid: int = 0) -> None:
    """Pin a process, by default the current one, to the load's core."""
    if can_pin_cores():
        os.sched_setaffinity(pid, {list_allowed_cores()[LOAD_CORE]})


def build_taskset_prefix() -> list[str]:
    """Return the words before a command that pin the command to the load's core."""
    return ["taskset", "-c", str(list_allowed_cores()[LOAD_CORE])] if can_pin_cores() else []
