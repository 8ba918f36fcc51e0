"""Count the function calls of a request by layer.

sys.setprofile reports each call of a Python function and of a built-in function, but nothing inside
compiled code. A function of the standard library counts for the layer that called it. Runs inside a
framework's environment: standard library and waitress only.
"""

import random
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from types import CodeType, FrameType
from typing import Any

from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser
from waitress.task import WSGITask

from bench.agent.prepared_request import Application, PreparedRequest, consume_body

WARMUP_REQUESTS = 20  # so that caches are full, and lazy imports done
SEED = 0  # of the random module while calls are counted, so that counts repeat exactly
LayerRules = Sequence[tuple[str, str]]  # a part of "file:function" of a code, and its layer


class CallCounter:
    """A profile function that counts calls by layer."""

    def __init__(self, layer_rules: LayerRules, outermost_layer: str):
        self.layer_rules, self.stack = layer_rules, [outermost_layer]
        self.python_calls: Counter[str] = Counter()
        self.builtin_calls: Counter[str] = Counter()
        self.layers_by_code: dict[CodeType, str | None] = {}

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        """Count one call, or follow one return."""
        if event == "call":
            current_layer = self.find_layer(frame.f_code) or self.stack[-1]
            self.stack.append(current_layer)
            self.python_calls[current_layer] += 1
        elif event == "return":
            # A function that was entered before the trace started may return within it.
            if len(self.stack) > 1:
                self.stack.pop()
        elif event == "c_call":
            self.builtin_calls[self.stack[-1]] += 1

    def find_layer(self, code: CodeType) -> str | None:
        """Return the layer of a function, None where it counts for the layer of its caller."""
        if code not in self.layers_by_code:
            where = f"{code.co_filename}:{code.co_qualname}"
            matches = (layer for part, layer in self.layer_rules if part in where)
            self.layers_by_code[code] = next(matches, None)
        return self.layers_by_code[code]


def count_calls(
    application: Application,
    prepared: PreparedRequest,
    requests: int,
    layer_rules: LayerRules,
    through_server: bool,
) -> dict[str, Any]:
    """Return the calls of a request by layer: the median of `requests` separate requests."""
    for _ in range(WARMUP_REQUESTS):
        consume_body(application(prepared.copy_environ(), discard_response))
    random.seed(SEED)
    counters = [
        count_request_calls(application, prepared, layer_rules, through_server)
        for _ in range(requests)
    ]
    return {
        "python": compute_median_counts([counter.python_calls for counter in counters]),
        "builtin": compute_median_counts([counter.builtin_calls for counter in counters]),
    }


def compute_median_counts(counts: Sequence[Counter[str]]) -> dict[str, int]:
    """Return the median count of each layer."""
    layers = sorted({layer for request_counts in counts for layer in request_counts})
    return {
        layer: int(statistics.median_low([request_counts[layer] for request_counts in counts]))
        for layer in layers
    }


def count_request_calls(
    application: Application,
    prepared: PreparedRequest,
    layer_rules: LayerRules,
    through_server: bool,
) -> CallCounter:
    """Count the calls of one request, sent to the application directly or through waitress."""
    counter = CallCounter(layer_rules, "server" if through_server else "framework")
    run: Callable[[], object]
    if through_server:
        raw, channel = prepared.to_bytes(), SocketlessChannel(application)
        run = lambda: serve_request(raw, channel)  # noqa: E731
    else:
        environ = prepared.copy_environ()
        run = lambda: consume_body(application(environ, discard_response))  # noqa: E731
    sys.setprofile(counter)
    try:
        run()
    finally:
        sys.setprofile(None)
    return counter


def discard_response(status: str, headers: Any, failure: Any = None) -> Callable[..., Any]:
    """Accept a response as start_response, and ignore it."""
    return len


def serve_request(raw: bytes, channel: "SocketlessChannel") -> None:
    """Parse a request, call the application and write the reply with waitress, but no socket."""
    parser = HTTPRequestParser(channel.adj)
    while raw and not parser.completed:
        raw = raw[parser.received(raw) :]
    WSGITask(channel, parser).service()


class SocketlessChannel:
    """Stands in for a connection of waitress and for its server."""

    addr = ("127.0.0.1", 50000)
    creation_time = 0
    server_name, effective_host, effective_port = "127.0.0.1", "127.0.0.1", "8000"

    def __init__(self, application: Application):
        self.application, self.server = application, self
        self.adj = Adjustments()

    def check_client_disconnected(self) -> bool:
        """Return that the client is still connected."""
        return False

    def write_soon(self, data: Any) -> int:
        """Accept a piece of the reply, or a file; return its size in bytes."""
        return len(data) if isinstance(data, bytes) else len(b"".join(data))
