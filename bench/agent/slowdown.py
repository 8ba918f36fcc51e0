"""Slow down an application by a known share, with an empty loop before each call.

The loop has a fixed number of iterations instead of a time, so that its time varies with the speed
of the core like the application's. Runs inside a framework's environment.
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
    """Return the application, slower by `percent` of its time for this request.

    The call of the wrapper adds a tenth of a microsecond, which does not matter for a page that
    takes fifty.
    """
    iterations = round(percent / 100 * measure_iterations(application, prepared))

    def slower(environ: Environ, start_response: Callable[..., Any]) -> Any:
        busy_loop(iterations)
        return application(environ, start_response)

    return slower


def measure_iterations(application: Application, prepared: PreparedRequest) -> float:
    """Return how many iterations take as long as a call; loop and calls are timed in alternation.

    The clock is the CPU time of this thread, because other processes may have the core during most
    calls of a busy machine. The result uses the mean, as a slice does: a median would ignore the
    calls that collect garbage.
    """
    for _ in range(WARMUP_REQUESTS):
        consume_body(application(prepared.copy_environ(), discard_response))
    call_times, loop_times = [], []
    for _ in range(ROUNDS):
        environ = prepared.copy_environ()
        started = thread_time_ns()
        consume_body(application(environ, discard_response))
        between = thread_time_ns()
        busy_loop(CALIBRATION_ITERATIONS)
        call_times.append(between - started)
        loop_times.append(thread_time_ns() - between)
    return CALIBRATION_ITERATIONS * statistics.fmean(call_times) / statistics.fmean(loop_times)


def busy_loop(iterations: int) -> None:
    """Run an empty loop."""
    for _ in range(iterations):
        pass
