"""Which larder do the applications open, and what are they told?"""

import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.core.errors import Missing, last_line, one_line
from bench.core.files import locked
from bench.core.paths import ROOT, Places
from bench.core.private_files import OTHERS, opener
from bench.core.processes import run_command
from bench.frameworks.environments import Environment
from bench.runtime.launch_spec import Order

OWN = "larder.sqlite3"  # in the folder of the run-time state
LEAST_SECRET_CHARACTERS = 32
REMOVE = "remove it, so that a new one is made (who is signed in signs in again): rm "
MANAGE_SECONDS = 3600.0  # a larder of millions of rows takes its time


def database_url(places: Places) -> str:
    """Return DATABASE_URL, or else the URL of the project's own SQLite file."""
    return os.environ.get("DATABASE_URL") or f"sqlite:///{places.state / OWN}"


def settings_for(
    framework_title: str, places: Places, database: str, **more: object
) -> Mapping[str, object]:
    """Return an application's settings as a host's order carries them."""
    photos = places.folder("photos")
    return {
        "database_url": database,
        "photos_dir": str(photos),
        "static_dir": str(places.static),
        "pages_dir": str(places.pages),
        "framework": framework_title,
        "secret": secret(places),
        **more,
    }


def secret(places: Places) -> str:
    """Return the larder's secret, made when there is none yet; raise Missing for a broken one."""
    file = places.folder() / "secret"
    if not os.path.lexists(file):
        create_secret(file)
    try:
        found = file.read_text(encoding="utf-8").strip()
        if file.stat().st_mode & OTHERS:
            file.chmod(0o600)
    except (OSError, ValueError) as error:
        raise Missing(f"the secret cannot be read: {one_line(error)}; {REMOVE}{file}") from error
    if len(found) < LEAST_SECRET_CHARACTERS or not found.isprintable():
        raise Missing(f"{file} holds no whole secret; {REMOVE}{file}")
    return found


def create_secret(file: Path) -> None:
    """Make the file of a secret: whole or not at all, and one for all who make it at once."""
    draft = file.with_name(f".secret-{secrets.token_hex(8)}")
    try:
        with open(draft, "x", encoding="ascii", opener=opener) as written:
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


def order_for(
    environment: Environment, settings: Mapping[str, object], module: str = "app"
) -> Order:
    """Return the order that hosts a framework's application in its own environment."""
    framework = environment.framework
    return Order(framework.name, environment.python, framework.folder, module, settings=settings)


def stock(places: Places) -> None:
    """Make and seed the project's own larder when it is missing; raise Missing when that fails.

    A database that DATABASE_URL names is somebody's: it is made only by `cookoff larder create`.
    """
    if os.environ.get("DATABASE_URL"):
        return
    with locked(places.folder() / "larder.lock"):
        if (places.state / OWN).exists():
            return
        # Made beside its place: half a larder, after Ctrl-C, must not pass for one.
        with TemporaryDirectory(dir=places.state) as folder:
            done = manage(["create"], places, f"sqlite:///{folder}/{OWN}")
            if done.returncode:
                raise Missing(f"the larder could not be made: {last_line(done.stderr)}")
            Path(folder, OWN).rename(places.state / OWN)


def manage(
    arguments: list[str], places: Places, url: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the larder's own command on the applications' larder or, quietly, on that of a URL."""
    places.folder()
    return run_command(
        [sys.executable, "-m", "shared_db", *arguments],
        MANAGE_SECONDS,
        f"the larder's command {arguments[0]}",
        "end what else uses the database, and run it again",
        environ={**os.environ, "DATABASE_URL": url or database_url(places)},
        capture=url is not None,
        cwd=ROOT,
    )
