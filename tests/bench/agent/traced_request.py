"""Trace a small request with bench/agent/request_tracer.py.

Run: python watched.py METHOD, which is trace_with_profile or trace_with_monitoring.
"""

import json
import sys
from collections.abc import Generator
from typing import Any, NoReturn

from bench.agent.request_tracer import HandlerLocation, RequestTracer


def rows() -> Generator[int, None, None]:
    try:
        yield 1
        yield 2
    except ValueError:
        yield 3


def handler() -> int:
    return sum(rows())


def wrong() -> NoReturn:
    raise ValueError


def request() -> None:
    handler()
    some = rows()
    next(some)
    some.throw(ValueError)
    some.close()
    try:
        wrong()
    except ValueError:
        handler()


def traced(method: str) -> RequestTracer:
    first_line = handler.__code__.co_firstlineno
    location = HandlerLocation(__file__, first_line, first_line + 1, "")
    tracer = RequestTracer([], [location])
    getattr(tracer, method)(request)
    return tracer


def entered(tracer: RequestTracer) -> list[tuple[str, int]]:
    return [(entry.code.co_name, entry.depth) for entry in tracer.entries]


def summary(tracer: RequestTracer) -> dict[str, Any]:
    """Return what both methods must agree on, as JSON values."""
    return {
        "entered": entered(tracer),
        "before": tracer.calls_before,
        "path": [(frame.function, frame.layer, frame.line) for frame in tracer.call_path],
    }


if __name__ == "__main__":
    print(json.dumps(summary(traced(sys.argv[1]))))
