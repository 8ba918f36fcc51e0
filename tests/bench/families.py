"""A process that starts others in every way there is, and says which."""

import json
import subprocess
import sys
import time

import psutil

# Children in the same group, in a session of their own, of a child that is gone, and of exec.
PARENT = """
import json, os, subprocess, sys, time

def fork(*steps):
    ours, theirs = os.pipe()
    if os.fork() == 0:
        for step in steps:
            step()
        os.write(theirs, b"%d " % os.getpid())
        time.sleep(60)
        os._exit(0)
    return int(os.read(ours, 20))

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
END_SECONDS = 20  # for what takes a moment on a machine with nothing else to do


def pids_in(line):
    """Return the process ids that the parent said."""
    pids = json.loads(line)
    assert len(set(pids.values())) == 6
    assert living(pids) == sorted(pids)
    return pids


def living(pids):
    """Return the names of those that still run."""
    return sorted(name for name, pid in pids.items() if is_alive(pid))


def is_alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def left_of(pids):
    """Return who still runs after a while."""
    deadline = time.monotonic() + END_SECONDS
    while living(pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    return living(pids)


def end(pids):
    """End whoever a failing test left."""
    for pid in pids.values():
        if is_alive(pid):
            psutil.Process(pid).kill()


def python(code, *arguments, **options):
    """Start a program in Python that writes to a pipe."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)
