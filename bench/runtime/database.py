"""Which larder do the applications open, and what are they told?"""

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
REMOVE_HINT = "remove it, so that a new one is made (who is signed in signs in again): rm "
COMMAND_TIMEOUT_SECONDS = 3600.0  # a larder of millions of rows takes its time


def get_database_url(places: Paths) -> str:
    """Return DATABASE_URL, or else the URL of the project's own SQLite file."""
    return os.environ.get("DATABASE_URL") or f"sqlite:///{places.state / DATABASE_FILE}"


def build_settings(
    framework_title: str, places: Paths, database: str, **more: object
) -> Mapping[str, object]:
    """Return an application's settings as a host's order carries them."""
    photos = places.ensure_folder("photos")
    return {
        "database_url": database,
        "photos_dir": str(photos),
        "static_dir": str(places.static),
        "pages_dir": str(places.pages),
        "framework": framework_title,
        "secret": ensure_secret(places),
        **more,
    }


def ensure_secret(places: Paths) -> str:
    """Return the larder's secret, made when there is none yet; raise Missing for a broken one."""
    file = places.ensure_folder() / "secret"
    if not os.path.lexists(file):
        create_secret(file)
    try:
        found = file.read_text(encoding="utf-8").strip()
        if file.stat().st_mode & GROUP_AND_OTHERS:
            file.chmod(0o600)
    except (OSError, ValueError) as error:
        raise DependencyError(
            f"the secret cannot be read: {collapse_whitespace(error)}; {REMOVE_HINT}{file}"
        ) from error
    if len(found) < MIN_SECRET_CHARACTERS or not found.isprintable():
        raise DependencyError(f"{file} holds no whole secret; {REMOVE_HINT}{file}")
    return found


def create_secret(file: Path) -> None:
    """Make the file of a secret: whole or not at all, and one for all who make it at once."""
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
    """Return the order that hosts a framework's application in its own environment."""
    framework = environment.framework
    return LaunchSpec(
        framework.name, environment.python, framework.folder, module, settings=settings
    )


def ensure_database(places: Paths) -> None:
    """Make and seed the project's own larder when it is missing; raise Missing when that fails.

    A database that DATABASE_URL names is somebody's: it is made only by `cookoff larder create`.
    """
    if os.environ.get("DATABASE_URL"):
        return
    with hold_lock(places.ensure_folder() / "larder.lock"):
        if (places.state / DATABASE_FILE).exists():
            return
        # Made beside its place: half a larder, after Ctrl-C, must not pass for one.
        with TemporaryDirectory(dir=places.state) as folder:
            done = run_database_command(["create"], places, f"sqlite:///{folder}/{DATABASE_FILE}")
            if done.returncode:
                raise DependencyError(
                    f"the larder could not be made: {find_last_line(done.stderr)}"
                )
            Path(folder, DATABASE_FILE).rename(places.state / DATABASE_FILE)


def run_database_command(
    arguments: list[str], places: Paths, url: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the larder's own command on the applications' larder or, quietly, on that of a URL."""
    places.ensure_folder()
    return run_command(
        [sys.executable, "-m", "shared_db", *arguments],
        COMMAND_TIMEOUT_SECONDS,
        f"the larder's command {arguments[0]}",
        "end what else uses the database, and run it again",
        environ={**os.environ, "DATABASE_URL": url or get_database_url(places)},
        capture=url is not None,
        cwd=ROOT,
    )
