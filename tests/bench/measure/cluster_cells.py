"""Small cells whose work leaves its trace in a folder."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from bench.core.errors import CookoffError
from bench.frameworks.environments import EnvironmentBuildError

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


def build(inputs, key):
    """Return a number, but on the first worker to come, which cannot build an environment."""
    mark = Path(inputs["folder"]) / "unfit"
    with suppress(FileExistsError), mark.open("x") as file:
        file.write(str(os.getpid()))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (unfit := mark.read_text()):
        assert time.monotonic() < deadline
    if int(unfit) == os.getpid():
        raise EnvironmentBuildError("flask: no room")
    return {"number": inputs["number"], "pid": os.getpid()}


def fail(inputs, key):
    """Fail, as a page that is answered wrongly does."""
    raise CookoffError("bare: menu answered 500")


def end_the_worker(inputs, key):
    """End the process that does this cell."""
    os.kill(os.getpid(), signal.SIGKILL)
