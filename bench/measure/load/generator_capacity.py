"""Is the generator quick enough not to be what is measured?"""

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
REQUIRED_HEADROOM = 5  # times the quickest target that the generator must be
REQUEST = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def capacity_rps(log: Path, requests: int = REQUEST_COUNT) -> float:
    """Return how many requests a second the generator gets through against a trivial server.

    All requests are due at once, so that it never waits for the time to come.
    """
    order = LaunchSpec("the trivial server", Path(sys.executable))
    with listen() as listener:
        child = process.start_process(
            lambda: ManagedProcess(entrypoints.NULL_SERVER, order, log, listener), order.name, 20.0
        )
        try:
            pin_server(child.pid)
            outcome = LoadGenerator(listener.getsockname(), REQUEST, [0.0] * requests).run()
        finally:
            child.kill()
    return outcome.answered / outcome.seconds
