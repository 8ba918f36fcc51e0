"""A small request for bench/agent/request_tracer.py.

Run: python watched.py HOW, profile or monitor.
"""

import json
import sys

from bench.agent.request_tracer import HandlerLocation, RequestTracer


def rows():
    try:
        yield 1
        yield 2
    except ValueError:
        yield 3


def handler():
    return sum(rows())


def wrong():
    raise ValueError


def request():
    handler()
    some = rows()
    next(some)
    some.throw(ValueError)
    some.close()
    try:
        wrong()
    except ValueError:
        handler()


def watched(how):
    cook = HandlerLocation(
        __file__, handler.__code__.co_firstlineno, handler.__code__.co_firstlineno + 1, ""
    )
    watch = RequestTracer([], [cook])
    getattr(watch, how)(request)
    return watch


def entered(watch):
    return [(entry.code.co_name, entry.depth) for entry in watch.entries]


def seen(watch):
    """Return all that both ways of watching must agree on, fit for JSON."""
    return {
        "entered": entered(watch),
        "before": watch.before,
        "spine": [(stop.function, stop.layer, stop.line) for stop in watch.spine],
    }


if __name__ == "__main__":
    print(json.dumps(seen(watched(sys.argv[1]))))
