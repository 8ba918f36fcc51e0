"""Is each framework's environment built from its lock, and if not, why not?"""

import hashlib
import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

from packaging.specifiers import SpecifierSet
from uv import find_uv_bin

from bench.core.errors import DependencyError, collapse_whitespace, find_last_line
from bench.core.files import hold_lock
from bench.core.paths import ROOT, Paths
from bench.core.private_files import open_private
from bench.core.processes import TimeLimitError, run_command
from bench.frameworks.manifest import Framework

# What every environment holds beside its framework: the server.
HOST_LOCK = ROOT / "bench" / "requirements" / "host.txt"
STAMP = "cookoff-stamp.json"
UV_TIMEOUT_SECONDS = (
    900.0  # a slow network takes minutes; uv gives up a connection that brings nothing
)
SOURCE_TIMEOUT_SECONDS = 600.0
PARALLEL_BUILDS = 4  # at once; more only fight over the disk
# Found once, before there are threads: on Python 3.11 sysconfig, which uv asks, fills itself while
# another thread may already read it.
UV = find_uv_bin()


class EnvironmentBuildError(DependencyError):
    """An environment that could not be built: which framework's, and why."""


class SourceUnavailableError(EnvironmentBuildError):
    """A framework that is on no index, and whose source tree is out of reach.

    That is nobody's fault: it fails a command only when the framework was asked for by name.
    """


@dataclass(frozen=True)
class Environment:
    """One framework's virtual environment, ready for use."""

    framework: Framework
    folder: Path
    build_seconds: float  # that building took; 0.0 when nothing had to be done
    source: Path | None = None  # the framework's source tree, when it is on no index

    @property
    def python(self) -> Path:
        """Return the path of its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def version(self) -> str:
        """Return the framework's version as installed here, or "" when it is no distribution."""
        if self.framework.version or not self.framework.distribution:
            return self.framework.version
        site_packages = [str(path) for path in self.folder.glob("lib/python*/site-packages")]
        found = metadata.distributions(name=self.framework.distribution, path=site_packages)
        return next((one.version for one in found), "")

    @property
    def title(self) -> str:
        """Return the framework's name and version, as pages and tables show it."""
        return f"{self.framework.title} {self.version}".strip()


def ensure_all_environments(
    frameworks: Iterable[Framework],
    places: Paths,
    on_result: Callable[
        [Framework, Environment | EnvironmentBuildError], None
    ] = lambda framework, outcome: None,
) -> dict[str, Environment | EnvironmentBuildError]:
    """Build what is missing, several at a time, and return the outcome of each by name.

    `told` is called with each outcome as it comes. One failure does not stop the others.
    """
    outcomes: dict[str, Environment | EnvironmentBuildError] = {}
    with ThreadPoolExecutor(max_workers=PARALLEL_BUILDS) as pool:
        futures = {pool.submit(ensure_environment, one, places): one for one in frameworks}
        try:
            for future in as_completed(futures):
                outcome = collect_outcome(future)
                outcomes[futures[future].name] = outcome
                on_result(futures[future], outcome)
        finally:
            pool.shutdown(cancel_futures=True)  # after Ctrl-C, begin no further ones
    return {one.name: outcomes[one.name] for one in futures.values()}


def collect_outcome(future: Future[Environment]) -> Environment | EnvironmentBuildError:
    """Return the environment, or the reason why there is none."""
    try:
        return future.result()
    except EnvironmentBuildError as error:
        return error


def ensure_environment(framework: Framework, places: Paths) -> Environment:
    """Return the framework's environment, built now if it is not already; raise NotBuilt."""
    started = time.monotonic()
    source = fetch_source(framework)
    wanted = compute_fingerprint(framework)
    with hold_lock(places.environments / f"{framework.name}.lock"):
        if ready := find_environment(framework, places):
            return replace(ready, source=source)
        folder = places.environments / framework.name
        build_environment(framework, folder, places)
        (folder / STAMP).write_text(json.dumps(wanted), encoding="utf-8")
    return Environment(framework, folder, time.monotonic() - started, source)


