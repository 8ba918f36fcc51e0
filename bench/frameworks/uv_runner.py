"""Run uv, and report its errors in one line."""

import re
from collections.abc import Mapping
from pathlib import Path

from uv import find_uv_bin

from bench.core.errors import DependencyError, collapse_whitespace
from bench.core.private_files import open_private
from bench.core.processes import TimeLimitError, run_command

# A slow network takes minutes; uv itself gives up a connection without data.
UV_TIMEOUT_SECONDS = 900.0
# In uv's errors without a network, or with UV_OFFLINE.
NO_NETWORK = re.compile("error sending request|dns error|tcp connect|network was disabled")
# Called before any thread starts: on Python 3.11 sysconfig, which uv reads, is initialised on first
# use, and another thread may read it half initialised.
UV = find_uv_bin()
UV_COMMAND = (UV, "--color", "never", "--no-progress")


class EnvironmentBuildError(DependencyError):
    """An environment that could not be built; the message names the framework and the cause."""


class NetworkLostError(EnvironmentBuildError):
    """The package index is not reachable; all environments that are missing fail alike."""


def run_uv(
    arguments: list[str], name: str, log: Path, environ: Mapping[str, str] | None = None
) -> str:
    """Run uv, append its output to the log, and return its standard output.

    Raise EnvironmentBuildError with uv's reason.
    """
    command = [*UV_COMMAND, *arguments]
    title = " ".join(("uv", *arguments[: 2 if arguments[0] == "pip" else 1]))
    try:
        process = run_command(
            command,
            UV_TIMEOUT_SECONDS,
            title,
            f"try again: cookoff setup (log: {log})",
            environ=environ,
        )
    except TimeLimitError as error:
        raise EnvironmentBuildError(f"{name}: {error}") from error
    with open(log, "a", encoding="utf-8", opener=open_private) as file:
        file.write(f"$ uv {' '.join(arguments)}\n{process.stdout}{process.stderr}")
    if process.returncode and NO_NETWORK.search(process.stderr):
        raise NetworkLostError(
            f"{name}: no network: the package index cannot be reached (log: {log})"
        )
    if process.returncode:
        raise EnvironmentBuildError(
            f"{name}: {extract_reason(process.stderr)} (full output: {log})"
        )
    return process.stdout


def extract_reason(stderr: str) -> str:
    """Return uv's error as one line, without preceding warnings and line-drawing characters."""
    lines = stderr.strip().splitlines() or ["uv gave no reason"]
    starts = (i for i, line in enumerate(lines) if line.lstrip().startswith(("error:", "×")))
    return collapse_whitespace(
        " ".join(lines[next(starts, 0) :]).translate(dict.fromkeys(map(ord, "×╰─▶│├")))
    )
