"""How many requests a second does a server answer when all connections ask without a pause?

A closed loop, by wrk: it tells the peak, not what a guest waits.
"""

import re
import shutil
from dataclasses import dataclass

from bench.core.cpu_affinity import build_taskset_prefix
from bench.core.errors import CookoffError, DependencyError, collapse_whitespace, find_last_line
from bench.core.processes import run_command
from bench.measure.load.targets import Target

REQUESTS_PATTERN = re.compile(r"^\s*(\d+) requests in ", re.MULTILINE)
RATE_PATTERN = re.compile(r"^Requests/sec:\s*([\d.]+)", re.MULTILINE)
ERRORS_PATTERN = re.compile(r"^\s*(Non-2xx or 3xx responses|Socket errors): (.*)$", re.MULTILINE)

MARGIN_SECONDS = 60.0  # that wrk may take on top of the load itself


@dataclass(frozen=True)
class Slice:
    """One stretch of load."""

    rps: float
    cpu_microseconds: float  # of the server's processes, per request


def require_wrk() -> None:
    """Raise Missing where wrk is not installed."""
    if not shutil.which("wrk"):
        raise DependencyError("wrk is missing; install it (Debian: apt-get install wrk)")


def measure_slice(target: Target, path: str, connections: int, seconds: float) -> Slice:
    """Put a target under load; raise Trouble when a reply was wrong, or wrk never ends."""
    command = [
        *build_taskset_prefix(),
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{max(1, round(seconds))}s",
    ]
    before = target.read_cpu_seconds()
    try:
        done = run_command(
            [*command, "--timeout", "10s", target.url + path],
            seconds + MARGIN_SECONDS,
            f"{target.name}: wrk",
            "see whether the machine is busy, and measure again",
        )
    except OSError as error:
        raise CookoffError(f"{target.name}: wrk: {collapse_whitespace(error)}") from error
    if done.returncode:
        raise CookoffError(f"{target.name}: wrk: {find_last_line(done.stderr or done.stdout)}")
    return parse_slice(done.stdout, target.read_cpu_seconds() - before, target.name)


def parse_slice(said: str, cpu_seconds: float, name: str) -> Slice:
    """Return what wrk's own words say; raise Trouble when they tell of errors, or of nothing."""
    if errors := ERRORS_PATTERN.search(said):
        raise CookoffError(f"{name}: under load: {errors[1]}: {errors[2]}")
    requests, rate = REQUESTS_PATTERN.search(said), RATE_PATTERN.search(said)
    if requests is None or rate is None or not (int(requests[1]) and float(rate[1])):
        raise CookoffError(f"{name}: under load no request was answered")
    return Slice(float(rate[1]), cpu_seconds / int(requests[1]) * 1e6)
