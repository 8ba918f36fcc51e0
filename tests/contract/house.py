"""Run the host of an app, each with its own fresh database."""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from bench.core.paths import ROOT, Paths
from bench.frameworks import environments
from bench.frameworks.environments import Environment
from bench.frameworks.manifest import discover_frameworks
from bench.runtime.database import build_launch_spec, build_settings
from bench.runtime.host import Host, get_listener_url, listen, start_host
from bench.runtime.launch_spec import LaunchSpec
from bench.runtime.sandbox import build_command_prefix
from shared_db import Larder as Database
from shared_db import open_larder
from tests.contract.larder import Larder
from tests.contract.stock import Stock
from tests.wsgi_loader import SETTINGS_VARIABLE

NO_HARDENING = '''"""Takes the place of hardening.py, which the site as taught must not need."""


def __getattr__(name):
    def fail(*_, **__):
        raise RuntimeError(f"the site as taught uses hardening.{name}")

    return fail
'''
PAGES = "pages"  # in a copy of an app: its own copy of apps/pages
# The content of files beside the served folders; no address may ever return it.
SECRET = "the recipe nobody may read"  # no password


@dataclass
class House:
    """A running host and its data. The database of an app from another project is unknown."""

    url: str
    host: Host
    log: Path
    folder: Path
    larder: Larder | None = None
    database: Database | None = None
    start_again: Callable[[], Host] | None = None  # on the same socket and database
    app: Path | None = None  # the folder of the app's code
    log_start: int = 0  # the size of the log in bytes when the clause began

    def restart(self) -> None:
        """Kill the host, and start it again on the same socket and database."""
        if self.start_again:
            self.host.kill()
            self.host = self.start_again()

    def mark_log(self) -> None:
        """Remember the end of the log: what follows belongs to the next clause."""
        self.log_start = self.log.stat().st_size

    def list_code(self) -> list[Path]:
        """Return the files of the app's code, relative to its folder."""
        if self.app is None:
            return []
        return [file.relative_to(self.app) for file in self.app.rglob("*") if file.is_file()]

    def measure_cpu(self) -> float:
        """Return the processor time of the host in seconds, 0.0 if the host has ended."""
        return self.host.read_cpu_seconds()

    @property
    def photos(self) -> list[str]:
        """Return the names of all files in the folder of the photos."""
        return sorted(path.name for path in (self.folder / "photos").iterdir())


@dataclass(frozen=True)
class Estate:
    """Start hosts: the folder of the run, the source of databases, and the project's paths."""

    folder: Path
    stock: Stock
    places: Paths = field(default_factory=Paths.from_environ)
    records: Path | None = None  # the folder for the records of the lines that ran
    hardened: bool = True  # False: the sites as taught, without hardening.py
    app_folder: Path | None = None  # a copy of the app to serve in place of apps/NAME
    start_cpu_seconds: int = 0  # see LaunchSpec
    is_sandboxed: bool = False  # the copy of the app may write to the folder of the run alone

    @contextmanager
    def open_house(self, name: str) -> Iterator[House]:
        """Run a framework's app on a seeded database."""
        place, environment = self._furnish(name), self._environment(name)
        with self.stock.larder() as url:
            settings = self._settings(environment, place, url)
            larder = Larder(url)
            larder.remember()
            with self._hosted(
                self._launch_spec(environment, settings, place), place, larder
            ) as house:
                yield house

    @contextmanager
    def open_spare(self, name: str) -> Iterator[House]:
        """Run a framework's app behind HTTPS, with frame-ancestors 'self' and many orders."""
        place, environment = self._furnish(f"{name}-spare"), self._environment(name)
        with self.stock.long_larder() as url:
            settings = self._settings(environment, place, url, frame_ancestors="'self'")
            order = replace(
                self._launch_spec(environment, settings, place),
                app="tests.contract.behind_https:application",
                environ={SETTINGS_VARIABLE: json.dumps(settings)},
            )
            with self._hosted(order, place, Larder(url)) as house:
                yield house

    @contextmanager
    def open_stranger(self, app: str) -> Iterator[House]:
        """Run a WSGI callable, package.module:callable, with the harness's interpreter."""
        place = self._furnish(app.partition(":")[0])
        with self.stock.larder() as url:
            environ = {"DATABASE_URL": url, "PHOTOS_DIR": str(place / "photos")}
            order = LaunchSpec(app, Path(sys.executable), ROOT, app=app, environ=environ)
            with self._hosted(order, place, None) as house:
                yield house

    def _environment(self, name: str) -> Environment:
        return environments.ensure_environment(
            discover_frameworks(self.places.apps).get(name), self.places
        )

    def _furnish(self, name: str) -> Path:
        """Create the folders of a host, and files beside them that no address may return."""
        place = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))
        shutil.copytree(self.places.static, place / "static")
        (place / "photos").mkdir()
        for sibling in ("static-old", "photos-old", "staticfiles"):
            (place / sibling).mkdir()
            (place / sibling / "secret.txt").write_text(SECRET)
        (place / "secret.txt").write_text(SECRET)
        return place

    def _launch_spec(
        self, environment: Environment, settings: Mapping[str, object], place: Path
    ) -> LaunchSpec:
        """Return the spec that launches an app; as taught, a copy of the app without hardening."""
        spec = build_launch_spec(environment, settings)
        if self.hardened:
            return spec
        folder = place / "app"
        original = self.app_folder or environment.framework.folder
        shutil.copytree(original, folder, symlinks=True)
        for file in folder.rglob("hardening.py"):
            file.write_text(NO_HARDENING)
        return replace(
            spec,
            folder=folder,
            start_cpu_seconds=self.start_cpu_seconds,
            command_prefix=build_command_prefix(environment, self.folder)
            if self.is_sandboxed
            else (),
        )

    def _settings(
        self, environment: Environment, place: Path, url: str, **more: str
    ) -> dict[str, object]:
        folders = {"photos_dir": str(place / "photos"), "static_dir": str(place / "static")}
        settings = build_settings(environment.title, self.places, url, hardened=self.hardened)
        if self.app_folder:  # debug: tracebacks of web2py then have the names of files
            settings = {**settings, "debug": True}
            if (self.app_folder / PAGES).is_dir():
                folders["pages_dir"] = str(place / "app" / PAGES)
        return {**settings, **folders, **more}

    @contextmanager
    def _hosted(self, order: LaunchSpec, place: Path, larder: Larder | None) -> Iterator[House]:
        log = place / "log"
        database = open_larder(larder.url, place / "photos") if larder else None
        if self.records:
            order = replace(order, coverage_file=str(self.records / f"{place.name}.coverage"))
        with listen() as listener:
            start = partial(start_host, order, listener, log)
            url = get_listener_url(listener)
            app = order.folder if larder else None  # a stranger has no folder of its own
            house = House(url, start(), log, place, larder, database, start, app)
            try:
                yield house
            finally:
                # The record of lines is written at a regular end; otherwise kill, which is faster.
                house.host.stop() if self.records else house.host.kill()
                if larder and database:
                    database.close()
                    larder.close()
