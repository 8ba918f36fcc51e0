"""What does a worker do with a cell? One at a time, and only of its own state of the project.

It runs in a worker of Dask, on whichever machine.
"""

import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from distributed import get_worker

from bench.core import machine
from bench.core.errors import CookoffError
from bench.frameworks.environments import EnvironmentBuildError
from bench.measure.cluster.checkout import Checkout, describe_checkout, describe_difference

RESOURCE = "bench"  # of which a worker has 1, and every cell takes 1
# Modules stay as they were when this one was imported, whatever a later checkout brings.
LOADED_CHECKOUT = describe_checkout()


class WorkerRejectedError(CookoffError):
    """A worker that cannot do any cell of this measurement: its address, and why."""

    def __init__(self, worker: str, reason: str):
        super().__init__(worker, reason)
        self.worker, self.reason = worker, reason


def describe_worker(wanted: Checkout) -> dict[str, str]:
    """Return why this worker does not fit, "" where it does, and on which machine it is."""
    return {"unfit": find_rejection_reason(wanted), "machine": machine.read_machine_id()}


def find_rejection_reason(wanted: Checkout) -> str:
    """Return why this worker can do no cell of a checkout, "" where it can."""
    if describe_checkout() != LOADED_CHECKOUT:
        return "its checkout changed while it ran; start it again"
    return describe_difference(LOADED_CHECKOUT, wanted)


def run_task(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Do a cell; return what it found, where, and from when to when by the machine's clock.

    Raises Unfit where this worker can do none, and whatever the work raises.
    """
    address = str(get_worker().address)
    if reason := find_rejection_reason(cell["checkout"]):
        raise WorkerRejectedError(address, reason)
    module, _, name = cell["work"].partition(":")
    work: Callable[..., Any] = getattr(import_module(module), name)
    began = time.monotonic()
    try:
        found = work(cell["inputs"], cell["key"])
    except EnvironmentBuildError as error:
        raise WorkerRejectedError(address, str(error)) from error
    return {
        "found": found,
        "worker": address,
        "began": began,
        "ended": time.monotonic(),
        "machine": {"id": machine.read_machine_id(), "facts": machine.collect_facts()},
    }
