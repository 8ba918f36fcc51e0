"""Provide the database, the secret and the settings of the applications."""

import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.core.errors import DependencyError, collapse_whitespace, find_last_line
from bench.core.files import hold_lock
from bench.core.paths import ROOT, Paths
from bench.core.private_files import GROUP_AND_OTHERS, open_private
from bench.core.processes import run_command
from bench.frameworks.environments import Environment
from bench.runtime.launch_spec import LaunchSpec

DATABASE_FILE = "larder.sqlite3"  # in the folder of the run-time state
MIN_SECRET_CHARACTERS = 32
REMOVE_HINT = "remove it to create a new secret (users must sign in again): rm "
COMMAND_TIMEOUT_SECONDS = 3600.0  # for a database of millions of rows


def get_database_url(paths: Paths) -> str:
    """Return DATABASE_URL, or the URL of the project's SQLite file when it is not set."""
    return os.environ.get("DATABASE_URL") or f"sqlite:///{paths.state / DATABASE_FILE}"


def build_settings(
    framework_title: str, paths: Paths, database: str, **more: object
) -> Mapping[str, object]:
    """Return the settings of an application as a launch spec contains them."""
    photos = paths.ensure_folder("photos")
    return {
        "database_url": database,
        "photos_dir": str(photos),
        "static_dir": str(paths.static),
        "pages_dir": str(paths.pages),
        "framework": framework_title,
        "secret": ensure_secret(paths),
        **more,
    }


def ensure_secret(paths: Paths) -> str:
    """Return the secret for sessions, created if necessary; raise DependencyError."""
    file = paths.ensure_folder() / "secret"
    if not os.path.lexists(file):
        create_secret(file)
    try:
        secret = file.read_text(encoding="utf-8").strip()
        if file.stat().st_mode & GROUP_AND_OTHERS:
            file.chmod(0o600)
    except (OSError, ValueError) as error:
        raise DependencyError(
            f"the secret cannot be read: {collapse_whitespace(error)}; {REMOVE_HINT}{file}"
        ) from error
    if len(secret) < MIN_SECRET_CHARACTERS or not secret.isprintable():
        raise DependencyError(f"{file} does not contain a complete secret; {REMOVE_HINT}{file}")
    return secret


def create_secret(file: Path) -> None:
    """Create the file of the secret atomically; concurrent processes get the same secret."""
    draft = file.with_name(f".secret-{secrets.token_hex(8)}")
    try:
        with open(draft, "x", encoding="ascii", opener=open_private) as written:
            written.write(secrets.token_hex(32))
            written.flush()
            os.fsync(written.fileno())
        try:
            os.link(draft, file)
        except FileExistsError:
            return  # another process was faster
        except OSError:  # a file system without hard links
            draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)


def build_launch_spec(
    environment: Environment, settings: Mapping[str, object], module: str = "app"
) -> LaunchSpec:
    """Return the spec that launches a framework's application in its environment."""
    framework = environment.framework
    return LaunchSpec(
        framework.name, environment.python, framework.folder, module, settings=settings
    )


def ensure_database(paths: Paths) -> None:
    """Create and seed the project's SQLite file when it is missing; raise DependencyError.

    The database of DATABASE_URL belongs to the user: only `cookoff database create` changes it.
    """
    if os.environ.get("DATABASE_URL"):
        return
    with hold_lock(paths.ensure_folder() / "larder.lock"):
        if (paths.state / DATABASE_FILE).exists():
            return
        # Created in a temporary folder: after Ctrl-C, a partial database must not be used.
        with TemporaryDirectory(dir=paths.state) as folder:
            url = f"sqlite:///{folder}/{DATABASE_FILE}"
            process = run_database_command(["create"], paths, url)
            if process.returncode:
                reason = find_last_line(process.stderr)
                raise DependencyError(
                    f"the database could not be created: {reason}; run: cookoff database create"
                )
            Path(folder, DATABASE_FILE).rename(paths.state / DATABASE_FILE)


def run_database_command(
    arguments: list[str], paths: Paths, url: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command of shared_db on the applications' database, or on a URL and capture output."""
    paths.ensure_folder()
    return run_command(
        [sys.executable, "-m", "shared_db", *arguments],
        COMMAND_TIMEOUT_SECONDS,
        f"the database command {arguments[0]}",
        "end other programs that use the database, and run the command again",
        environ={**os.environ, "DATABASE_URL": url or get_database_url(paths)},
        capture=url is not None,
        cwd=ROOT,
    )
