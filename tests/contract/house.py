"""Where does a site come from? Hosts an app on a fresh larder of its own."""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.core.paths import ROOT, Paths
from bench.frameworks import environments
from bench.frameworks.environments import Environment
from bench.frameworks.manifest import discover_frameworks
from bench.runtime.database import build_launch_spec, build_settings
from bench.runtime.host import Host, get_listener_url, listen, start_host
from bench.runtime.launch_spec import LaunchSpec
from tests.contract.larder import Larder
from tests.contract.stock import Stock
from tests.wsgi_loader import SETTINGS_VARIABLE

# What no address may ever give away; it lies beside the folders that are served.
SECRET = "the recipe nobody may read"  # no password


@dataclass
class House:
    """A running host, and what lies behind it. An app from elsewhere has no known larder."""

    url: str
    host: Host
    log: Path
    folder: Path
    larder: Larder | None = None

    @property
    def photos(self) -> list[str]:
        """Return the names of all files in the folder of the photos."""
        return sorted(path.name for path in (self.folder / "photos").iterdir())


@dataclass(frozen=True)
class Estate:
    """What every house needs: a folder for the run, the project's places, where larders are."""

    folder: Path
    stock: Stock
    places: Paths = field(default_factory=Paths.from_environ)
    records: Path | None = None  # the folder that takes down which lines ran

    @contextmanager
    def open_house(self, name: str) -> Iterator[House]:
        """Host a framework's app on a seeded larder."""
        place, environment = self._furnish(name), self._environment(name)
        with self.stock.larder() as url:
            settings = self._settings(environment, place, url)
            larder = Larder(url)
            larder.remember()
            with self._hosted(build_launch_spec(environment, settings), place, larder) as house:
                yield house

    @contextmanager
    def open_spare(self, name: str) -> Iterator[House]:
        """Host it behind https, framed by its own site, with a long history of orders."""
        place, environment = self._furnish(f"{name}-spare"), self._environment(name)
        with self.stock.long_larder() as url:
            settings = self._settings(environment, place, url, frame_ancestors="'self'")
            order = replace(
                build_launch_spec(environment, settings),
                app="tests.contract.behind_https:application",
                environ={SETTINGS_VARIABLE: json.dumps(settings)},
            )
            with self._hosted(order, place, Larder(url)) as house:
                yield house

    @contextmanager
    def open_stranger(self, app: str) -> Iterator[House]:
        """Host a WSGI callable, package.module:callable, with the harness's interpreter."""
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
        """Make the folders of a house, each beside one that nobody may look into."""
        place = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))
        shutil.copytree(self.places.static, place / "static")
        (place / "photos").mkdir()
        for sibling in ("static-old", "photos-old", "staticfiles"):
            (place / sibling).mkdir()
            (place / sibling / "secret.txt").write_text(SECRET)
        (place / "secret.txt").write_text(SECRET)
        return place

    def _settings(
        self, environment: Environment, place: Path, url: str, **more: str
    ) -> dict[str, str]:
        folders = {"photos_dir": str(place / "photos"), "static_dir": str(place / "static")}
        return {**build_settings(environment.title, self.places, url), **folders, **more}

    @contextmanager
    def _hosted(self, order: LaunchSpec, place: Path, larder: Larder | None) -> Iterator[House]:
        log = place / "log"
        if self.records:
            order = replace(order, record=str(self.records / f"{place.name}.coverage"))
        with listen() as listener:
            host = start_host(order, listener, log)
            try:
                yield House(get_listener_url(listener), host, log, place, larder)
            finally:
                # What ran is written down at the end; else nobody waits for a tidy one.
                host.stop() if self.records else host.kill()
                if larder:
                    larder.close()
