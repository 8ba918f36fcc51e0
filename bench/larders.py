"""Which larder do the applications open, and what are they told?"""

import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.environments import Environment, locked
from bench.hosting import Order
from bench.places import ROOT, Places
from bench.troubles import Missing, last_line

OWN = "larder.sqlite3"  # in the folder of the run-time state


def database_url(places: Places) -> str:
    """Return DATABASE_URL, or else the URL of the project's own SQLite file."""
    return os.environ.get("DATABASE_URL") or f"sqlite:///{places.state / OWN}"


def settings_for(
    framework_title: str, places: Places, database: str, **more: object
) -> Mapping[str, object]:
    """Return an application's settings as a host's order carries them."""
    photos = places.state / "photos"
    photos.mkdir(parents=True, exist_ok=True)
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
    """Return the larder's secret, made when there is none yet."""
    file = places.state / "secret"
    with locked(places.state / "secret.lock"):
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_hex(32), encoding="ascii")
    return file.read_text(encoding="ascii")


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
    with locked(places.state / "larder.lock"):
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
    places.state.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "shared_db", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url or database_url(places)},
        capture_output=url is not None,
        text=True,
    )
