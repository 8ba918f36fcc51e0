"""Measure how many requests a second the load generator itself can send."""

import sys
from pathlib import Path

from bench.core import entrypoints
from bench.core.cpu_affinity import pin_server
from bench.measure.load.open_loop_generator import LoadGenerator
from bench.runtime import process
from bench.runtime.host import listen
from bench.runtime.launch_spec import LaunchSpec
from bench.runtime.process import ManagedProcess

REQUEST_COUNT = 20_000
REQUIRED_HEADROOM = 5  # the generator's capacity divided by the highest rate of a measurement
REQUEST = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def capacity_rps(log: Path, requests: int = REQUEST_COUNT) -> float:
    """Return how many requests a second the generator sends to the null server.

    All requests are due at once, so that the generator never waits for the next due time.
    """
    launch_spec = LaunchSpec("the null server", Path(sys.executable))
    with listen() as listener:
        server = process.start_process(
            lambda: ManagedProcess(entrypoints.NULL_SERVER, launch_spec, log, listener),
            launch_spec.name,
            20.0,
        )
        try:
            pin_server(server.pid)
            result = LoadGenerator(listener.getsockname(), REQUEST, [0.0] * requests).run()
        finally:
            server.kill()
    return result.answered / result.seconds
