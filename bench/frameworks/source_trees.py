"""Build a wheel from a checkout, a source archive or a wheel, and identify a checkout's state.

A checkout is copied first, because build backends write into the folder that they build. The wheel
is stored by the digest of its source, so an unchanged checkout is built once.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from bench.core.files import digest_files
from bench.core.paths import Paths
from bench.core.processes import run_command
from bench.frameworks.uv_runner import EnvironmentBuildError, NetworkLostError, run_uv
from bench.frameworks.version_specs import VersionSpec

GIT_TIMEOUT_SECONDS = 60.0
# Folders that builds, tests and editors write; in a repository, .gitignore decides instead.
GENERATED = {
    ".git", ".hg", ".mypy_cache", ".nox", ".pytest_cache", ".ruff_cache", ".tox", ".venv",
    "__pycache__", "build", "dist", "node_modules", "venv",
}  # fmt: skip


@dataclass(frozen=True)
class SourceState:
    """The state of the source that a version was built from."""

    digest: str  # SHA-256 of the file, or of the checkout's files
    commit: str = ""  # of a checkout in a git repository
    is_dirty: bool = False  # whether the checkout differs from its commit


def build_wheel(
    spec: VersionSpec, distribution: str, name: str, paths: Paths, log: Path
) -> tuple[Path, SourceState]:
    """Return a wheel of the version and the state of its source; raise EnvironmentBuildError."""
    assert spec.path
    state = read_state(spec.path)
    folder = paths.ensure_folder("wheels") / f"{name}-{state.digest[:16]}"
    if not (built := sorted(folder.glob("*.whl"))):
        folder.mkdir(exist_ok=True)
        if spec.kind == "wheel":
            shutil.copy(spec.path, folder)
        else:
            build_source(spec.path, folder, name, log)
        built = sorted(folder.glob("*.whl"))
    check_distribution(built[0], distribution, name, spec.path)
    return built[0], state


def build_source(source: Path, folder: Path, name: str, log: Path) -> None:
    """Build a wheel of a checkout or a source archive; raise EnvironmentBuildError."""
    with TemporaryDirectory(prefix="cookoff-build-") as temporary:
        if source.is_dir():
            check_project(source, name)
            copy = Path(temporary, source.name)
            copy_tree(source, copy)
            source = copy
        # A build backend that asks git for the version must not write to the checkout's index.
        environ = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
        command = ["build", "--wheel", "--python", sys.executable, "--out-dir", str(folder)]
        try:
            run_uv([*command, str(source)], name, log, environ)
        except NetworkLostError:
            raise
        except EnvironmentBuildError as error:
            reason = str(error).removeprefix(f"{name}: ").replace(temporary, "")
            raise EnvironmentBuildError(f"{name}: no wheel can be built: {reason}") from error


def check_project(source: Path, name: str) -> None:
    """Raise EnvironmentBuildError for a folder that is not the source of a distribution."""
    if not any((source / file).is_file() for file in ("pyproject.toml", "setup.py")):
        raise EnvironmentBuildError(
            f"{name}: {source} has no pyproject.toml and no setup.py, so no wheel can be built"
        )


def check_distribution(wheel: Path, distribution: str, name: str, source: Path) -> None:
    """Raise EnvironmentBuildError unless the wheel is one of this distribution."""
    try:
        built, *_ = parse_wheel_filename(wheel.name)
    except InvalidWheelFilename as error:
        raise EnvironmentBuildError(f"{name}: {source.name} is not named as a wheel is") from error
    if built != canonicalize_name(distribution):
        raise EnvironmentBuildError(f"{name}: {source} is {built}, not {distribution}")


def read_state(source: Path) -> SourceState:
    """Return the state of a file or a checkout."""
    if source.is_file():
        return SourceState(hashlib.sha256(source.read_bytes()).hexdigest())
    commit = run_git(source, "rev-parse", "HEAD").strip()
    changes = run_git(source, "status", "--porcelain", "--", ".").strip()
    digest = digest_files(source, list_tree(source))
    return SourceState(digest, commit, bool(commit and changes))


def list_tree(source: Path) -> list[Path]:
    """Return the files of a checkout, sorted, without ignored and generated files."""
    listed = run_git(source, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    files = {source / file for file in listed.split("\0") if file} if listed else walk_tree(source)
    return sorted(file for file in files if file.is_file())


def walk_tree(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that is no repository, without generated files."""
    for path in folder.iterdir():
        if path.name in GENERATED or path.name.endswith((".egg-info", ".pyc")):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from walk_tree(path)
        else:
            yield path


def copy_tree(source: Path, copy: Path) -> None:
    """Copy the files of a checkout; the copy shares the repository, for versions from git."""
    for file in list_tree(source):
        target = copy / file.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, target)
    repository = source / ".git"
    if repository.is_dir():
        (copy / ".git").symlink_to(repository)
    elif repository.is_file():
        shutil.copy2(repository, copy / ".git")


def run_git(folder: Path, *arguments: str) -> str:
    """Return the output of git in a folder, "" without git or outside of a repository."""
    command = ["git", "-C", str(folder), *arguments]
    environ = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        run: subprocess.CompletedProcess[str] = run_command(
            command, GIT_TIMEOUT_SECONDS, "git", "name a smaller checkout", environ
        )
    except OSError:  # git is not installed
        return ""
    return run.stdout if run.returncode == 0 else ""
