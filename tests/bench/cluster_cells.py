"""Small cells whose work leaves its trace in a folder."""

import os
import signal
import time
from pathlib import Path

from bench.troubles import Trouble

PATIENCE_SECONDS = 120


def count(inputs, key):
    """Return a number, once what it waits for is there."""
    folder, number = Path(inputs["folder"]), inputs["number"]
    (folder / f"cell-{number}-{os.getpid()}-{time.monotonic_ns()}").touch()
    time.sleep(0.05)  # long enough for another one to begin, where nothing keeps it from that
    deadline = time.monotonic() + PATIENCE_SECONDS
    while inputs.get("waits_for") and not (folder / inputs["waits_for"]).exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return {"number": number, "pid": os.getpid()}


def fail(inputs, key):
    """Fail, as a page that is answered wrongly does."""
    raise Trouble("bare: menu answered 500")


def end_the_worker(inputs, key):
    """End the process that does this cell."""
    os.kill(os.getpid(), signal.SIGKILL)
