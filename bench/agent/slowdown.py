"""How does one make an application slower by a known share? With an empty loop before each call.

It runs inside a framework's environment. The loop counts turns, no clock: it slows down and speeds
up with the core just as the application does.
"""

import statistics
from collections.abc import Callable
from time import thread_time_ns
from typing import Any

from bench.agent.call_counter import WARMUP_REQUESTS, discard_response
from bench.agent.prepared_request import Application, PreparedRequest, consume_body
from bench.agent.wsgi_environ import Environ

ROUNDS = 120
CALIBRATION_ITERATIONS = 2_000


def slow_application(
    application: Application, prepared: PreparedRequest, percent: float
) -> Application:
    """Return the application, slower by so many percent of what this request takes it.

    What putting the loop around it costs by itself, a tenth of a microsecond, comes on top: no
    matter for a page that takes fifty.
    """
    turns = round(percent / 100 * measure_iterations(application, prepared))

    def slower(environ: Environ, start_response: Callable[..., Any]) -> Any:
        busy_loop(turns)
        return application(environ, start_response)

    return slower


def measure_iterations(application: Application, prepared: PreparedRequest) -> float:
    """Return how many turns take as long as a call, the two measured in alternation.

    In this thread's own time: on a busy machine others may take the core in most of the calls. The
    mean, as in a slice: now and then a call has garbage to collect, which a median would forget.
    """
    for _ in range(WARMUP_REQUESTS):
        consume_body(application(prepared.copy_environ(), discard_response))
    calls, spins = [], []
    for _ in range(ROUNDS):
        environ = prepared.copy_environ()
        began = thread_time_ns()
        consume_body(application(environ, discard_response))
        between = thread_time_ns()
        busy_loop(CALIBRATION_ITERATIONS)
        calls.append(between - began)
        spins.append(thread_time_ns() - between)
    return CALIBRATION_ITERATIONS * statistics.fmean(calls) / statistics.fmean(spins)


def busy_loop(iterations: int) -> None:
    """Do nothing, so many times."""
    for _ in range(iterations):
        pass
