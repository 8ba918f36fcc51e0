"""Small tasks that leave files in a folder as evidence that they ran."""

import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from bench.core.errors import CookoffError
from bench.frameworks.environments import EnvironmentBuildError

WAIT_SECONDS = 120


def count(inputs: Mapping[str, Any], key: str) -> dict[str, int]:
    """Return a number, after the file that the task waits for exists."""
    folder, number = Path(inputs["folder"]), inputs["number"]
    (folder / f"task-{number}-{os.getpid()}-{time.monotonic_ns()}").touch()
    time.sleep(0.05)  # long enough for another task to start, if nothing prevents that
    deadline = time.monotonic() + WAIT_SECONDS
    while inputs.get("waits_for") and not (folder / inputs["waits_for"]).exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return {"number": number, "pid": os.getpid()}


def build(inputs: Mapping[str, Any], key: str) -> dict[str, int]:
    """Return a number, except on the first worker, which fails to build an environment."""
    mark = Path(inputs["folder"]) / "rejected"
    with suppress(FileExistsError), mark.open("x") as file:
        file.write(str(os.getpid()))
    deadline = time.monotonic() + WAIT_SECONDS
    while not (rejected_pid := mark.read_text()):
        assert time.monotonic() < deadline
    if int(rejected_pid) == os.getpid():
        raise EnvironmentBuildError("flask: no room")
    return {"number": inputs["number"], "pid": os.getpid()}


def fail(inputs: Mapping[str, Any], key: str) -> NoReturn:
    """Fail like a page with a wrong reply."""
    raise CookoffError("bare: menu answered 500")


def end_the_worker(inputs: Mapping[str, Any], key: str) -> None:
    """End the process that runs this task."""
    os.kill(os.getpid(), signal.SIGKILL)
