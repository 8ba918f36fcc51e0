"""Run tasks in a Dask worker: one at a time, and only tasks of the worker's own checkout."""

import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from distributed import get_worker
from msgspec import to_builtins

from bench.core import machine
from bench.core.errors import CookoffError
from bench.frameworks.environments import EnvironmentBuildError
from bench.measure.cluster.checkout import Checkout, describe_checkout, describe_difference

RESOURCE = "bench"  # a worker has 1 of this Dask resource, and every task takes 1
# Python keeps the imported modules when the files of the checkout change later.
LOADED_CHECKOUT = describe_checkout()


class WorkerRejectedError(CookoffError):
    """A worker that cannot run any task of this measurement: its address, and the reason."""

    def __init__(self, worker: str, reason: str):
        super().__init__(worker, reason)
        self.worker, self.reason = worker, reason


def describe_worker(checkout: Checkout) -> dict[str, str]:
    """Return why this worker is rejected, "" when it is not, and the id of its machine."""
    return {"unfit": find_rejection_reason(checkout), "machine": machine.read_machine_id()}


def find_rejection_reason(checkout: Checkout) -> str:
    """Return why this worker cannot run tasks of a checkout, "" when it can."""
    if describe_checkout() != LOADED_CHECKOUT:
        return "its checkout changed while the worker ran; restart the worker"
    return describe_difference(LOADED_CHECKOUT, checkout)


def run_task(task: Mapping[str, Any]) -> dict[str, Any]:
    """Run a task; return its result, worker, machine, and start and end by the machine's clock.

    Raise WorkerRejectedError when this worker cannot run the task, and whatever the task raises.
    """
    address = str(get_worker().address)
    if reason := find_rejection_reason(task["checkout"]):
        raise WorkerRejectedError(address, reason)
    module, _, name = task["work"].partition(":")
    function: Callable[..., Any] = getattr(import_module(module), name)
    start = time.monotonic()
    try:
        result = function(task["inputs"], task["key"])
    except EnvironmentBuildError as error:
        raise WorkerRejectedError(address, str(error)) from error
    return {
        "found": result,
        "worker": address,
        "began": start,
        "ended": time.monotonic(),
        "machine": {"id": machine.read_machine_id(), "facts": to_builtins(machine.collect_facts())},
    }
