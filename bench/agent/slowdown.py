"""How does one make an application slower by a known share? With an empty loop before each call.

It runs inside a framework's environment. The loop counts turns, no clock: it slows down and speeds
up with the core just as the application does.
"""

import statistics
from collections.abc import Callable
from time import thread_time_ns
from typing import Any

from bench.agent.call_counter import WARM_REQUESTS, ignore
from bench.agent.prepared_request import Application, Kept, consume
from bench.agent.wsgi_environ import Environ

ROUNDS = 120
TRIED_TURNS = 2_000


def slowed(application: Application, kept: Kept, percent: float) -> Application:
    """Return the application, slower by so many percent of what this request takes it.

    What putting the loop around it costs by itself, a tenth of a microsecond, comes on top: no
    matter for a page that takes fifty.
    """
    turns = round(percent / 100 * turns_in_a_call(application, kept))

    def slower(environ: Environ, start_response: Callable[..., Any]) -> Any:
        spin(turns)
        return application(environ, start_response)

    return slower


def turns_in_a_call(application: Application, kept: Kept) -> float:
    """Return how many turns take as long as a call, the two measured in alternation.

    In this thread's own time: on a busy machine others may take the core in most of the calls. The
    mean, as in a slice: now and then a call has garbage to collect, which a median would forget.
    """
    for _ in range(WARM_REQUESTS):
        consume(application(kept.fresh(), ignore))
    calls, spins = [], []
    for _ in range(ROUNDS):
        environ = kept.fresh()
        began = thread_time_ns()
        consume(application(environ, ignore))
        between = thread_time_ns()
        spin(TRIED_TURNS)
        calls.append(between - began)
        spins.append(thread_time_ns() - between)
    return TRIED_TURNS * statistics.fmean(calls) / statistics.fmean(spins)


def spin(turns: int) -> None:
    """Do nothing, so many times."""
    for _ in range(turns):
        pass
