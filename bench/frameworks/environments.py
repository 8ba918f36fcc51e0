"""Build the virtual environment of each framework from its hashed lock, with uv."""

import hashlib
import json
import os
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

from bench.core.errors import find_last_line
from bench.core.files import hold_lock
from bench.core.paths import ROOT, Paths
from bench.core.processes import TimeLimitError, run_command
from bench.frameworks import version_locks
from bench.frameworks.interpreters import find_interpreter
from bench.frameworks.manifest import Framework
from bench.frameworks.manifest_schema import Source
from bench.frameworks.uv_runner import EnvironmentBuildError as EnvironmentBuildError
from bench.frameworks.uv_runner import NetworkLostError as NetworkLostError
from bench.frameworks.uv_runner import run_uv
from bench.frameworks.version_records import LockRecord

# Every environment has the server, too.
HOST_LOCK = ROOT / "bench" / "requirements" / "host.txt"
STAMP = "cookoff-stamp.json"
SOURCE_RECORD = "cookoff-source"  # the path of the source tree, in the environment's folder
SOURCE_TIMEOUT_SECONDS = 600.0
PARALLEL_BUILDS = 4  # more would only compete for the disk


class SourceUnavailableError(EnvironmentBuildError):
    """The source tree of a framework that is on no package index is not reachable.

    This is not a fault of the project: a command fails only when the user named the framework.
    """


