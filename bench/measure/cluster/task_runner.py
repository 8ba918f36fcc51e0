"""What does a worker do with a cell? One at a time, and only of its own state of the project.

It runs in a worker of Dask, on whichever machine.
"""

import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from distributed import get_worker

from bench.core import machine
from bench.core.errors import Trouble
from bench.frameworks.environments import NotBuilt
from bench.measure.cluster.checkout import Checkout, checkout, difference

RESOURCE = "bench"  # of which a worker has 1, and every cell takes 1
# Modules stay as they were when this one was imported, whatever a later checkout brings.
LOADED = checkout()


class Unfit(Trouble):
    """A worker that cannot do any cell of this measurement: its address, and why."""

    def __init__(self, worker: str, reason: str):
        super().__init__(worker, reason)
        self.worker, self.reason = worker, reason


def facts(wanted: Checkout) -> dict[str, str]:
    """Return why this worker does not fit, "" where it does, and on which machine it is."""
    return {"unfit": unfit(wanted), "machine": machine.identity()}


def unfit(wanted: Checkout) -> str:
    """Return why this worker can do no cell of a checkout, "" where it can."""
    if checkout() != LOADED:
        return "its checkout changed while it ran; start it again"
    return difference(LOADED, wanted)


def run(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Do a cell; return what it found, where, and from when to when by the machine's clock.

    Raises Unfit where this worker can do none, and whatever the work raises.
    """
    address = str(get_worker().address)
    if reason := unfit(cell["checkout"]):
        raise Unfit(address, reason)
    module, _, name = cell["work"].partition(":")
    work: Callable[..., Any] = getattr(import_module(module), name)
    began = time.monotonic()
    try:
        found = work(cell["inputs"], cell["key"])
    except NotBuilt as error:
        raise Unfit(address, str(error)) from error
    return {
        "found": found,
        "worker": address,
        "began": began,
        "ended": time.monotonic(),
        "machine": {"id": machine.identity(), "facts": machine.facts()},
    }
