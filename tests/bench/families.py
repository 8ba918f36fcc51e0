"""A process that starts child processes in every possible way, and prints their ids."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

import psutil

# Children in the same group, in another session, of a child that ended, and of exec.
PARENT = """
import json, os, subprocess, sys, time

def fork(*steps):
    read_end, write_end = os.pipe()
    if os.fork() == 0:
        for step in steps:
            step()
        os.write(write_end, b"%d " % os.getpid())
        time.sleep(60)
        os._exit(0)
    return int(os.read(read_end, 20))

def orphan():
    if os.fork():
        os._exit(0)

sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
pids = {
    "fork": fork(),
    "session": fork(os.setsid),
    "orphan": fork(orphan),
    "daemon": fork(os.setsid, orphan),
    "program": subprocess.Popen(sleep, start_new_session=True).pid,
}
print(json.dumps({"itself": os.getpid(), **pids}), flush=True)
time.sleep(60)
"""
COMMAND = [sys.executable, "-c", PARENT]
END_SECONDS = 20  # takes a moment on an idle machine


def pids_in(line: str) -> dict[str, int]:
    """Return the process ids that the parent printed."""
    pids: dict[str, int] = json.loads(line)
    assert len(set(pids.values())) == 6
    assert living(pids) == sorted(pids)
    return pids


def living(pids: Mapping[str, int]) -> list[str]:
    """Return the names of the processes that still run."""
    return sorted(name for name, pid in pids.items() if is_alive(pid))


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def left_of(pids: Mapping[str, int]) -> list[str]:
    """Wait for processes to end; return the names of those that still run."""
    deadline = time.monotonic() + END_SECONDS
    while living(pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    return living(pids)


def end(pids: Mapping[str, int]) -> None:
    """Kill the processes that a failed test left."""
    for pid in pids.values():
        if is_alive(pid):
            psutil.Process(pid).kill()


def python(code: str, *arguments: object, **options: Any) -> subprocess.Popen[str]:
    """Start Python code whose output goes to a pipe."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)