def fetch_source(framework: Framework, *options: str) -> Path | None:
    """Return the source tree of a framework that is on no index, fetched now if need be.

    With the option --look nothing is fetched. Raises SourceMissing when the tree is out of reach,
    and NotBuilt when what is there is not what framework.toml names.
    """
    if framework.source is None:
        return None
    try:
        done = run_source_script(framework.folder / "source.py", *options)
    except TimeLimitError as error:
        raise SourceUnavailableError(f"{framework.name}: {error}") from error
    if done.returncode:
        kind = (
            SourceUnavailableError
            if done.returncode == SourceUnavailableError.exit_code
            else EnvironmentBuildError
        )
        raise kind(f"{framework.name}: {find_last_line(done.stderr)}")
    return Path(done.stdout.strip())


def run_source_script(script: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a framework's own source.py, which may wait some seconds for the network."""
    command = [sys.executable, str(script), *options]
    return run_command(
        command, SOURCE_TIMEOUT_SECONDS, "source.py", "name a copy, as its README.md tells"
    )


def find_environment(framework: Framework, places: Paths) -> Environment | None:
    """Return the framework's environment when it is built, from the lock as it is now."""
    folder = places.environments / framework.name
    try:
        stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
        current = (folder / "bin" / "python").exists() and stamp == compute_fingerprint(framework)
    except (
        OSError,
        ValueError,
        EnvironmentBuildError,
    ):  # never built, half written, or without a lock
        return None
    return Environment(framework, folder, 0.0) if current else None


def compute_fingerprint(framework: Framework) -> dict[str, str]:
    """Return all that an environment depends on; raise NotBuilt when there is no lock."""
    try:
        lock = framework.lock.read_bytes() + HOST_LOCK.read_bytes()
    except OSError as error:
        raise EnvironmentBuildError(
            f"{framework.name}: no lock at {framework.lock}; run: make lock"
        ) from error
    return {
        "lock": hashlib.sha256(lock).hexdigest(),
        "python": framework.python,
        "harness": f"{platform.python_version()} {Path(sys.executable).resolve()}",
    }


def build_environment(framework: Framework, folder: Path, places: Paths) -> None:
    """Make the environment from the lock; raise NotBuilt with uv's own reason."""
    log, locks = places.prepare_log_path(f"setup-{framework.name}"), (framework.lock, HOST_LOCK)
    log.unlink(missing_ok=True)
    # The harness's own interpreter where it fits, so that frameworks are compared on the same one.
    fits = SpecifierSet(framework.python).contains(platform.python_version(), prereleases=True)
    python = sys.executable if fits else framework.python
    for arguments in (
        ["venv", "--clear", "--python", python, str(folder)],
        ["pip", "sync", "--python", str(folder), "--require-hashes", *map(str, locks)],
    ):
        run_uv(arguments, framework.name, log)


def run_uv(arguments: list[str], name: str, log: Path) -> None:
    """Run uv, keeping all it says in the log; raise NotBuilt with what went wrong."""
    command = [UV, "--color", "never", "--no-progress", *arguments]
    words = " ".join(("uv", *arguments[: 2 if arguments[0] == "pip" else 1]))
    try:
        done = run_command(
            command, UV_TIMEOUT_SECONDS, words, f"try again: cookoff setup (log: {log})"
        )
    except TimeLimitError as error:
        raise EnvironmentBuildError(f"{name}: {error}") from error
    with open(log, "a", encoding="utf-8", opener=open_private) as file:
        file.write(f"$ uv {' '.join(arguments)}\n{done.stdout}{done.stderr}")
    if done.returncode:
        raise EnvironmentBuildError(f"{name}: {extract_reason(done.stderr)} (all of it: {log})")


def extract_reason(stderr: str) -> str:
    """Return uv's error in one line, without the warnings before it and the lines it draws."""
    lines = stderr.strip().splitlines() or ["uv gave no reason"]
    starts = (i for i, line in enumerate(lines) if line.lstrip().startswith(("error:", "×")))
    return collapse_whitespace(
        " ".join(lines[next(starts, 0) :]).translate(dict.fromkeys(map(ord, "×╰─▶│├")))
    )