@dataclass(frozen=True)
class Environment:
    """The virtual environment of one framework, ready for use."""

    framework: Framework
    folder: Path
    build_seconds: float  # 0.0 when the environment was already built
    source: Path | None = None  # the source tree of a framework that is on no package index
    record: LockRecord | None = None  # how a pinned version was resolved

    @property
    def python(self) -> Path:
        """Return the path of the environment's interpreter."""
        return self.folder / "bin" / "python"

    @property
    def version(self) -> str:
        """Return the installed version of the framework, or "" when it is not a distribution."""
        if self.framework.version or not self.framework.distribution:
            return self.framework.version
        site_packages = [str(path) for path in self.folder.glob("lib/python*/site-packages")]
        matches = metadata.distributions(name=self.framework.distribution, path=site_packages)
        return next((distribution.version for distribution in matches), "")

    @property
    def python_version(self) -> str:
        """Return the version of the environment's interpreter, as its configuration has it."""
        lines = (self.folder / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
        pairs = (line.partition("=") for line in lines)
        versions = (value for key, _, value in pairs if key.strip().startswith("version"))
        return next(versions, "").strip()

    @property
    def title(self) -> str:
        """Return the framework's title and version, as pages and tables show them."""
        return f"{self.framework.title} {self.version}".strip()


def ensure_all_environments(
    frameworks: Iterable[Framework],
    paths: Paths,
    on_result: Callable[
        [Framework, Environment | EnvironmentBuildError], None
    ] = lambda framework, outcome: None,
) -> dict[str, Environment | EnvironmentBuildError]:
    """Build the missing environments, several in parallel, and return each outcome by name.

    `on_result` is called with each outcome as soon as it is known. A failure does not stop the
    other builds.
    """
    outcomes: dict[str, Environment | EnvironmentBuildError] = {}
    with ThreadPoolExecutor(max_workers=PARALLEL_BUILDS) as pool:
        futures = {
            pool.submit(ensure_environment, framework, paths): framework for framework in frameworks
        }
        try:
            for future in as_completed(futures):
                outcome = collect_outcome(future)
                outcomes[futures[future].name] = outcome
                on_result(futures[future], outcome)
        finally:
            pool.shutdown(cancel_futures=True)  # after Ctrl-C, start no further builds
    return {framework.name: outcomes[framework.name] for framework in futures.values()}


def collect_outcome(future: Future[Environment]) -> Environment | EnvironmentBuildError:
    """Return the environment, or the error that stopped its build."""
    try:
        return future.result()
    except EnvironmentBuildError as error:
        return error


def ensure_environment(framework: Framework, paths: Paths) -> Environment:
    """Return the framework's environment, built if necessary; raise EnvironmentBuildError."""
    started = time.monotonic()
    source = fetch_source(framework, paths)
    with hold_lock(paths.environments / f"{framework.name}.lock"):
        record = version_locks.resolve_lock(framework, paths) if framework.pinned else None
        wanted = compute_fingerprint(framework)
        if ready := find_environment(framework, paths):
            remember_source(ready.folder, source)
            return replace(ready, source=source, record=record)
        folder = paths.environments / framework.name
        build_environment(framework, folder, paths)
        remember_source(folder, source)
        (folder / STAMP).write_text(json.dumps(wanted), encoding="utf-8")
    return Environment(framework, folder, time.monotonic() - started, source, record)


def fetch_source(framework: Framework, paths: Paths, *options: str) -> Path | None:
    """Return the source tree of a framework that is on no package index, fetched if necessary.

    The option --look fetches nothing. Without the variable that names the tree, the tree that the
    environment was built with is used. Raise SourceUnavailableError when the tree is not reachable,
    and EnvironmentBuildError when the tree is not the one that framework.toml names.
    """
    if framework.source is None:
        return None
    lost = reuse_source(framework, framework.source, paths)
    try:
        process = run_source_script(framework.folder / "source.py", *options)
    except TimeLimitError as error:
        raise SourceUnavailableError(f"{framework.name}: {error}") from error
    if process.returncode:
        error_class = (
            SourceUnavailableError
            if process.returncode == SourceUnavailableError.exit_code
            else EnvironmentBuildError
        )
        raise error_class(f"{framework.name}: {lost}{find_last_line(process.stderr)}")
    return Path(process.stdout.strip())


def remember_source(folder: Path, source: Path | None) -> None:
    """Write the source tree of an environment into its folder."""
    if source:
        (folder / SOURCE_RECORD).write_text(str(source), encoding="utf-8")


def reuse_source(framework: Framework, source: Source, paths: Paths) -> str:
    """Set the variable that names the tree to the tree that the environment was built with.

    All processes that the harness starts inherit the variable. Return the beginning of the message
    for a tree that is gone, "" otherwise.
    """
    record = paths.environments / framework.name / SOURCE_RECORD
    if os.environ.get(source.env) or not record.exists():
        return ""
    folder = Path(record.read_text(encoding="utf-8"))
    if not (folder / source.marker).is_file():
        return f"the source {folder} is gone; "
    os.environ[source.env] = str(folder)
    return ""


def run_source_script(script: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the source.py of a framework, which may wait some seconds for the network."""
    command = [sys.executable, str(script), *options]
    return run_command(
        command,
        SOURCE_TIMEOUT_SECONDS,
        "source.py",
        "name a local copy: see the README.md of the app",
    )


def find_environment(framework: Framework, paths: Paths) -> Environment | None:
    """Return the framework's environment when it is built from the current lock, otherwise None."""
    folder = paths.environments / framework.name
    try:
        stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
        current = (folder / "bin" / "python").exists() and stamp == compute_fingerprint(framework)
    except (OSError, ValueError, EnvironmentBuildError):  # not built, half written, or no lock
        return None
    return Environment(framework, folder, 0.0) if current else None


def compute_fingerprint(framework: Framework) -> dict[str, str]:
    """Return what an environment depends on; raise EnvironmentBuildError without a lock."""
    try:
        lock = framework.lock.read_bytes() + HOST_LOCK.read_bytes()
    except OSError as error:
        raise EnvironmentBuildError(
            f"{framework.name}: no lock at {framework.lock}; run: make lock"
        ) from error
    return {
        "lock": hashlib.sha256(lock).hexdigest(),
        "python": framework.python,
        **({"interpreter": framework.pinned.python} if framework.pinned else {}),
        "harness": f"{platform.python_version()} {Path(sys.executable).resolve()}",
    }


def build_environment(framework: Framework, folder: Path, paths: Paths) -> None:
    """Build the environment from the lock; raise EnvironmentBuildError with uv's reason."""
    log, locks = paths.prepare_log_path(f"setup-{framework.name}"), (framework.lock, HOST_LOCK)
    log.unlink(missing_ok=True)
    for arguments in (
        ["venv", "--clear", "--python", choose_python(framework, log), str(folder)],
        ["pip", "sync", "--python", str(folder), "--require-hashes", *map(str, locks)],
    ):
        run_uv(arguments, framework.name, log)


def choose_python(framework: Framework, log: Path) -> str:
    """Return the interpreter of an environment, as uv takes it; raise EnvironmentBuildError."""
    if framework.pinned and framework.pinned.python:
        return str(find_interpreter(framework.pinned.python, framework.name, log))
    # Prefer the harness's interpreter, so that frameworks are compared on the same Python.
    fits = SpecifierSet(framework.python).contains(platform.python_version(), prereleases=True)
    return sys.executable if fits else framework.python
