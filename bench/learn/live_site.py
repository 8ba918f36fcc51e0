"""Serve the working copy for the browser, on a database of its own."""

from dataclasses import dataclass, field
from pathlib import Path

import shared_db
from bench.core.errors import CookoffError
from bench.core.paths import Paths
from bench.frameworks import environments
from bench.learn.progress import STATE_FOLDER
from bench.learn.working_copy import PAGES, WorkingCopy
from bench.runtime import database
from bench.runtime.host import Host, get_listener_url, listen, start_host
from bench.runtime.launch_spec import LaunchSpec

START_TIMEOUT_SECONDS = 20.0


@dataclass
class LiveSite:
    """The site of the working copy in a browser; it starts again when the code has changed."""

    copy: WorkingCopy
    paths: Paths
    host: Host | None = field(default=None, init=False)

    def open(self) -> str:
        """Start the site if it does not run, and return its address; raise CookoffError."""
        if not (self.host and self.host.is_running):
            self.close()
            with listen() as listener:
                self.host = start_host(
                    self.build_spec(), listener, self.paths.prepare_log_path("learn"),
                    START_TIMEOUT_SECONDS,
                )  # fmt: skip
                return get_listener_url(listener)
        return self.host.url

    def build_spec(self) -> LaunchSpec:
        """Return what the host loads: the working copy as taught, with a seeded database."""
        folder = self.copy.folder / STATE_FOLDER
        file = folder / database.DATABASE_FILE
        if not file.exists():
            part = file.with_suffix(".part")
            shared_db.create(f"sqlite:///{part}")
            part.rename(file)
        environment = environments.ensure_environment(self.copy.original, self.paths)
        settings = dict(
            database.build_settings(
                environment.title, self.paths, f"sqlite:///{file}", hardened=False
            )
        )
        settings["photos_dir"] = str(make_photos_folder(folder))
        if (self.copy.folder / PAGES).is_dir():
            settings["pages_dir"] = str(self.copy.folder / PAGES)
        return LaunchSpec(
            self.copy.original.name, environment.python, self.copy.folder, settings=settings
        )

    def reload(self) -> str:
        """Start the site again after a change, if it runs; return why it does not start, or ""."""
        if not self.host:
            return ""
        self.close()
        try:
            self.open()
        except CookoffError as error:
            return str(error)
        return ""

    def close(self) -> None:
        """Stop the site."""
        if self.host:
            self.host.kill()
            self.host = None


def make_photos_folder(folder: Path) -> Path:
    """Return the folder of the uploaded photos, created if necessary."""
    photos = folder / "photos"
    photos.mkdir(exist_ok=True)
    return photos
