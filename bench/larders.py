"""Which larder do the applications open, and what are they told?"""

import os
import secrets
import subprocess
import sys
from collections.abc import Mapping

from bench.environments import Environment, locked
from bench.hosting import Order
from bench.places import ROOT, Places
from bench.troubles import Missing, last_line


def database_url(places: Places) -> str:
    """Return DATABASE_URL, or else the URL of the project's own SQLite file."""
    own = f"sqlite:///{places.state / 'larder.sqlite3'}"
    return os.environ.get("DATABASE_URL") or own


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
        if (places.state / "larder.sqlite3").exists():
            return
        done = manage(["create"], places, capture_output=True)
    if done.returncode:
        raise Missing(f"the larder could not be made: {last_line(done.stderr)}")


def manage(
    arguments: list[str], places: Places, capture_output: bool = False
) -> "subprocess.CompletedProcess[str]":
    """Run the larder's own command on the larder that applications open."""
    places.state.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "shared_db", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url(places)},
        capture_output=capture_output,
        text=True,
    )
