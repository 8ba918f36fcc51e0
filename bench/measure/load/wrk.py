"""Measure the peak throughput of a server with wrk.

wrk is a closed loop: all connections send without a pause. The result is the peak, not the time
that a client waits.
"""

import re
import shutil
from dataclasses import dataclass, replace

from bench.core.cpu_affinity import build_taskset_prefix
from bench.core.errors import CookoffError, DependencyError, collapse_whitespace, find_last_line
from bench.core.processes import run_command
from bench.measure.load.targets import Target

REQUESTS_PATTERN = re.compile(r"^\s*(\d+) requests in ", re.MULTILINE)
RATE_PATTERN = re.compile(r"^Requests/sec:\s*([\d.]+)", re.MULTILINE)
ERRORS_PATTERN = re.compile(r"^\s*(Non-2xx or 3xx responses|Socket errors): (.*)$", re.MULTILINE)

MARGIN_SECONDS = 60.0  # that wrk may take in addition to the load itself


@dataclass(frozen=True)
class Slice:
    """One short period of load."""

    rps: float
    cpu_microseconds: float  # of the server's processes, per request
    peak_mib: float | None = None  # of the server since its start


def require_wrk() -> None:
    """Raise DependencyError when wrk is not installed."""
    if not shutil.which("wrk"):
        raise DependencyError("wrk is missing; install it (Debian: apt-get install wrk)")


def measure_slice(target: Target, path: str, connections: int, seconds: float) -> Slice:
    """Put a target under load; raise CookoffError for wrong replies, or when wrk does not end."""
    command = [
        *build_taskset_prefix(),
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{max(1, round(seconds))}s",
    ]
    before = target.read_cpu_seconds()
    try:
        process = run_command(
            [*command, "--timeout", "10s", target.url + path],
            seconds + MARGIN_SECONDS,
            f"{target.name}: wrk",
            "check whether the machine is busy, then measure again",
        )
    except OSError as error:
        raise CookoffError(f"{target.name}: wrk: {collapse_whitespace(error)}") from error
    if process.returncode:
        reason = find_last_line(process.stderr or process.stdout)
        raise CookoffError(f"{target.name}: wrk: {reason}")
    measured = parse_slice(process.stdout, target.read_cpu_seconds() - before, target.name)
    return replace(measured, peak_mib=target.read_peak_mib())


def parse_slice(output: str, cpu_seconds: float, name: str) -> Slice:
    """Parse the output of wrk; raise CookoffError when it reports errors or no request."""
    if errors := ERRORS_PATTERN.search(output):
        raise CookoffError(f"{name}: under load: {errors[1]}: {errors[2]}")
    requests, rate = REQUESTS_PATTERN.search(output), RATE_PATTERN.search(output)
    if requests is None or rate is None or not (int(requests[1]) and float(rate[1])):
        raise CookoffError(f"{name}: no request was answered under load")
    return Slice(float(rate[1]), cpu_seconds / int(requests[1]) * 1e6)
